//! The specified objects once more, as plainly as they can be said, and independent of the crate.

use fastrand::Rng;
use serde_json::{Value, json};

/// An object: its state, and the answer to a call; `None` where the call is refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Model {
    /// Few values, or each value written once.
    Register {
        unique: bool,
    },
    Cas,
    KeyValue,
    Set,
    Queue,
}

impl Model {
    pub(crate) fn initial(self) -> Value {
        match self {
            Self::Register { .. } | Self::Cas => Value::Null,
            Self::KeyValue => json!(""),
            Self::Set | Self::Queue => json!([]),
        }
    }

    /// A call that somebody might make; `serial` is another one each time.
    pub(crate) fn call(self, serial: u32, rng: &mut Rng) -> (&'static str, Value) {
        let few = rng.u32(0..3);
        let (value, text) = (json!(few), json!(["x", "y", "xy"][few as usize]));
        match (self, rng.u32(0..6)) {
            (Self::Register { .. } | Self::Cas, 0 | 1) => ("read", Value::Null),
            (Self::Register { unique: true }, _) => ("write", json!(serial)),
            (Self::Cas, 2 | 3) => ("cas", json!([few, rng.u32(0..3)])),
            (Self::Register { .. } | Self::Cas, _) => ("write", value),
            (Self::KeyValue, 0 | 1) => ("get", Value::Null),
            (Self::KeyValue, 2) => ("put", text),
            (Self::KeyValue, _) => ("append", text),
            (Self::Set, 0) => ("read", Value::Null),
            (Self::Set, 1 | 2) => ("contains", value),
            (Self::Set, 3) => ("remove", value),
            (Self::Set, _) => ("add", value),
            (Self::Queue, 0..3) => ("dequeue", Value::Null),
            (Self::Queue, _) => ("enqueue", value),
        }
    }

    /// The answer to a call, which changes the state.
    pub(crate) fn apply(
        self,
        state: &mut Value,
        function: &str,
        argument: &Value,
    ) -> Option<Value> {
        let list = |state: &Value| state.as_array().cloned().unwrap_or_default();
        match function {
            "read" | "get" => return Some(state.clone()),
            "write" | "put" => *state = argument.clone(),
            "cas" if *state == argument[0] => *state = argument[1].clone(),
            "cas" => return None,
            "append" => {
                let [before, after] = [&*state, argument].map(|text| text.as_str().unwrap());
                *state = json!(format!("{before}{after}"));
            }
            "contains" => return Some(json!(list(state).contains(argument))),
            "add" | "remove" => {
                let mut elements = list(state);
                elements.retain(|element| element != argument);
                elements.extend((function == "add").then(|| argument.clone()));
                elements.sort_by_key(Value::as_u64);
                *state = json!(elements);
            }
            "enqueue" => {
                let mut elements = list(state);
                elements.push(argument.clone());
                *state = json!(elements);
            }
            "dequeue" => {
                let mut elements = list(state);
                let oldest = if elements.is_empty() { Value::Null } else { elements.remove(0) };
                *state = json!(elements);
                return Some(oldest);
            }
            other => panic!("no call is called {other}"),
        }
        Some(Value::Null)
    }

    /// An answer that may be wrong.
    pub(crate) fn other_answer(self, function: &str, rng: &mut Rng) -> Option<Value> {
        let few = rng.u32(0..4);
        Some(match (self, function) {
            (Self::Register { .. } | Self::Cas, "read") => json!(few),
            (_, "get") => json!(["", "x", "y", "xy"][few as usize]),
            (_, "contains") => json!(rng.bool()),
            (_, "read") => json!((0..few).collect::<Vec<_>>()),
            (_, "dequeue") if few == 3 => Value::Null,
            (_, "dequeue") => json!(few),
            _ => return None,
        })
    }
}
