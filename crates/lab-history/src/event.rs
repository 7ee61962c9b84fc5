//! One line of a history, as every reader gives it and the writer takes it.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Something that one process did or was told.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Who: one sequential client. After a [`Kind::Info`] a process may not invoke again.
    pub process: u64,
    /// What became known.
    pub kind: Kind,
    /// The operation's name: `read`, `write`, `cas`, `append`, `edit`, ...
    pub function: String,
    /// The key that the operation is about, where the specification has keys.
    pub key: Option<Value>,
    /// The argument at an invocation, the result at an answer; null where there is none.
    pub value: Value,
    /// Nanoseconds on a clock that all processes share. Without it, events happened in the order
    /// in which they stand.
    pub time_ns: Option<u64>,
}

impl Default for Event {
    /// The event that a reader is given to write over.
    fn default() -> Self {
        Self {
            process: 0,
            kind: Kind::Invoke,
            function: String::new(),
            key: None,
            value: Value::Null,
            time_ns: None,
        }
    }
}

/// What became known of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It was asked for.
    Invoke,
    /// It happened, and this is the answer.
    Ok,
    /// It did not happen.
    Fail,
    /// Nobody knows: it takes effect at any later time, or never.
    Info,
}

impl Kind {
    /// The word that every format has for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invoke => "invoke",
            Self::Ok => "ok",
            Self::Fail => "fail",
            Self::Info => "info",
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let all = [Self::Invoke, Self::Ok, Self::Fail, Self::Info];
        let kind = all.into_iter().find(|kind| kind.as_str() == word);
        kind.ok_or_else(|| format!("{word:?} is none of invoke, ok, fail and info"))
    }
}
