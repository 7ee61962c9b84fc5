//! Histories of a task store: from records to the events of a file.

use serde_json::{Map, Value, json};

use crate::{Ending, Event, Function, Kind, Record};

/// The invocation and the end of an operation, as [`super::TaskEvents`] takes them; of a list
/// with the tasks that it gave. Their times are the record's places. Numbers stand for contents and
/// keys, so that equal ones are equal; how many minutes a read saw is left out.
pub fn task_events(record: &Record, listed: &[Record]) -> [Event; 2] {
    let Record { function, task, process, .. } = *record;
    let is_about_one = !matches!(function, Function::Create | Function::List | Function::Summary);
    let event = |kind, value, place| Event {
        process: process.into(),
        kind,
        function: function.as_str().to_owned(),
        key: is_about_one.then(|| json!(task)),
        value,
        time_ns: Some(place),
    };
    let (kind, value) = match record.ending {
        Ending::Fail => (Kind::Fail, Value::Null),
        Ending::Info => (Kind::Info, Value::Null),
        _ => (Kind::Ok, answer(record, listed)),
    };
    let invoked = event(Kind::Invoke, argument(record), record.invoked);
    [invoked, event(kind, value, record.answered)]
}

fn argument(record: &Record) -> Value {
    let Record { function, based_on, .. } = *record;
    let mut fields = Map::new();
    let mut add = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    match function {
        Function::Create if based_on != 0 => add("idempotency_key", number(based_on)),
        Function::List if based_on != 0 => add("titles", true.into()),
        Function::Save | Function::Delete if based_on != 0 => add("based_on", based_on.into()),
        Function::Start => add("limit", based_on.into()),
        _ => {}
    }
    if matches!(function, Function::Create | Function::List | Function::Edit | Function::Save) {
        record.status.into_iter().for_each(|status| add("status", status.as_str().into()));
    }
    if matches!(function, Function::Create | Function::Save) && record.content != 0 {
        add("content", number(record.content));
    }
    if fields.is_empty() { Value::Null } else { fields.into() }
}

fn answer(record: &Record, listed: &[Record]) -> Value {
    let Record { function, task, based_on, version, .. } = *record;
    match (function, record.ending) {
        (Function::Get, Ending::NotFound) => Value::Null,
        (_, Ending::NotFound) => json!({"refused": "not_found"}),
        (_, Ending::NoLease) => json!({"refused": "lease"}),
        (_, Ending::Stale) => json!({"refused": "stale", "current": version}),
        (_, Ending::LimitReached) => json!({"refused": "limit", "in_progress": version}),
        (Function::Create, _) => json!({"task": task}),
        (Function::Get | Function::Listed, _) => seen(record),
        (Function::List, _) => listed.iter().map(one_of_many).collect(),
        (Function::Summary, _) => json!({"todo": task, "in_progress": based_on, "done": version}),
        _ => json!({"version": version}),
    }
}

fn one_of_many(record: &Record) -> Value {
    let mut task = seen(record);
    task["task"] = record.task.into();
    task
}

fn seen(record: &Record) -> Value {
    let mut seen = json!({"version": record.version});
    if let Some(status) = record.status {
        seen["status"] = status.as_str().into();
    }
    if record.content != 0 {
        seen["content"] = number(record.content);
    }
    seen
}

/// As a text, since not every reader of JSON has whole numbers of 64 bits.
fn number(number: u64) -> Value {
    format!("{number:016x}").into()
}
