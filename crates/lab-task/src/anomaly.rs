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
    /// A reader saw parts of two states that were never there together: A5A of Berenson et al.
    ReadSkew,
    /// Two decisions, each right by what it had read, break an invariant together: A5B there.
    WriteSkew,
    /// Two tasks were given one id.
    DuplicateId,
    /// A task whose creation was acknowledged is not there.
    LostCreate,
    /// One request that was sent twice made two tasks.
    DuplicateCreate,
    /// A task whose deletion was acknowledged is there again.
    ResurrectedDelete,
    /// Two instances of one store know different tasks.
    DivergentInstances,
}

impl Anomaly {
    /// The name as prose has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LostUpdate => "lost update",
            Self::TornRead => "torn read",
            Self::ReadSkew => "read skew",
            Self::WriteSkew => "write skew",
            Self::DuplicateId => "duplicate id",
            Self::LostCreate => "lost create",
            Self::DuplicateCreate => "duplicate create",
            Self::ResurrectedDelete => "resurrected delete",
            Self::DivergentInstances => "divergent instances",
        }
    }
}

impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
