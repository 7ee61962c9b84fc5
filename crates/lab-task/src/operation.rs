//! Operations and what a store answers to them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::{KEY_BYTES_MAX, TextError, check};
use crate::{Change, Filter, NewTask, Summary, Task, TaskId, Version};

/// What one process asks of a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// A new task under a new id; with a key, a retry gives the id of the first try.
    Create {
        /// The task to create.
        new: NewTask,
        /// What tells a retry from a second task.
        key: Option<IdempotencyKey>,
    },
    /// One task.
    Get(TaskId),
    /// Many tasks.
    List(Filter),
    /// Counts by status.
    Summary,
    /// Read, change and write back, all inside the store.
    Edit(TaskId, Change),
    /// Write back a copy that was read earlier; its version says on what it is based.
    Save(Task),
    /// Remove, with a version only if that is still the current one.
    Delete(TaskId, Option<Version>),
    /// Set in progress, if fewer than `wip_limit` other tasks are.
    Start {
        /// Which task.
        id: TaskId,
        /// The most tasks that may be in progress together.
        wip_limit: u32,
    },
}

/// What a store answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Response {
    /// To `create`.
    Created(TaskId),
    /// To `get`; `None` where there is no such task.
    Got(Option<Task>),
    /// To `list`, in the order of ids.
    Listed(Vec<Task>),
    /// To `summary`.
    Counted(Summary),
    /// To everything that changes a task.
    Done(Outcome),
}

/// Whether a change took place. A refused precondition is an answer, not an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It did; the version that it made, or for a delete the version that it removed.
    Applied(Version),
    /// It did not, and nothing changed.
    Refused(Refusal),
}

/// Why a change did not take place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// There is no such task.
    NotFound,
    /// It is based on a version that is no longer the current one.
    Stale {
        /// The current one.
        current: Version,
    },
    /// Too many other tasks are in progress.
    LimitReached {
        /// How many.
        in_progress: u32,
    },
    /// Somebody else holds the lease of the task.
    Held {
        /// Who.
        owner: String,
    },
    /// The lease under which this was asked does not run any more.
    Fenced {
        /// The token of the newest lease of that task, 0 if there never was one.
        newest: FencingToken,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("no such task"),
            Self::Stale { current } => write!(f, "stale, now {current}"),
            Self::LimitReached { in_progress } => write!(f, "{in_progress} in progress"),
            Self::Held { owner } => write!(f, "held by {owner}"),
            Self::Fenced { newest } => write!(f, "fenced, newest lease is {}", newest.0),
        }
    }
}

/// Grows with every lease of a task, so that a store can refuse a writer whose lease ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FencingToken(pub u64);

/// What a client sends along with a create so that a retry is not a second task.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Checks `text`: not empty, at most [`KEY_BYTES_MAX`] bytes, no control characters.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn new(text: impl Into<String>) -> Result<Self, TextError> {
        let text = text.into();
        let what = "idempotency key";
        if text.is_empty() {
            return Err(TextError::Empty { what });
        }
        check(what, &text, KEY_BYTES_MAX, char::is_control)?;
        Ok(Self(text))
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for IdempotencyKey {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        Self::new(text)
    }
}

impl From<IdempotencyKey> for String {
    fn from(key: IdempotencyKey) -> Self {
        key.0
    }
}
