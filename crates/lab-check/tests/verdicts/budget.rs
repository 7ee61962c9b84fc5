//! What a check says when its budget is spent.

use std::time::Duration;

use lab_check::{Budget, Limit, Queue, Register, Unknown, Verdict, check};
use lab_history::{Event, Kind};
use serde_json::{Value, json};

use crate::verify::built;

fn event(process: u64, key: u32, kind: Kind, function: &str, value: Value) -> Event {
    let (key, function) = (Some(json!(key)), function.to_owned());
    Event { process, kind, function, key, value, time_ns: None }
}

/// An operation on `key` that is answered, then `clients` that enqueue all at once: each order is
/// another queue, and nobody says which one it was.
fn hard(clients: u64) -> Vec<Event> {
    let mut events: Vec<Event> =
        [Kind::Invoke, Kind::Ok].map(|kind| event(0, 0, kind, "enqueue", json!("first"))).into();
    for kind in [Kind::Invoke, Kind::Ok] {
        events.extend((0..clients).map(|client| event(client, 0, kind, "enqueue", json!(client))));
    }
    events
}

fn unknown(events: &[Event], budget: Budget) -> Unknown {
    match check(&built(events), &mut Queue::new(), budget).unwrap() {
        Verdict::Unknown(unknown) => unknown,
        verdict => panic!("{verdict:?}"),
    }
}

#[test]
fn without_time_nothing_is_proved() {
    let budget = Budget { time: Duration::ZERO, ..Budget::default() };
    let expected = Unknown { why: Limit::Time, proved_events: 0, configurations: 0 };
    assert_eq!(unknown(&hard(30), budget), expected);
}

#[test]
fn when_the_memory_is_spent_what_is_proved_stays_proved() {
    let budget = Budget { memory_bytes: 1 << 20, ..Budget::default() };
    let unknown = unknown(&hard(30), budget);
    assert_eq!((unknown.why, unknown.proved_events), (Limit::Memory, 32));
    assert!(unknown.configurations > 1000, "{unknown:?}");
}

#[test]
fn memory_that_does_not_hold_the_operations_is_said_to_be_spent() {
    let budget = Budget { memory_bytes: 64, ..Budget::default() };
    let expected = Unknown { why: Limit::Memory, proved_events: 0, configurations: 0 };
    assert_eq!(unknown(&hard(30), budget), expected);
}

#[test]
fn a_part_that_is_too_hard_does_not_hide_the_violation_of_another() {
    let mut events = hard(30);
    events.push(event(0, 1, Kind::Invoke, "dequeue", Value::Null));
    events.push(event(0, 1, Kind::Ok, "dequeue", json!(7)));
    let budget = Budget { memory_bytes: 64 << 20, ..Budget::default() };
    let verdict = check(&built(&events), &mut Queue::new(), budget).unwrap();
    let Verdict::Violated(violation) = verdict else { panic!("{verdict:?}") };
    assert_eq!(violation.operations, [31]);
}

#[test]
fn a_time_that_no_clock_can_tell_is_no_limit() {
    let events =
        [event(0, 0, Kind::Invoke, "write", json!(1)), event(0, 0, Kind::Ok, "write", Value::Null)];
    let budget = Budget { time: Duration::MAX, ..Budget::default() };
    let verdict = check(&built(&events), &mut Register::default(), budget).unwrap();
    assert!(matches!(verdict, Verdict::Holds(_)), "{verdict:?}");
}

#[test]
fn what_is_no_operation_of_the_object_is_named() {
    let events = [event(0, 0, Kind::Invoke, "pop", Value::Null)];
    let misfit = check(&built(&events), &mut Queue::new(), Budget::default()).unwrap_err();
    let expected = "event 0: no function `pop` is known; expected enqueue or dequeue";
    assert_eq!(misfit.to_string(), expected);
}
