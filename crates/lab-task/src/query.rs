//! Questions about many tasks at once.

use serde::{Deserialize, Serialize};

use crate::{Status, Task};

/// Which tasks to list; the default is all of them. A list is in the order of ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Only tasks of this status.
    pub status: Option<Status>,
    /// Only tasks whose title contains this text, letter by letter.
    pub title_contains: Option<String>,
}

impl Filter {
    /// Every task.
    pub const ALL: Self = Self { status: None, title_contains: None };

    /// Whether `task` is asked for.
    pub fn matches(&self, task: &Task) -> bool {
        self.status.is_none_or(|status| status == task.status)
            && self.title_contains.as_ref().is_none_or(|text| task.title.as_str().contains(text))
    }
}

/// How many tasks there are of each status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Tasks to do.
    pub todo: u64,
    /// Tasks in progress.
    pub in_progress: u64,
    /// Tasks done.
    pub done: u64,
}

impl Summary {
    /// Adds `count` tasks of `status`.
    pub fn add(&mut self, status: Status, count: u64) {
        match status {
            Status::Todo => self.todo += count,
            Status::InProgress => self.in_progress += count,
            Status::Done => self.done += count,
        }
    }
}

impl<'a> FromIterator<&'a Task> for Summary {
    fn from_iter<I: IntoIterator<Item = &'a Task>>(tasks: I) -> Self {
        let mut summary = Self::default();
        for task in tasks {
            summary.add(task.status, 1);
        }
        summary
    }
}
