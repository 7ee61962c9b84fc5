//! Histories as lines that one can read at a glance.

use lab_history::{Event, Kind};
use lab_order::{NotATransaction, Transactions, TransactionsBuilder, Values};
use serde_json::{Value, json};

/// A transaction as a line: its process, the times of its invocation and its end, how it ended, and
/// its steps: `wx1` writes or appends, `rx12` reads a list of two or a register with the last of
/// them, `rx` reads nothing.
pub(crate) type Line = (u64, u64, u64, Kind, &'static str);

pub(crate) const LISTS: Values = Values::Lists;
pub(crate) const REGISTERS: Values = Values::Registers;

pub(crate) fn history(values: Values, lines: &[Line]) -> Transactions {
    let events = lines.iter().flat_map(|(process, invoked, ended, kind, text)| {
        events(*process, [*invoked, *ended], *kind, steps(values, text))
    });
    in_order(values, events.collect()).unwrap()
}

/// The invocation of a transaction and its end.
pub(crate) fn events(process: u64, times: [u64; 2], kind: Kind, steps: Vec<Value>) -> [Event; 2] {
    let value = Value::Array(steps);
    let [invoked, ended] = times.map(Some);
    let (function, key) = ("txn".to_owned(), None);
    let end = Event { process, kind, function, key, value, time_ns: ended };
    [Event { kind: Kind::Invoke, time_ns: invoked, ..end.clone() }, end]
}

pub(crate) fn in_order(
    values: Values,
    mut events: Vec<Event>,
) -> Result<Transactions, NotATransaction> {
    events.sort_by_key(|event| event.time_ns);
    let mut builder = TransactionsBuilder::new(values);
    events.iter().try_for_each(|event| builder.push(event))?;
    Ok(builder.finish())
}

pub(crate) fn steps(values: Values, text: &str) -> Vec<Value> {
    let step = |word: &str| {
        let (name, key, elements) = (&word[..1], &word[1..2], &word[2..]);
        let elements: Vec<u32> = elements.chars().map(|it| it.to_digit(10).unwrap()).collect();
        if name == "w" { write(values, key, elements[0]) } else { read(values, key, &elements) }
    };
    text.split(' ').map(step).collect()
}

pub(crate) fn write(values: Values, key: &str, element: u32) -> Value {
    match values {
        Values::Lists => json!(["append", key, element]),
        Values::Registers => json!(["w", key, element]),
    }
}

/// A read of a key to which `elements` were written.
pub(crate) fn read(values: Values, key: &str, elements: &[u32]) -> Value {
    match values {
        Values::Lists => json!(["r", key, elements]),
        Values::Registers => json!(["r", key, elements.last()]),
    }
}
