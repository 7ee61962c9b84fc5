//! Jepsen's `independent` workloads, which write the key of an operation into its value.
//!
//! There a write's value is `[key value]`, a read is asked with `[key nil]`, and a cas with
//! `[key [old new]]`. A register that holds pairs looks alike, but for its reads, which are asked
//! with nothing. So the first read or cas tells which it is; what no history can be is refused, for
//! as one register, or as many, it would be judged as what it is not.

use std::collections::HashMap;
use std::mem;

use lab_history::{Event, Kind};
use serde_json::Value;

/// Why the values of a history are no values of registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unclear(pub(super) String);

/// Takes the keys out of values, where they stand there.
#[derive(Debug, Default)]
pub(super) struct Keyed {
    form: Form,
    /// What came before it was known which form it has: writes of pairs.
    held: Vec<Event>,
    /// What each process asks about.
    asked: HashMap<u64, Value>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Form {
    #[default]
    Unknown,
    /// Values are values.
    Plain,
    /// Values are pairs of a key and a value.
    Pairs,
}

/// What one invocation says of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    /// It is none of a register's, or names its key apart.
    Nothing,
    Plain,
    Pairs,
    /// A write of a pair.
    Either,
}

impl Keyed {
    /// Takes the next event, and gives those that are known now, in their order.
    ///
    /// # Errors
    /// Some operations have keys in their values, and some have none.
    pub(super) fn take(&mut self, event: &Event) -> Result<Vec<Event>, Unclear> {
        let sign = sign(event);
        let is_new = self.form == Form::Unknown;
        match (self.form, sign) {
            (Form::Unknown, Sign::Pairs) => self.form = Form::Pairs,
            (Form::Unknown, Sign::Plain) if self.held.is_empty() => self.form = Form::Plain,
            (Form::Unknown, Sign::Plain) | (Form::Pairs, Sign::Plain) => return Err(mixed(event)),
            (Form::Plain, Sign::Pairs | Sign::Either) => return Err(mixed(event)),
            _ => {}
        }
        if self.form == Form::Unknown {
            self.held.push(event.clone());
            return Ok(Vec::new());
        }
        let mut events = if is_new { mem::take(&mut self.held) } else { Vec::new() };
        events.push(event.clone());
        self.split(&mut events)?;
        Ok(events)
    }

    /// What was held back, where only pairs were written: of whatever form, nothing was read.
    pub(super) fn finish(mut self) -> Result<Vec<Event>, Unclear> {
        let mut events = mem::take(&mut self.held);
        self.form = Form::Pairs;
        self.split(&mut events)?;
        Ok(events)
    }

    /// Whether events may be passed on as they are, which is so once a plain one was seen, as long
    /// as none is written like a pair.
    pub(super) fn is_passed(&self, event: &Event) -> bool {
        self.form == Form::Plain && !matches!(sign(event), Sign::Pairs | Sign::Either)
    }

    fn split(&mut self, events: &mut [Event]) -> Result<(), Unclear> {
        if self.form == Form::Pairs {
            events.iter_mut().try_for_each(|event| self.split_one(event))?;
        }
        Ok(())
    }

    fn split_one(&mut self, event: &mut Event) -> Result<(), Unclear> {
        if event.key.is_some() || !is_of_register(event) {
            return Ok(());
        }
        let pair = as_pair(&mut event.value);
        if event.kind == Kind::Invoke {
            let Some((key, value)) = pair else { return Err(mixed(event)) };
            self.asked.insert(event.process, key.clone());
            (event.key, event.value) = (Some(key), value);
            return Ok(());
        }
        let asked = self.asked.remove(&event.process);
        let is_ok = event.kind == Kind::Ok;
        match pair {
            Some((key, value)) if asked.as_ref() == Some(&key) => event.value = value,
            Some((key, _)) if is_ok => return Err(other_key(event, &key, asked.as_ref())),
            None if is_ok && event.function == "read" => return Err(mixed(event)),
            // What failed says why, or nothing.
            _ => event.value = Value::Null,
        }
        event.key = asked;
        Ok(())
    }
}

fn is_of_register(event: &Event) -> bool {
    matches!(event.function.as_str(), "read" | "write" | "cas")
}

