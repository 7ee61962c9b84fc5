//! Correct histories that end in an anomaly: it is found, called by its name, and shown in few
//! operations.

use std::time::Duration;

use fastrand::Rng;
use lab_check::{Budget, Core, History, Name, Object, Verdict};
use lab_history::{Event, Kind};
use lab_task::Anomaly;
use serde_json::{Value, json};

use crate::generate::{Plan, events};
use crate::model::Model;
use crate::verify;

const SEEDS: u64 = 1000;
/// No random history has this value or a larger one.
const FRESH: u64 = 1000;
/// Nor this process.
const PROCESS: u64 = 1 << 20;

/// A correct history, and what is done after it.
struct Story {
    events: Vec<Event>,
    rng: Rng,
    /// What is done is about this one.
    key: u64,
}

impl Story {
    fn new(model: Model, seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let (operations, crashes) = (rng.u32(5..30), rng.u32(0..5));
        let plan = Plan { operations, processes: 4, keys: 2, lies: 0, crashes };
        // Nobody knows what is left in a queue, and what comes behind it shows late.
        let key = if model == Model::Queue { FRESH } else { 0 };
        Self { events: events(model, plan, &mut rng), rng, key }
    }

    fn event(&mut self, process: u64, kind: Kind, function: &str, value: Value) {
        let (process, key) = (PROCESS + process, Some(json!(self.key)));
        let function = function.to_owned();
        self.events.push(Event { process, kind, function, key, value, time_ns: None });
    }

    /// Process 0 asks and is answered.
    fn done(&mut self, function: &str, asked: Value, answered: Value) {
        self.by(0, function, asked, answered);
    }

    fn by(&mut self, process: u64, function: &str, asked: Value, answered: Value) {
        self.event(process, Kind::Invoke, function, asked);
        self.event(process, Kind::Ok, function, answered);
    }

    /// Up to three changes with values of their own.
    fn some(&mut self, function: &str) -> u64 {
        let count = self.rng.u64(0..3);
        let fresh = FRESH + 100;
        (fresh..fresh + count).for_each(|value| self.done(function, json!(value), Value::Null));
        count
    }

    /// Up to three texts that are put, and not got.
    fn some_texts(&mut self) -> u64 {
        let count = self.rng.u64(0..3);
        (0..count).for_each(|at| self.done("put", json!(format!("t{at}")), Value::Null));
        count
    }

    /// Up to three elements that are taken as they came.
    fn some_taken(&mut self) {
        for at in 0..self.rng.u64(0..3) {
            self.done("enqueue", json!(FRESH + 100 + at), Value::Null);
            self.done("dequeue", Value::Null, json!(FRESH + 100 + at));
        }
    }

    /// The set that has nothing in it.
    fn emptied(&mut self) {
        (0..3).for_each(|element| self.done("remove", json!(element), Value::Null));
    }

    fn history(&self) -> History {
        verify::built(&self.events)
    }
}

fn name_of(object: Object, history: &History, what: &str) -> Option<Name> {
    let verdict = object.check(history, Budget::default()).unwrap();
    let Verdict::Violated(violation) = verdict else { panic!("{what}: {verdict:?}") };
    let core = object.core(history, &violation, Duration::MAX).unwrap();
    assert!(core.is_minimal() && core.kept().len() <= 6, "{what}: {core:?}");
    let shown = core.shown(history);
    let Verdict::Violated(again) = object.check(&shown, Budget::default()).unwrap() else {
        panic!("{what}: what is shown is no violation: {core:?}")
    };
    let again = object.core(&shown, &again, Duration::MAX).unwrap();
    let anomaly = |core: &Core| core.name().map(|name| name.anomaly);
    // That an element was there before or came later is shown by operations that no core needs.
    if !matches!(object, Object::Set | Object::Queue) {
        assert_eq!(anomaly(&again), anomaly(&core), "{what}: {core:?}\n{again:?}");
    }
    core.name()
}

