//! How likely a loss is on the stores that do not protect an update: what was counted and measured.

use serde::{Deserialize, Serialize};

use crate::Share;

/// Both measurements.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chances {
    /// For each store and number of clients, how often every increment survives.
    pub increments: Vec<Increments>,
    /// For each store, how often two processes of the operating system lose an increment.
    pub windows: Vec<Window>,
    /// The stores of which nothing is said here though they lose updates, each with the reason.
    pub left_out: Vec<String>,
}

impl Chances {
    /// Whether nothing was measured.
    pub fn is_empty(&self) -> bool {
        self.increments.is_empty() && self.windows.is_empty()
    }
}

/// So many clients, each of which adds to one task once, in two steps that others see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Increments {
    /// `family/mechanism`.
    pub store: String,
    /// How many clients.
    pub clients: usize,
    /// Of all schedules, those in which every increment survives; `None` where they are too many
    /// to be run.
    pub explored: Option<Share>,
    /// The exact share of random walks that end in one of those, from the forks of the same tree.
    pub walk: Option<Share>,
    /// Of random walks that were taken, those in which every increment survives.
    pub walked: Share,
    /// Of the trials on threads that nobody schedules but the system, those in which every
    /// increment survives.
    pub threads: Share,
}

/// Two processes of the operating system that each add to one task, the second so much later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// `family/mechanism`.
    pub store: String,
    /// How long one edit takes that meets nobody: the median.
    pub edit_us_p50: usize,
    /// One entry for each delay, the shortest first.
    pub moments: Vec<Moment>,
}

/// The trials with one delay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// How much later the second process starts.
    pub delay_us: usize,
    /// Of the trials in which both edits were acknowledged, those that lost one.
    pub lost: Share,
    /// Trials in which an edit was not acknowledged: nothing was lost without a word.
    pub refused: usize,
    /// Trials left out because a process missed its moment.
    pub late: usize,
}