fn sign(event: &Event) -> Sign {
    if event.kind != Kind::Invoke || event.key.is_some() || !is_of_register(event) {
        return Sign::Nothing;
    }
    let pair = event.value.as_array().map(Vec::as_slice);
    match (event.function.as_str(), pair) {
        ("write", Some([_, _])) => Sign::Either,
        ("cas", Some([_, Value::Array(both)])) if both.len() == 2 => Sign::Pairs,
        ("read", Some([_, _])) => Sign::Pairs,
        _ => Sign::Plain,
    }
}

/// The two of a pair, taken out of it; a value that is none stays as it is.
fn as_pair(value: &mut Value) -> Option<(Value, Value)> {
    let both = value.as_array_mut().filter(|both| both.len() == 2)?;
    let second = both.pop()?;
    Some((both.pop()?, second))
}

/// Whether a read of another object than a register is asked as in an `independent` workload.
pub(super) fn has_key_in_value(event: &Event) -> bool {
    let is_read = matches!(event.function.as_str(), "read" | "dequeue" | "get");
    let is_pair = matches!(event.value.as_array().map(Vec::as_slice), Some([_, Value::Null]));
    event.kind == Kind::Invoke && event.key.is_none() && is_read && is_pair
}

fn mixed(event: &Event) -> Unclear {
    Unclear(format!(
        "`{}` of {} beside operations that have another form: some values are pairs [key value], \
         as Jepsen's independent writes them, and some are not",
        event.function, event.value
    ))
}

fn other_key(event: &Event, key: &Value, asked: Option<&Value>) -> Unclear {
    let asked = asked.cloned().unwrap_or_default();
    Unclear(format!("`{}` of key {asked} is answered for key {key}", event.function))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(kind: Kind, function: &str, value: Value) -> Event {
        Event { kind, function: function.to_owned(), value, ..Event::default() }
    }

    /// Keys and values of what comes out.
    fn taken(events: &[Event]) -> Result<Vec<(Option<Value>, Value)>, Unclear> {
        let mut keyed = Keyed::default();
        let mut all = Vec::new();
        for event in events {
            all.extend(keyed.take(event)?);
        }
        all.extend(keyed.finish()?);
        Ok(all.into_iter().map(|event| (event.key, event.value)).collect())
    }

    #[test]
    fn a_pair_is_a_key_and_a_value_where_reads_are_asked_with_a_key() {
        let events = [
            event(Kind::Invoke, "write", json!([0, 1])),
            event(Kind::Ok, "write", json!([0, 1])),
            event(Kind::Invoke, "read", json!([0, null])),
            event(Kind::Ok, "read", json!([0, 1])),
            event(Kind::Invoke, "cas", json!([0, [1, 2]])),
            event(Kind::Fail, "cas", json!("timeout")),
        ];
        let values = [json!(1), json!(1), json!(null), json!(1), json!([1, 2]), json!(null)];
        let expected = values.map(|value| (Some(json!(0)), value));
        assert_eq!(taken(&events), Ok(expected.to_vec()));
    }

    #[test]
    fn the_pair_of_a_cas_is_what_it_replaces_where_it_has_no_key() {
        let events = [
            event(Kind::Invoke, "cas", json!([0, 1])),
            event(Kind::Ok, "cas", json!([0, 1])),
            event(Kind::Invoke, "read", json!(null)),
            event(Kind::Ok, "read", json!(1)),
        ];
        let expected = events.iter().map(|event| (None, event.value.clone())).collect();
        assert_eq!(taken(&events), Ok(expected));
    }

    #[test]
    fn what_has_a_key_beside_what_has_none_is_refused() {
        let pair = event(Kind::Invoke, "write", json!([0, 1]));
        let answered = event(Kind::Ok, "write", json!([0, 1]));
        let asks_key = event(Kind::Invoke, "read", json!([0, null]));
        for events in [
            vec![pair.clone(), answered, event(Kind::Invoke, "read", json!(null))],
            vec![asks_key.clone(), event(Kind::Ok, "read", json!(1))],
            vec![asks_key.clone(), event(Kind::Ok, "read", json!([1, 1]))],
            vec![
                asks_key,
                event(Kind::Ok, "read", json!([0, 1])),
                event(Kind::Invoke, "write", json!(1)),
            ],
            vec![event(Kind::Invoke, "write", json!(1)), event(Kind::Ok, "write", json!(1)), pair],
        ] {
            assert!(taken(&events).is_err(), "{events:?}");
        }
    }
}
