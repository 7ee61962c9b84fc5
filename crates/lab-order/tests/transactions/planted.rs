//! Right histories with one thing wrong woven in: it is called by its name, and by no other but
//! those that follow from it.

use lab_check::Budget;
use lab_history::Kind::{Fail, Ok as Done};
use lab_order::{Isolation, Transactions, Values, check_transactions, verify_serial};

use crate::lines::{LISTS, Line, REGISTERS};
use crate::links::is_cycle;
use crate::story::{Story, is_woven};

const SEEDS: u64 = 1000;

/// What is woven in, and all that is found then.
struct Plant {
    lines: &'static [Line],
    found: &'static [&'static str],
}

const fn plant(found: &'static [&'static str], lines: &'static [Line]) -> Plant {
    Plant { lines, found }
}

/// What a transaction saw is wrong alone.
const OF_READS: &[Plant] = &[
    plant(&["G1a"], &[(0, 0, 9, Fail, "wx1"), (1, 1, 9, Done, "rx1")]),
    plant(&["garbage-read"], &[(0, 0, 9, Done, "rx7")]),
    plant(&["internal"], &[(0, 0, 9, Done, "wx1 rx")]),
    plant(&["duplicate-elements"], &[(0, 0, 9, Done, "wx1"), (1, 1, 9, Done, "wx1")]),
];

const OF_READ_LISTS: &[Plant] = &[
    // Of a list it is known that the second element came after the read.
    plant(&["G1b", "G-single"], &[(0, 0, 9, Done, "wx1 wx2"), (1, 1, 9, Done, "rx1")]),
    plant(
        &["incompatible-order"],
        &[
            (0, 0, 9, Done, "wx1"),
            (1, 1, 9, Done, "wx2"),
            (2, 2, 9, Done, "rx12"),
            (3, 3, 9, Done, "rx2"),
        ],
    ),
    // The last element that is read is not the last one that was written.
    plant(&["incompatible-order", "G1b"], &[(0, 0, 9, Done, "wx1 wx2"), (1, 1, 9, Done, "rx21")]),
];

const OF_READ_REGISTERS: &[Plant] =
    &[plant(&["G1b"], &[(0, 0, 9, Done, "wx1 wx2"), (1, 1, 9, Done, "rx1")])];

const CYCLES: &[Plant] = &[
    plant(&["G1c"], &[(0, 0, 9, Done, "wx1 ry2"), (1, 1, 9, Done, "wy2 rx1")]),
    plant(&["G-single"], &[(0, 0, 9, Done, "wx1 wy1"), (1, 1, 9, Done, "rx ry1")]),
    plant(
        &["G-nonadjacent"],
        &[
            (0, 0, 9, Done, "wx1"),
            (1, 1, 9, Done, "wy1"),
            (2, 2, 9, Done, "rx1 ry"),
            (3, 3, 9, Done, "rx ry1"),
        ],
    ),
    plant(
        &["G2-item"],
        &[(0, 0, 9, Done, "rx wy1"), (1, 1, 9, Done, "ry wx1"), (2, 2, 9, Done, "rx1 ry1")],
    ),
];

const CYCLES_OF_LISTS: &[Plant] = &[
    plant(
        &["G0"],
        &[(0, 0, 9, Done, "wx1 wy1"), (1, 1, 9, Done, "wx2 wy2"), (2, 2, 9, Done, "rx12 ry21")],
    ),
    plant(
        &["lost-update", "G-single"],
        &[(0, 0, 9, Done, "rx wx1"), (1, 1, 9, Done, "rx wx2"), (2, 2, 9, Done, "rx12")],
    ),
];

const CYCLES_OF_REGISTERS: &[Plant] = &[
    plant(&["G0"], &[(0, 0, 9, Done, "wx1 ry2 wy1"), (1, 1, 9, Done, "wy2 rx1 wx2")]),
    // Of registers it is not known who wrote first.
    plant(
        &["lost-update", "G2-item"],
        &[(0, 0, 9, Done, "rx wx1"), (1, 1, 9, Done, "rx wx2"), (2, 2, 9, Done, "rx2")],
    ),
];

/// Cycles that need the order in which client 0 did two things.
const CYCLES_OF_A_CLIENT: &[Plant] = &[
    plant(&["G1c-process"], &[(0, 0, 1, Done, "rx1"), (0, 2, 3, Done, "wx1")]),
    plant(&["G-single-process"], &[(0, 0, 1, Done, "wx1"), (0, 2, 3, Done, "rx")]),
    plant(
        &["G-nonadjacent-process"],
        &[
            (0, 0, 3, Done, "wx1"),
            (1, 1, 8, Done, "wy1"),
            (2, 2, 9, Done, "rx ry1"),
            (0, 4, 10, Done, "ry"),
        ],
    ),
    plant(
        &["G2-item-process"],
        &[(0, 0, 3, Done, "wy1"), (1, 1, 9, Done, "wx1 ry"), (0, 4, 10, Done, "rx")],
    ),
];

