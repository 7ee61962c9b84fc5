//! Writes a run as a history that `racelab check` takes: each task is a register of its version,
//! null where there is none, and who changes a task compares and sets it.

use std::fs::File;
use std::io;

use lab_history::{Ending, Event, Function, Kind, Progress, Record, Writer};
use serde_json::{Value, json};

/// What the history is one of.
const SPEC: &str = "cas-register";

/// A history while it is written.
pub(super) struct HistoryFile {
    writer: Writer<File>,
    /// Events that may not be written yet, because an earlier one may come: with the place, and
    /// whether it is an answer.
    early: Vec<(u64, bool, Event)>,
    has_times: bool,
    /// The process of the task of a list that comes next, and how many are taken.
    listed: u64,
    clients: u64,
}

impl HistoryFile {
    /// A history of `clients` clients, with the time of each event where places are times.
    pub(super) fn new(file: File, clients: usize, has_times: bool) -> io::Result<Self> {
        let writer = Writer::new(file, Some(SPEC))?;
        // Two more come before and after the clients of the workload.
        let clients = clients as u64 + 2;
        Ok(Self { writer, early: Vec::new(), has_times, listed: 0, clients })
    }

    /// Takes records in the order of their answers, and writes what can be written.
    pub(super) fn take(&mut self, records: &[Record], progress: Progress) -> io::Result<()> {
        for record in records {
            self.listed = if record.function == Function::Listed { self.listed + 1 } else { 0 };
            if let Some((function, value)) = as_register(record) {
                self.hold(record, function, value);
            }
        }
        self.early.sort_by_key(|(place, is_answer, _)| (*place, *is_answer));
        let known = self.early.partition_point(|(place, ..)| *place < progress.invoked_from);
        for (_, _, event) in self.early.drain(..known) {
            self.writer.write(&event)?;
        }
        Ok(())
    }

    /// Writes what is left.
    pub(super) fn finish(self) -> io::Result<()> {
        self.writer.finish().map(drop)
    }

    /// Each task of a list is a read by a process of its own, which has no other at that time.
    fn hold(&mut self, record: &Record, function: &str, value: Value) {
        let asked = if function == "cas" { value.clone() } else { Value::Null };
        let places = [(record.invoked, Kind::Invoke, asked), (record.answered, Kind::Ok, value)];
        for (place, kind, value) in places {
            let event = Event {
                process: self.listed * self.clients + u64::from(record.process),
                kind,
                function: function.to_owned(),
                key: Some(json!(record.task)),
                value,
                time_ns: self.has_times.then_some(place),
            };
            self.early.push((place, kind != Kind::Invoke, event));
        }
    }
}

/// What a record says of the version of its task: nothing where it says nothing.
fn as_register(record: &Record) -> Option<(&'static str, Value)> {
    let Record { version, based_on, .. } = *record;
    let read = |value: Value| Some(("read", value));
    let cas = |from: Value, to: Value| Some(("cas", json!([from, to])));
    match (record.function, record.ending) {
        (Function::List | Function::Summary, _) => None,
        (Function::Create, Ending::Ok) => cas(Value::Null, json!(1)),
        (Function::Get | Function::Listed, Ending::Ok) => read(json!(version)),
        (Function::Edit | Function::Start, Ending::Ok) => cas(json!(version - 1), json!(version)),
        (Function::Save, Ending::Ok) => cas(json!(based_on), json!(version)),
        (Function::Delete, Ending::Ok) => cas(json!(version), Value::Null),
        (_, Ending::Stale) => read(json!(version)),
        (_, Ending::NotFound) => read(Value::Null),
        (_, Ending::LimitReached | Ending::NoLease | Ending::Fail | Ending::Info) => None,
    }
}
