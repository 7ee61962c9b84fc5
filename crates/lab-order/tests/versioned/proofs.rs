//! What holds is proved, and what is left open is said.

use std::collections::BTreeSet;

use fastrand::Rng;
use lab_order::{OpenWatch, left_open, linearize, verify_order};

use crate::checked::check_and_verify;
use crate::oracle::{disturb, has_order, is_ambiguous};
use crate::simulation::{Plan, Run, simulate};
use crate::{PLAN, SEEDS};

#[test]
fn the_order_of_a_correct_history_can_be_replayed() {
    for seed in 0..SEEDS {
        let run = simulate(Plan { keys: false, ..PLAN }, seed);
        let order = linearize(&run.records).unwrap();
        verify_order(&run.records, &order).unwrap();
        let mut wrong = order.clone();
        wrong.reverse();
        assert!(verify_order(&run.records, &wrong).is_err(), "seed {seed}");
    }
}

#[test]
fn a_history_holds_where_brute_force_finds_an_order() {
    let plan = Plan {
        clients: 4,
        tasks: 3,
        operations: 14,
        keys: false,
        filters: false,
        counts: false,
        ..PLAN
    };
    let mut random = Rng::with_seed(11);
    let mut counts = [0; 2];
    let mut ambiguous = 0;
    for seed in 0..20 * SEEDS {
        let mut records = simulate(plan, seed).records;
        for record in &mut records {
            (record.content, record.status) = (0, None);
        }
        if seed % 8 > 0 {
            disturb(&mut records, &mut random);
        }
        let expected = has_order(&records);
        for every in [3, usize::MAX] {
            let findings = check_and_verify(&records, every);
            let about = || format!("seed {seed}, every {every}: {findings:#?} {records:#?}");
            if !expected && findings.is_empty() && is_ambiguous(&records) {
                ambiguous += 1;
                continue;
            }
            assert_eq!(findings.is_empty(), expected, "{}", about());
        }
        counts[usize::from(expected)] += 1;
    }
    assert!(counts.iter().all(|count| *count as u64 > SEEDS), "{counts:?}");
    assert!(ambiguous < 10, "{ambiguous} were left open");
}

#[test]
fn what_is_open_of_a_history_that_goes_on_is_what_is_open_of_the_whole() {
    let mut found = BTreeSet::new();
    for seed in 0..SEEDS {
        let plan = Plan { crashes: 0, operations: 30 + seed as usize % 60, tasks: 2, ..PLAN };
        let Run { records, .. } = simulate(plan, seed);
        let whole = left_open(&records);
        for every in [1, 7, 50] {
            let mut watch = OpenWatch::new();
            for (at, record) in records.iter().enumerate() {
                watch.push(record);
                let rest = &records[at + 1..];
                let is_within_list = rest.first().is_some_and(|it| it.answered == record.answered);
                if at % every == 0 && !is_within_list {
                    watch.settle(rest.iter().map(|it| it.invoked).min().unwrap_or(u64::MAX));
                }
            }
            assert_eq!(watch.finish(), whole, "seed {seed}, every {every}");
        }
        found.extend(whole);
    }
    assert!(found.len() >= 2, "{found:?}");
}