/// Whether every story that `plant` ends has `anomaly` for its name. It gives how many changes old
/// what is read at the end is.
fn is_named(anomaly: Anomaly, object: Object, model: Model, plant: fn(&mut Story) -> Option<u64>) {
    for seed in 0..SEEDS {
        let mut story = Story::new(model, seed);
        let holding = object.check(&story.history(), Budget::default()).unwrap();
        assert!(matches!(holding, Verdict::Holds(_)), "seed {seed}: {holding:?}");
        let versions = plant(&mut story);
        let what = format!("{object} seed {seed}");
        let name = name_of(object, &story.history(), &what);
        assert_eq!(name.map(|name| name.anomaly), Some(anomaly), "{what}: {:#?}", story.events);
        let age = name.and_then(|name| name.age).map(|age| age.versions);
        assert_eq!(age, versions, "{what}: {:#?}", story.events);
    }
}

fn in_every_register(anomaly: Anomaly, plant: fn(&mut Story) -> Option<u64>) {
    is_named(anomaly, Object::Register, Model::Register { unique: true }, plant);
    is_named(anomaly, Object::Register, Model::Register { unique: false }, plant);
    is_named(anomaly, Object::CasRegister, Model::Cas, plant);
}

fn in_kv(anomaly: Anomaly, plant: fn(&mut Story) -> Option<u64>) {
    is_named(anomaly, Object::KeyValue, Model::KeyValue, plant);
}

fn in_set(anomaly: Anomaly, plant: fn(&mut Story) -> Option<u64>) {
    is_named(anomaly, Object::Set, Model::Set, plant);
}

fn in_queue(anomaly: Anomaly, plant: fn(&mut Story) -> Option<u64>) {
    is_named(anomaly, Object::Queue, Model::Queue, plant);
}

#[test]
fn a_stale_read_is_named_with_its_age() {
    in_every_register(Anomaly::StaleRead, |story| {
        story.done("write", json!(FRESH), Value::Null);
        story.done("write", json!(FRESH + 1), Value::Null);
        let more = story.some("write");
        story.by(1, "read", Value::Null, json!(FRESH));
        Some(1 + more)
    });
    // What an append leads to is not known, and so not either how many came after it.
    in_kv(Anomaly::StaleRead, |story| {
        story.done("put", json!("a"), Value::Null);
        story.done("append", json!("b"), Value::Null);
        story.some_texts();
        story.by(1, "get", Value::Null, json!("a"));
        Some(1)
    });
    in_set(Anomaly::StaleRead, |story| {
        story.done("add", json!(FRESH), Value::Null);
        story.some("add");
        story.by(1, "contains", json!(FRESH), json!(false));
        story.by(2, "contains", json!(FRESH), json!(true));
        Some(1)
    });
    in_queue(Anomaly::StaleRead, |story| {
        story.some_taken();
        story.done("enqueue", json!(FRESH), Value::Null);
        story.by(1, "dequeue", Value::Null, Value::Null);
        story.by(2, "dequeue", Value::Null, json!(FRESH));
        Some(1)
    });
}

#[test]
fn a_non_monotonic_read_is_named() {
    in_every_register(Anomaly::NonMonotonicRead, |story| {
        story.done("write", json!(FRESH), Value::Null);
        story.event(0, Kind::Invoke, "write", json!(FRESH + 1));
        story.by(1, "read", Value::Null, json!(FRESH + 1));
        story.by(1, "read", Value::Null, json!(FRESH));
        story.event(0, Kind::Ok, "write", Value::Null);
        Some(1)
    });
    in_kv(Anomaly::NonMonotonicRead, |story| {
        story.done("put", json!("a"), Value::Null);
        story.event(0, Kind::Invoke, "put", json!("b"));
        story.by(1, "get", Value::Null, json!("b"));
        story.by(1, "get", Value::Null, json!("a"));
        story.event(0, Kind::Ok, "put", Value::Null);
        Some(1)
    });
    in_set(Anomaly::NonMonotonicRead, |story| {
        story.event(0, Kind::Invoke, "add", json!(FRESH));
        story.by(1, "contains", json!(FRESH), json!(true));
        story.by(1, "contains", json!(FRESH), json!(false));
        story.event(0, Kind::Ok, "add", Value::Null);
        Some(1)
    });
}

