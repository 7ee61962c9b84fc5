//! What a peer in a binary of its own says on its stdout: one line of JSON.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// So many schedules in so much time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ran {
    /// How many were run; where one was looked for, it included.
    pub schedules: usize,
    /// How long it took.
    pub ns: u64,
}

impl Ran {
    /// So many schedules in that time.
    pub fn of(schedules: usize, time: Duration) -> Self {
        Self { schedules, ns: u64::try_from(time.as_nanos()).unwrap_or(u64::MAX) }
    }

    /// Schedules a second.
    pub fn per_second(self) -> f64 {
        self.schedules as f64 * 1e9 / self.ns.max(1) as f64
    }
}
