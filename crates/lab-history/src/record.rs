//! One operation on a task store in 56 bytes: what a recorder writes and a checker streams.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use lab_task::{IdempotencyKey, Status, Task};

/// An operation with its answer. Where a field means nothing to a function it is 0.
///
/// A `list` is one record of [`Function::List`], then one of [`Function::Listed`] for each task
/// that it gave, in the order of the answer and with the same process and places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// The place of the invocation in the order of events; see [`Record::answered`].
    pub invoked: u64,
    /// The place of the answer. Places are numbers of one sequence, or nanoseconds of one clock:
    /// then two may be equal, and such events are concurrent.
    pub answered: u64,
    /// Which client, from 0. No client has two operations under way.
    pub process: u32,
    /// What it asked for.
    pub function: Function,
    /// How it ended.
    pub ending: Ending,
    /// What is known of the status: seen by a read, set by a change, asked for by a `list`.
    pub status: Option<Status>,
    /// The id of the task. `list`: how many tasks it gave. `summary`: how many are to do.
    pub task: u64,
    /// The version that the client says its `save` or `delete` is based on, 0 if it says none.
    /// `create`: a number for its idempotency key, 0 if it has none. `start`: the limit. A read of
    /// a task: its minutes. `summary`: how many are in progress. `list`: 1 if it asks for titles.
    pub based_on: u64,
    /// The version that was seen or made, for a `delete` the one that was removed. A stale change:
    /// the current one. `start` at the limit: how many are in progress. `summary`: how many are
    /// done.
    pub version: u64,
    /// [`content_hash`] of what was seen or written, 0 where that is not known: after an `edit`.
    pub content: u64,
}

/// What a client asks of a task store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Function {
    /// A new task.
    Create,
    /// One task.
    Get,
    /// Many tasks.
    List,
    /// One task of the `list` before it.
    Listed,
    /// Counts by status.
    Summary,
    /// Read, change and write back inside the store.
    Edit,
    /// Write back a copy.
    Save,
    /// Remove.
    Delete,
    /// Set in progress, if the limit allows.
    Start,
}

impl Function {
    /// Every function, in the order of its number.
    pub const ALL: [Self; 9] = [
        Self::Create,
        Self::Get,
        Self::List,
        Self::Listed,
        Self::Summary,
        Self::Edit,
        Self::Save,
        Self::Delete,
        Self::Start,
    ];

    /// The word that histories have for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Get => "get",
            Self::List => "list",
            Self::Listed => "listed",
            Self::Summary => "summary",
            Self::Edit => "edit",
            Self::Save => "save",
            Self::Delete => "delete",
            Self::Start => "start",
        }
    }

    /// Whether it changes a task where it succeeds.
    pub fn is_change(self) -> bool {
        matches!(self, Self::Create | Self::Edit | Self::Save | Self::Delete | Self::Start)
    }
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Ending {
    /// Answered; a change was applied.
    Ok,
    /// There is no such task.
    NotFound,
    /// Refused: based on an old version.
    Stale,
    /// Refused: too many others are in progress.
    LimitReached,
    /// Refused: somebody else has the lease, or the lease does not run any more.
    NoLease,
    /// An error; it did not happen.
    Fail,
    /// An error; it takes effect at any later time, or never.
    Info,
}

impl Ending {
    /// Every ending, in the order of its number.
    pub const ALL: [Self; 7] = [
        Self::Ok,
        Self::NotFound,
        Self::Stale,
        Self::LimitReached,
        Self::NoLease,
        Self::Fail,
        Self::Info,
    ];
}

/// A number for the content of a task, without its id and version: equal for equal content, in
/// every process and run, and never 0.
pub fn content_hash(task: &Task) -> u64 {
    let mut hasher = FixedState::with_seed(0).build_hasher();
    hasher.write(task.title.as_str().as_bytes());
    hasher.write(task.description.as_str().as_bytes());
    hasher.write_u64(u64::from(task.minutes) << 2 | task.status as u64);
    hasher.finish() | 1
}

/// A number for an idempotency key, never 0.
pub(crate) fn key_hash(key: &IdempotencyKey) -> u64 {
    FixedState::with_seed(0).hash_one(key.as_str()) | 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_has_56_bytes() {
        assert_eq!(size_of::<Record>(), 56);
    }
}
