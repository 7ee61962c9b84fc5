//! Histories of a task store: from the events of a file to records, and back.
//!
//! `docs/HISTORIES.md` has the fields of each function. Ids, versions made or seen, counts and
//! refusals must be there; the others may be missing where they are not known.

mod events;

use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::sync::LazyLock;

use foldhash::fast::FixedState;
use lab_task::Status;
use serde_json::{Map, Value};

pub use events::task_events;

use crate::{Ending, Event, Function, Kind, Record};

/// An event that is none of a task store's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}; expected {expected}")]
pub struct TaskEventError {
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub expected: &'static str,
}

/// Operations under way, from which records are made when they are answered.
#[derive(Debug, Default)]
pub struct TaskEvents {
    open: BTreeMap<u64, Record>,
}

impl TaskEvents {
    /// Nothing is under way.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the event at `place`, after those before it; an answer adds its records to `records`,
    /// the tasks of a list behind the list.
    ///
    /// # Errors
    /// It is no event of a task store.
    pub fn take(
        &mut self,
        event: &Event,
        place: u64,
        records: &mut Vec<Record>,
    ) -> Result<(), TaskEventError> {
        if event.kind == Kind::Invoke {
            self.open.insert(event.process, asked(event, place)?);
            return Ok(());
        }
        let Some(mut record) = self.open.remove(&event.process) else {
            return Err(error("an answer to nothing", "an invocation before it"));
        };
        record.answered = place;
        match event.kind {
            Kind::Ok => answered(&event.value, record, records),
            Kind::Fail => {
                records.push(Record { ending: Ending::Fail, ..record });
                Ok(())
            }
            Kind::Info | Kind::Invoke => {
                records.push(Record { ending: Ending::Info, ..record });
                Ok(())
            }
        }
    }

    /// The place of the first invocation that has no answer yet.
    pub fn first_open(&self) -> Option<u64> {
        self.open.values().map(|record| record.invoked).min()
    }

    /// What has no answer at the end: it may have happened or not.
    pub fn finish(self) -> impl Iterator<Item = Record> {
        self.open.into_values().map(|record| Record { ending: Ending::Info, ..record })
    }
}

fn asked(event: &Event, place: u64) -> Result<Record, TaskEventError> {
    let expected = "create, get, list, summary, edit, save, delete or start";
    let functions = Function::ALL.into_iter().filter(|one| *one != Function::Listed);
    let function = functions.into_iter().find(|one| one.as_str() == event.function);
    let what = || format!("no function `{}` is known", event.function);
    let function = function.ok_or_else(|| error(what(), expected))?;
    let value = fields(&event.value, "an object, or nothing")?;
    let is_about_one = !matches!(function, Function::Create | Function::List | Function::Summary);
    let key = event.key.as_ref().and_then(Value::as_u64);
    let task = match (is_about_one, key) {
        (true, None) => return Err(error("no task", "the id of a task as key")),
        (true, Some(id)) => id,
        (false, _) => 0,
    };
    let based_on = match function {
        Function::Create => value.get("idempotency_key").map_or(0, hash),
        Function::List => u64::from(value.get("titles") == Some(&Value::Bool(true))),
        Function::Start => optional(value, "limit")?.unwrap_or(0),
        _ => optional(value, "based_on")?.unwrap_or(0),
    };
    let starts = (function == Function::Start).then_some(Status::InProgress);
    Ok(Record {
        invoked: place,
        answered: 0,
        // Clients are numbered from 0, and there are fewer of them than 2^32.
        process: u32::try_from(event.process)
            .map_err(|_| error(format!("process {}", event.process), "a number below 2^32"))?,
        function,
        ending: Ending::Ok,
        status: status(value)?.or(starts),
        task,
        based_on,
        version: 0,
        content: value.get("content").map_or(0, hash),
    })
}

fn answered(
    value: &Value,
    mut record: Record,
    records: &mut Vec<Record>,
) -> Result<(), TaskEventError> {
    match record.function {
        Function::Get if value.is_null() => record.ending = Ending::NotFound,
        Function::List => return listed(value, record, records),
        Function::Get => see(object(value)?, &mut record)?,
        Function::Create => {
            record.task = number(object(value)?, "task")?;
            // A key may have found a task that is no longer what was asked for.
            if record.based_on != 0 {
                (record.status, record.content) = (None, 0);
            }
        }
        Function::Summary => {
            let counts = object(value)?;
            record.task = number(counts, "todo")?;
            record.based_on = number(counts, "in_progress")?;
            record.version = number(counts, "done")?;
        }
        _ => change(object(value)?, &mut record)?,
    }
    records.push(record);
    Ok(())
}

fn listed(value: &Value, record: Record, records: &mut Vec<Record>) -> Result<(), TaskEventError> {
    let tasks = value.as_array().ok_or_else(|| error("no list", "a list of tasks"))?;
    records.push(Record { task: tasks.len() as u64, ..record });
    for task in tasks {
        let task = object(task)?;
        let mut one = Record { function: Function::Listed, based_on: 0, ..record };
        one.task = number(task, "task")?;
        see(task, &mut one)?;
        records.push(one);
    }
    Ok(())
}

fn see(task: &Map<String, Value>, record: &mut Record) -> Result<(), TaskEventError> {
    record.version = number(task, "version")?;
    record.status = status(task)?;
    record.content = task.get("content").map_or(0, hash);
    Ok(())
}

fn change(answer: &Map<String, Value>, record: &mut Record) -> Result<(), TaskEventError> {
    let Some(refused) = answer.get("refused") else {
        record.version = number(answer, "version")?;
        return Ok(());
    };
    (record.ending, record.version) = match refused.as_str() {
        Some("not_found") => (Ending::NotFound, 0),
        Some("lease") => (Ending::NoLease, 0),
        Some("stale") => (Ending::Stale, number(answer, "current")?),
        Some("limit") => (Ending::LimitReached, number(answer, "in_progress")?),
        _ => return Err(error(format!("refused: {refused}"), "not_found, stale, limit or lease")),
    };
    Ok(())
}

/// The fields of an object, none where there is nothing.
fn fields<'a>(
    value: &'a Value,
    expected: &'static str,
) -> Result<&'a Map<String, Value>, TaskEventError> {
    static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
    match value {
        Value::Null => Ok(&NONE),
        Value::Object(map) => Ok(map),
        _ => Err(error(value.to_string(), expected)),
    }
}

fn object(value: &Value) -> Result<&Map<String, Value>, TaskEventError> {
    value.as_object().ok_or_else(|| error(value.to_string(), "an object"))
}

fn number(map: &Map<String, Value>, field: &'static str) -> Result<u64, TaskEventError> {
    optional(map, field)?.ok_or_else(|| error(format!("no {field}"), "a number for it"))
}

fn optional(map: &Map<String, Value>, field: &str) -> Result<Option<u64>, TaskEventError> {
    let Some(value) = map.get(field).filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let number = value.as_u64().map(Some);
    number.ok_or_else(|| error(format!("{field}: {value}"), "a whole number"))
}

fn status(map: &Map<String, Value>) -> Result<Option<Status>, TaskEventError> {
    let Some(value) = map.get("status").filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let status = value.as_str().and_then(|word| word.parse().ok()).map(Some);
    status.ok_or_else(|| error(format!("status: {value}"), "todo, in_progress or done"))
}

/// A number for a value, the same in every run, and never 0.
fn hash(value: &Value) -> u64 {
    FixedState::with_seed(0).hash_one(value.to_string()) | 1
}

fn error(what: impl Into<String>, expected: &'static str) -> TaskEventError {
    TaskEventError { what: what.into(), expected }
}
