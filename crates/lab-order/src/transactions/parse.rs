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

/// Takes the events of a history one after another. What was read stands in the event of the
/// answer; of a transaction that failed or whose end nobody knows, the event of the invocation says
/// what it was to write.
#[derive(Debug)]
pub struct TransactionsBuilder {
    all: Transactions,
    events: usize,
    /// The transaction of each process that has one under way.
    open: HashMap<u64, usize>,
    keys: HashMap<String, usize>,
    elements: HashMap<String, usize>,
}

impl TransactionsBuilder {
    /// Of a history in which keys hold `values`.
    pub fn new(values: Values) -> Self {
        let all = Transactions { values, all: Vec::new(), keys: Vec::new(), elements: Vec::new() };
        let (open, keys, elements) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { all, events: 0, open, keys, elements }
    }

    /// Takes the next event. Its place is its time, or its number where there are no times.
    ///
    /// # Errors
    /// It is no transaction, or does not follow from the one before it.
    pub fn push(&mut self, it: &Event) -> Result<(), NotATransaction> {
        let event = self.events;
        self.events += 1;
        let place = it.time_ns.unwrap_or(event as u64);
        let wrong = |what: String, expected| NotATransaction { event, what, expected };
        if word(&it.function) != "txn" {
            return Err(wrong(format!("the operation is {:?}", it.function), "txn"));
        }
        if it.kind == Kind::Invoke {
            let steps = self.steps(event, &it.value, false)?;
            if self.open.insert(it.process, self.all.all.len()).is_some() {
                let what = format!("process {} has a transaction under way", it.process);
                return Err(wrong(what, "its end"));
            }
            let (process, ending) = (it.process, Kind::Info);
            let begun = Transaction { process, invoked: place, ended: None, ending, steps };
            self.all.all.push(begun);
            return Ok(());
        }
        let Some(begun) = self.open.remove(&it.process) else {
            let what = format!("process {} has no transaction under way", it.process);
            return Err(wrong(what, "its invocation"));
        };
        if it.kind == Kind::Ok {
            let steps = self.steps(event, &it.value, true)?;
            if !writes(&steps).eq(writes(&self.all.all[begun].steps)) {
                let what = format!("process {} is answered with other writes", it.process);
                return Err(wrong(what, "those of its invocation, in their order"));
            }
            self.all.all[begun].steps = steps;
        }
        let transaction = &mut self.all.all[begun];
        transaction.ending = it.kind;
        transaction.ended = (it.kind != Kind::Info).then_some(place);
        Ok(())
    }

    /// All of them; those without an end may have taken effect or not.
    pub fn finish(self) -> Transactions {
        self.all
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

fn writes(steps: &[Step]) -> impl Iterator<Item = &Step> {
    steps.iter().filter(|step| matches!(step, Step::Write(..)))
}

/// A word with or without the colon of a keyword.
fn word(text: &str) -> &str {
    text.strip_prefix(':').unwrap_or(text)
}

fn number(known: &mut HashMap<String, usize>, names: &mut Vec<String>, value: &Value) -> usize {
    let text = value.to_string();
    if let Some(number) = known.get(&text) {
        return *number;
    }
    names.push(value.as_str().map_or_else(|| text.clone(), str::to_owned));
    known.insert(text, names.len() - 1);
    names.len() - 1
}
