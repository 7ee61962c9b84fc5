//! Histories that a correct object could have given, from a seed.

use fastrand::Rng;
use lab_history::{Ending, Event, Function, Kind, Record};
use lab_task::Status;
use serde_json::{Value, json};

const CLIENTS: usize = 8;

/// A client's operation that is under way.
struct Pending {
    /// The value that is written; a read has none.
    written: Option<u32>,
    /// What the register had when it took effect, as soon as it did.
    seen: Option<Option<u32>>,
}

/// So many operations on one register; each write has a value of its own, or one of few.
pub(super) fn register(operations: u32, is_unique: bool) -> Vec<Event> {
    let mut rng = Rng::with_seed(1);
    let mut clients: Vec<Option<Pending>> = (0..CLIENTS).map(|_| None).collect();
    let (mut register, mut begun, mut events) = (None, 0, Vec::new());
    while begun < operations || clients.iter().any(Option::is_some) {
        let process = rng.usize(0..CLIENTS);
        match &mut clients[process] {
            Some(pending @ Pending { seen: None, .. }) => {
                register = pending.written.or(register);
                pending.seen = Some(register);
            }
            Some(Pending { written, seen: Some(seen) }) => {
                events.push(of_register(process, Kind::Ok, written.is_some(), *seen));
                clients[process] = None;
            }
            None if begun < operations => {
                begun += 1;
                let value = if is_unique { begun } else { rng.u32(1..6) };
                let written = rng.bool().then_some(value);
                events.push(of_register(process, Kind::Invoke, written.is_some(), written));
                clients[process] = Some(Pending { written, seen: None });
            }
            None => {}
        }
    }
    events
}

fn of_register(process: usize, kind: Kind, is_write: bool, value: Option<u32>) -> Event {
    Event {
        process: process as u64,
        kind,
        function: if is_write { "write" } else { "read" }.to_owned(),
        value: value.map_or(Value::Null, Value::from),
        ..Event::default()
    }
}

/// So many transactions that append to lists and read them, one after the other and answered late.
pub(super) fn transactions(count: usize) -> Vec<Event> {
    const KEYS: usize = 10;
    let mut rng = Rng::with_seed(1);
    let mut lists: Vec<Vec<usize>> = vec![Vec::new(); KEYS];
    let mut events = Vec::new();
    let mut late: Vec<Event> = Vec::new();
    for number in 0..count {
        let process = number % CLIENTS;
        // Its answer has to come before it asks again.
        let answers = late.extract_if(.., |event| event.process == process as u64 || rng.bool());
        events.extend(answers);
        let (appended, read) = (rng.usize(..KEYS), rng.usize(..KEYS));
        let asked = json!([["append", appended, number], ["r", read, null]]);
        lists[appended].push(number);
        let answered = json!([["append", appended, number], ["r", read, lists[read]]]);
        let event = |kind, value| Event {
            process: process as u64,
            kind,
            function: "txn".to_owned(),
            value,
            ..Event::default()
        };
        events.push(event(Kind::Invoke, asked));
        late.push(event(Kind::Ok, answered));
    }
    events.extend(late);
    events
}

/// So many gets and edits of few tasks, whose answers come late, in the order of the answers; the
/// tasks are made first. With each record the least place at which a later one is invoked.
pub(super) fn tasks(operations: u64) -> Vec<Record> {
    const TASKS: u64 = 20;
    let mut rng = Rng::with_seed(1);
    let mut place = 0;
    let mut next = || {
        place += 1;
        place
    };
    let mut versions = vec![1; TASKS as usize];
    let mut records: Vec<Record> =
        (1..=TASKS).map(|task| record(Function::Create, 0, (next(), next()), (task, 1))).collect();
    let mut open: Vec<Option<Record>> = vec![None; CLIENTS];
    let mut begun = 0;
    while begun < operations || open.iter().any(Option::is_some) {
        let client = rng.usize(0..CLIENTS);
        match open[client].take() {
            Some(under_way) => records.push(Record { answered: next(), ..under_way }),
            None if begun < operations => {
                begun += 1;
                let task = rng.u64(1..=TASKS);
                let is_edit = rng.bool();
                let version = &mut versions[task as usize - 1];
                *version += u64::from(is_edit);
                let function = if is_edit { Function::Edit } else { Function::Get };
                let places = (next(), u64::MAX);
                open[client] = Some(record(function, client, places, (task, *version)));
            }
            None => {}
        }
    }
    records
}

fn record(
    function: Function,
    client: usize,
    (invoked, answered): (u64, u64),
    (task, version): (u64, u64),
) -> Record {
    Record {
        invoked,
        answered,
        process: client as u32,
        function,
        ending: Ending::Ok,
        status: Some(Status::Todo),
        task,
        based_on: 0,
        version,
        // Every edit changes nothing but the time spent, which is no part of the content.
        content: if function == Function::Edit { 0 } else { 7 },
    }
}
