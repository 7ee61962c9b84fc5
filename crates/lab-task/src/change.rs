//! What one edit does to a task.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Description, Status, Task, Title};

/// A change of one field. Adding minutes depends on the value that was read, the others do not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Replaces the title.
    Title(Title),
    /// Replaces the description.
    Description(Description),
    /// Sets the status.
    Status(Status),
    /// Adds to the time spent, up to the largest `u32`.
    AddMinutes(u32),
}

impl Change {
    /// Changes the fields of `task` and counts its version up: one applied change.
    pub fn apply(&self, task: &mut Task) {
        self.apply_to_copy(task);
        task.version = task.version.next();
    }

    /// Changes the fields of a copy whose version still says on what it is based.
    pub fn apply_to_copy(&self, task: &mut Task) {
        match self {
            Self::Title(title) => task.title = title.clone(),
            Self::Description(description) => task.description = description.clone(),
            Self::Status(status) => task.status = *status,
            Self::AddMinutes(minutes) => task.minutes = task.minutes.saturating_add(*minutes),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Title(_) => f.write_str("sets title"),
            Self::Description(_) => f.write_str("sets description"),
            Self::Status(status) => write!(f, "sets status {status}"),
            Self::AddMinutes(minutes) => write!(f, "adds {minutes} min"),
        }
    }
}