#[test]
fn a_dirty_read_is_named() {
    in_every_register(Anomaly::DirtyRead, |story| {
        if story.rng.bool() {
            story.event(0, Kind::Invoke, "write", json!(FRESH));
            story.event(0, Kind::Fail, "write", Value::Null);
        }
        story.some("write");
        story.by(1, "read", Value::Null, json!(FRESH));
        None
    });
    in_kv(Anomaly::DirtyRead, |story| {
        if story.rng.bool() {
            story.event(0, Kind::Invoke, "append", json!("z"));
            story.event(0, Kind::Fail, "append", Value::Null);
        }
        story.done("put", json!("a"), Value::Null);
        story.by(1, "get", Value::Null, json!("az"));
        None
    });
    in_set(Anomaly::DirtyRead, |story| {
        if story.rng.bool() {
            story.event(0, Kind::Invoke, "add", json!(FRESH));
            story.event(0, Kind::Fail, "add", Value::Null);
        }
        story.some("add");
        story.by(1, "contains", json!(FRESH), json!(true));
        None
    });
    in_queue(Anomaly::DirtyRead, |story| {
        if story.rng.bool() {
            story.event(0, Kind::Invoke, "enqueue", json!(FRESH));
            story.event(0, Kind::Fail, "enqueue", Value::Null);
        }
        story.some_taken();
        story.by(1, "dequeue", Value::Null, json!(FRESH));
        None
    });
}

#[test]
fn a_future_read_is_named() {
    in_every_register(Anomaly::FutureRead, |story| {
        story.by(1, "read", Value::Null, json!(FRESH));
        story.some("write");
        story.done("write", json!(FRESH), Value::Null);
        None
    });
    in_kv(Anomaly::FutureRead, |story| {
        story.by(1, "get", Value::Null, json!("z"));
        story.some_texts();
        story.done("put", json!("z"), Value::Null);
        None
    });
    in_set(Anomaly::FutureRead, |story| {
        story.by(1, "contains", json!(FRESH), json!(true));
        story.some("add");
        story.done("add", json!(FRESH), Value::Null);
        None
    });
    in_queue(Anomaly::FutureRead, |story| {
        story.by(1, "dequeue", Value::Null, json!(FRESH));
        story.some_taken();
        story.done("enqueue", json!(FRESH), Value::Null);
        None
    });
}

#[test]
fn a_lost_update_is_named() {
    is_named(Anomaly::LostUpdate, Object::CasRegister, Model::Cas, |story| {
        story.done("write", json!(FRESH), Value::Null);
        let wins = |value: u64| json!([FRESH, value]);
        if story.rng.bool() {
            story.event(1, Kind::Invoke, "cas", wins(FRESH + 1));
            story.done("cas", wins(FRESH + 2), Value::Null);
            story.event(1, Kind::Ok, "cas", wins(FRESH + 1));
        } else {
            story.done("cas", wins(FRESH + 1), Value::Null);
            story.some("write");
            story.by(1, "cas", wins(FRESH + 2), Value::Null);
        }
        None
    });
    in_kv(Anomaly::LostUpdate, |story| {
        story.done("put", json!("a"), Value::Null);
        story.done("append", json!("b"), Value::Null);
        story.done("append", json!("c"), Value::Null);
        story.by(1, "get", Value::Null, json!("ac"));
        None
    });
    in_queue(Anomaly::LostUpdate, |story| {
        story.some_taken();
        story.done("enqueue", json!(FRESH), Value::Null);
        story.done("enqueue", json!(FRESH + 1), Value::Null);
        story.by(1, "dequeue", Value::Null, json!(FRESH + 1));
        None
    });
}

#[test]
fn a_lost_create_is_named() {
    in_set(Anomaly::LostCreate, |story| {
        story.emptied();
        story.done("add", json!(FRESH), Value::Null);
        let mut left: Vec<u64> = (0..story.some("add")).map(|at| FRESH + 100 + at).collect();
        left.sort_unstable();
        story.by(1, "read", Value::Null, json!(left));
        None
    });
}

#[test]
fn a_resurrected_delete_is_named() {
    in_set(Anomaly::ResurrectedDelete, |story| {
        story.done("add", json!(FRESH), Value::Null);
        story.done("remove", json!(FRESH), Value::Null);
        story.some("add");
        story.by(1, "contains", json!(FRESH), json!(true));
        None
    });
}

#[test]
fn a_torn_list_is_named() {
    in_set(Anomaly::TornList, |story| {
        story.emptied();
        story.done("add", json!(FRESH), Value::Null);
        story.by(1, "read", Value::Null, json!([FRESH, FRESH]));
        None
    });
}
