//! Histories that brute force cannot look at: their certificates can still be verified.

use fastrand::Rng;
use lab_check::{Register, Verdict};
use lab_history::{Event, Kind};
use serde_json::{Value, json};

use crate::generate::{Plan, events};
use crate::model::Model;
use crate::verify;

const MODELS: [Model; 6] = [
    Model::Register { unique: false },
    Model::Register { unique: true },
    Model::Cas,
    Model::KeyValue,
    Model::Set,
    Model::Queue,
];

/// The verdict on a correct object, verified.
fn holds(model: Model, plan: Plan, seed: u64) {
    let history = verify::built(&events(model, plan, &mut Rng::with_seed(seed)));
    for by_search in [false, true] {
        let verdict = verify::verdict(model, &history, by_search);
        let what = format!("{model:?} seed {seed} by search {by_search}");
        assert!(matches!(verdict, Verdict::Holds(_)), "{what}: {verdict:?}");
        let wrong = verify::wrong_with(model, &history, &verdict, 0);
        assert_eq!(wrong, None, "{what}");
    }
}

#[test]
fn a_long_history_of_a_correct_object_holds_and_its_order_can_be_verified() {
    let plan = Plan { operations: 300, processes: 4, keys: 3, lies: 0, crashes: 1 };
    for model in MODELS {
        (0..20).for_each(|seed| holds(model, plan, seed));
    }
}

#[test]
fn steps_that_nobody_needs_are_forgotten_and_the_order_is_still_right() {
    let plan = Plan { operations: 20_000, processes: 5, keys: 1, lies: 0, crashes: 0 };
    for model in &MODELS[..3] {
        holds(*model, plan, 1);
    }
}

/// `clients` write another value each, all at once; then the value of one of them is read, and
/// after it, where `again`, one that was written before that.
fn crowd(clients: u64, again: bool) -> Vec<Event> {
    let event = |process, kind, function: &str, value: Value| {
        let (key, function) = (None, function.to_owned());
        Event { process, kind, function, key, value, time_ns: None }
    };
    let mut events = Vec::new();
    for kind in [Kind::Invoke, Kind::Ok] {
        let value = |client: u64| if kind == Kind::Invoke { json!(client) } else { Value::Null };
        events.extend((0..clients).map(|client| event(client, kind, "write", value(client))));
    }
    for seen in [clients / 2, clients / 3].into_iter().take(1 + usize::from(again)) {
        events.push(event(0, Kind::Invoke, "read", Value::Null));
        events.push(event(0, Kind::Ok, "read", json!(seen)));
    }
    events
}

#[test]
fn there_is_no_limit_to_how_many_operations_overlap() {
    for clients in [60, 65, 130, 1000] {
        for again in [false, true] {
            let history = verify::built(&crowd(clients, again));
            let model = Model::Register { unique: true };
            let verdict = verify::verdict(model, &history, true);
            assert_eq!(matches!(verdict, Verdict::Holds(_)), !again, "{clients}: {verdict:?}");
            assert_eq!(verify::wrong_with(model, &history, &verdict, 0), None);
        }
    }
}

#[test]
fn what_crashed_takes_no_room_for_ever() {
    let mut crowd = crowd(300, false);
    crowd.retain(|event| event.kind == Kind::Invoke || event.function == "read");
    let history = verify::built(&crowd[..300]);
    let budget = lab_check::Budget::default();
    let verdict = lab_check::check_by_search(&history, &mut Register::default(), budget).unwrap();
    let Verdict::Holds(order) = &verdict else { panic!("{verdict:?}") };
    assert_eq!(order.parts().map(|part| part.order.len()).sum::<usize>(), 0);
}
