//! The object under test: a task with a version that grows by one with every applied change.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Description, Title};

/// One task as a store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Given by the store, never used twice.
    pub id: TaskId,
    /// What is to be done, in a line.
    pub title: Title,
    /// What is to be done, at length.
    pub description: Description,
    /// How far it is.
    pub status: Status,
    /// Time spent; adding to it is the increment that a lost update swallows.
    pub minutes: u32,
    /// 1 when created, one more with every applied change.
    pub version: Version,
}

/// What a client gives to have a task created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTask {
    /// What is to be done, in a line.
    pub title: Title,
    /// What is to be done, at length.
    pub description: Description,
}

impl NewTask {
    /// The task that a store keeps for this, fresh: to do, no time spent, version 1.
    pub fn into_task(self, id: TaskId) -> Task {
        Task {
            id,
            title: self.title,
            description: self.description,
            status: Status::Todo,
            minutes: 0,
            version: Version::FIRST,
        }
    }
}

/// The identity of a task within its store.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct TaskId(pub u64);

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task {}", self.0)
    }
}

/// How many changes a task has seen, its creation included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub u64);

impl Version {
    /// The version of a task that was just created.
    pub const FIRST: Self = Self(1);

    /// The version after one more change.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}", self.0)
    }
}

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody works on it yet.
    Todo,
    /// Somebody works on it.
    InProgress,
    /// It is finished.
    Done,
}

impl Status {
    /// Every status, in the order of a task's life.
    pub const ALL: [Self; 3] = [Self::Todo, Self::InProgress, Self::Done];

    /// The word that files and databases hold.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Todo => "todo",
            Self::InProgress => "in_progress",
            Self::Done => "done",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Status {
    type Err = ParseStatusError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == word)
            .ok_or_else(|| ParseStatusError(word.to_owned()))
    }
}

/// A word that names no status.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no status: expected todo, in_progress or done")]
pub struct ParseStatusError(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_reads_back_from_its_word() {
        for status in Status::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
        assert!("paused".parse::<Status>().is_err());
    }
}