const CYCLES_OF_A_CLIENT_OF_LISTS: &[Plant] = &[plant(
    &["G0-process"],
    &[(0, 0, 1, Done, "wx1"), (0, 2, 3, Done, "wx2"), (1, 4, 5, Done, "rx21")],
)];

const CYCLES_OF_A_CLIENT_OF_REGISTERS: &[Plant] =
    &[plant(&["G0-process"], &[(0, 0, 1, Done, "rx2 wx1"), (0, 2, 3, Done, "wx2")])];

/// Cycles that need that one transaction had ended before another began.
const CYCLES_IN_TIME: &[Plant] = &[
    plant(&["G1c-realtime"], &[(0, 0, 1, Done, "rx1"), (1, 2, 3, Done, "wx1")]),
    plant(&["G-single-realtime"], &[(0, 0, 1, Done, "wx1"), (1, 2, 3, Done, "rx")]),
    plant(
        &["G-nonadjacent-realtime"],
        &[
            (0, 0, 3, Done, "wx1"),
            (1, 1, 8, Done, "wy1"),
            (2, 2, 9, Done, "rx ry1"),
            (3, 4, 10, Done, "ry"),
        ],
    ),
    plant(
        &["G2-item-realtime"],
        &[(0, 0, 3, Done, "wy1"), (1, 1, 9, Done, "wx1 ry"), (2, 4, 10, Done, "rx")],
    ),
];

const CYCLES_IN_TIME_OF_LISTS: &[Plant] = &[plant(
    &["G0-realtime"],
    &[(0, 0, 1, Done, "wx1"), (1, 2, 3, Done, "wx2"), (2, 4, 5, Done, "rx21")],
)];

const CYCLES_IN_TIME_OF_REGISTERS: &[Plant] = &[
    plant(&["G0-realtime"], &[(0, 0, 1, Done, "rx2 wx1"), (1, 2, 3, Done, "wx2")]),
    // Nobody knows which of the two was written first, and neither order explains all three.
    plant(
        &["no-order-realtime"],
        &[
            (0, 0, 3, Done, "wx1"),
            (1, 1, 3, Done, "wx2"),
            (2, 4, 5, Done, "rx1"),
            (3, 6, 7, Done, "rx2"),
            (4, 8, 9, Done, "rx1"),
        ],
    ),
];

#[test]
fn what_a_transaction_saw_wrongly_is_named() {
    are_named(LISTS, &[OF_READS, OF_READ_LISTS]);
    are_named(REGISTERS, &[OF_READS, OF_READ_REGISTERS]);
}

#[test]
fn each_cycle_is_named_by_its_edges() {
    are_named(LISTS, &[CYCLES, CYCLES_OF_LISTS]);
    are_named(REGISTERS, &[CYCLES, CYCLES_OF_REGISTERS]);
}

#[test]
fn a_cycle_through_the_order_of_a_client_says_so() {
    are_named(LISTS, &[CYCLES_OF_A_CLIENT, CYCLES_OF_A_CLIENT_OF_LISTS]);
    are_named(REGISTERS, &[CYCLES_OF_A_CLIENT, CYCLES_OF_A_CLIENT_OF_REGISTERS]);
}

#[test]
fn a_cycle_through_real_time_says_so() {
    are_named(LISTS, &[CYCLES_IN_TIME, CYCLES_IN_TIME_OF_LISTS]);
    are_named(REGISTERS, &[CYCLES_IN_TIME, CYCLES_IN_TIME_OF_REGISTERS]);
}

/// Whether each of so many histories is right, and what is woven into it is all that is found.
fn are_named(values: Values, plants: &[&[Plant]]) {
    for seed in 0..SEEDS {
        let story = Story::new(values, seed, 10 + seed % 20);
        let right = story.transactions();
        let isolation = check_transactions(&right, Budget::default());
        let proof = isolation.order.map(|order| verify_serial(&right, &order));
        assert_eq!(proof, Some(Ok(())), "seed {seed}: {:#?} {right:#?}", isolation.found);
        for plant in plants.iter().copied().flatten() {
            let mut story = story.clone();
            story.weave(plant.lines);
            let transactions = story.transactions();
            let isolation = check_transactions(&transactions, Budget::default());
            let found: Vec<String> = isolation.found.keys().map(ToString::to_string).collect();
            let about = || format!("{values:?} seed {seed}: {isolation:#?} {transactions:#?}");
            assert_eq!(found, plant.found, "{}", about());
            assert!(is_what_was_woven(&transactions, &isolation), "{}", about());
        }
    }
}

/// Whether each instance is about what was woven in, and each cycle is there.
fn is_what_was_woven(transactions: &Transactions, isolation: &Isolation) -> bool {
    isolation.found.iter().all(|(phenomenon, instance)| {
        let mut about = instance.transactions.iter().map(|at| is_woven(transactions, *at));
        if instance.links.is_empty() {
            return about.all(|is_woven| is_woven);
        }
        about.any(|is_woven| is_woven) && is_cycle(transactions, *phenomenon, instance)
    })
}
