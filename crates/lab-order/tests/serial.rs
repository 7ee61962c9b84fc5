//! Histories that were made one transaction after another are proved to be right, and those with
//! one read out of order are not.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashMap;

use fastrand::Rng;
use lab_check::Budget;
use lab_history::{Event, Kind};
use lab_order::{
    Isolation, Transactions, TransactionsBuilder, Values, check_transactions, verify_serial,
};
use serde_json::{Value, json};

const PROCESSES: u64 = 8;
const KEYS: usize = 6;

/// Transactions that take effect one after another, each at one moment of its time. With `is_torn`
/// the reads of one in the middle see nothing of what was before.
fn history(random: &mut Rng, values: Values, count: usize, mut is_torn: bool) -> Transactions {
    let mut state: HashMap<usize, Vec<u32>> = HashMap::new();
    let mut free_from = [0_u64; PROCESSES as usize];
    let mut events = Vec::new();
    let mut element = 0;
    for number in 0..count {
        let process = random.usize(..free_from.len());
        let moment = (number as u64 + 1) * 100;
        let invoked = free_from[process].max(moment.saturating_sub(random.u64(1..800)));
        let invoked = invoked.min(moment);
        let ended = moment + random.u64(1..800);
        if free_from[process] >= moment {
            continue;
        }
        free_from[process] = ended + 1;
        let is_blind = is_torn && number >= count / 2;
        is_torn &= !is_blind;
        let step = |_| {
            let key = random.usize(..KEYS);
            let value = state.entry(key).or_default();
            if random.bool() && !is_blind {
                element += 1;
                if values == Values::Registers {
                    value.clear();
                }
                value.push(element);
                let name = if values == Values::Lists { "append" } else { "w" };
                return json!([name, key, element]);
            }
            let seen = if is_blind { &[][..] } else { value };
            match values {
                Values::Lists => json!(["r", key, seen]),
                Values::Registers => json!(["r", key, seen.first()]),
            }
        };
        let steps: Value = (0..4).map(step).collect();
        events.push((invoked, process, Kind::Invoke, steps.clone()));
        events.push((ended, process, Kind::Ok, steps));
    }
    events.sort_by_key(|(place, ..)| *place);
    let mut builder = TransactionsBuilder::new(values);
    for (place, process, kind, value) in events {
        let (process, function) = (process as u64, "txn".to_owned());
        let event = Event { process, kind, function, key: None, value, time_ns: Some(place) };
        builder.push(&event).unwrap();
    }
    builder.finish()
}

fn check(transactions: &Transactions) -> Isolation {
    check_transactions(transactions, Budget::default())
}

#[test]
fn what_was_made_in_order_is_proved_by_an_order() {
    for values in [Values::Lists, Values::Registers] {
        let mut random = Rng::with_seed(5);
        let mut proved = 0;
        for case in 0..100 {
            let transactions = history(&mut random, values, 300, false);
            let isolation = check(&transactions);
            assert!(isolation.found.is_empty(), "case {case}: {:#?}", isolation.found);
            if let Some(order) = isolation.order {
                assert_eq!(verify_serial(&transactions, &order), Ok(()), "case {case}");
                proved += 1;
            }
        }
        assert_eq!(proved, 100, "{values:?}");
    }
}

#[test]
fn what_sees_nothing_in_the_middle_is_not_proved() {
    for values in [Values::Lists, Values::Registers] {
        let mut random = Rng::with_seed(6);
        for case in 0..50 {
            let isolation = check(&history(&mut random, values, 300, true));
            assert_eq!(isolation.order, None, "case {case}");
            assert!(!isolation.found.is_empty(), "case {case}");
        }
    }
}
