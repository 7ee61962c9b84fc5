//! Transactions from events.

use std::collections::HashMap;

use lab_history::{Event, Kind};
use serde_json::Value;

use super::{Step, Transaction, Transactions, Values};

/// An event that is none of a history of transactions.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event {event}: {what}; expected {expected}")]
pub struct NotATransaction {
    /// Its number, from 0.
    pub event: usize,
    /// What is wrong with it.
    pub what: String,
    /// What would be right.
    pub expected: &'static str,
}

/// Reads transactions. What was read stands in the event of the answer; of a transaction that
/// failed or whose end nobody knows, the event of the invocation says what it was to write.
///
/// # Errors
/// An event that is no transaction, or that does not follow from the one before it.
pub fn parse(
    events: impl IntoIterator<Item = Event>,
    values: Values,
) -> Result<Transactions, NotATransaction> {
    let all = Transactions { values, all: Vec::new(), keys: Vec::new(), elements: Vec::new() };
    let mut parser =
        Parser { all, open: HashMap::new(), keys: HashMap::new(), elements: HashMap::new() };
    for (number, event) in events.into_iter().enumerate() {
        parser.take(number, &event)?;
    }
    Ok(parser.all)
}

struct Parser {
    all: Transactions,
    /// The transaction of each process that has one under way.
    open: HashMap<u64, usize>,
    keys: HashMap<String, usize>,
    elements: HashMap<String, usize>,
}

impl Parser {
    fn take(&mut self, event: usize, it: &Event) -> Result<(), NotATransaction> {
        let wrong = |what: String, expected| NotATransaction { event, what, expected };
        if word(&it.function) != "txn" {
            return Err(wrong(format!("the operation is {:?}", it.function), "txn"));
        }
        if it.kind == Kind::Invoke {
            let steps = self.steps(event, &it.value, false)?;
            let place = self.all.all.len();
            if self.open.insert(it.process, place).is_some() {
                let what = format!("process {} has a transaction under way", it.process);
                return Err(wrong(what, "its end"));
            }
            let (process, ending) = (it.process, Kind::Info);
            let begun = Transaction { process, invoked: event, ended: None, ending, steps };
            self.all.all.push(begun);
            return Ok(());
        }
        let Some(place) = self.open.remove(&it.process) else {
            let what = format!("process {} has no transaction under way", it.process);
            return Err(wrong(what, "its invocation"));
        };
        if it.kind == Kind::Ok {
            self.all.all[place].steps = self.steps(event, &it.value, true)?;
        }
        let transaction = &mut self.all.all[place];
        transaction.ending = it.kind;
        transaction.ended = (it.kind != Kind::Info).then_some(event);
        Ok(())
    }

    fn steps(
        &mut self,
        event: usize,
        value: &Value,
        is_answer: bool,
    ) -> Result<Vec<Step>, NotATransaction> {
        let expected = "a list of [\"r\" | \"w\" | \"append\", key, value]";
        let wrong = |what: &Value| NotATransaction {
            event,
            what: format!("the value holds {what}"),
            expected,
        };
        let steps = value.as_array().ok_or_else(|| wrong(value))?;
        let mut known = Vec::with_capacity(steps.len());
        for step in steps {
            let parts = step.as_array().ok_or_else(|| wrong(step))?;
            let [Value::String(name), key, value] = parts.as_slice() else {
                return Err(wrong(step));
            };
            let key = number(&mut self.keys, &mut self.all.keys, key);
            known.push(match (word(name), self.all.values, value) {
                ("append", Values::Lists, _) | ("w", Values::Registers, _) => {
                    Step::Write(key, self.element(value))
                }
                // Before the answer nobody knows what it reads.
                ("r", _, _) if !is_answer => continue,
                ("r", _, Value::Null) => Step::Read(key, Vec::new()),
                ("r", Values::Lists, Value::Array(list)) => {
                    Step::Read(key, list.iter().map(|it| self.element(it)).collect())
                }
                ("r", Values::Registers, _) => Step::Read(key, vec![self.element(value)]),
                _ => return Err(wrong(step)),
            });
        }
        Ok(known)
    }

    fn element(&mut self, value: &Value) -> usize {
        number(&mut self.elements, &mut self.all.elements, value)
    }
}

/// A word with or without the colon of a keyword.
fn word(text: &str) -> &str {
    text.strip_prefix(':').unwrap_or(text)
}

fn number(known: &mut HashMap<String, usize>, names: &mut Vec<String>, value: &Value) -> usize {
    let name = value.to_string();
    if let Some(number) = known.get(&name) {
        return *number;
    }
    names.push(name.clone());
    known.insert(name, names.len() - 1);
    names.len() - 1
}
