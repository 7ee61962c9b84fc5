//! The names of what goes wrong.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a history shows that no sequential execution would.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anomaly {
    /// An acknowledged change was overwritten by somebody who had not seen it: P4 of Berenson et
    /// al., "A Critique of ANSI SQL Isolation Levels", SIGMOD 1995.
    LostUpdate,
    /// A reader met data that was half written.
    TornRead,
}

impl Anomaly {
    /// The name as prose has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LostUpdate => "lost update",
            Self::TornRead => "torn read",
        }
    }
}

impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
