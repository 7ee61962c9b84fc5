//! The names of what goes wrong.
//!
//! Sources: Berenson et al., "A Critique of ANSI SQL Isolation Levels", SIGMOD 1995 (P4, A5A,
//! A5B); Adya, "Weak Consistency: A Generalized Theory and Optimistic Implementations for
//! Distributed Transactions", PhD thesis, MIT 1999 (G1a, G1b, G-single, G2); Kingsbury and
//! Alvaro, "Elle: Inferring Isolation Anomalies from Experimental Observations", VLDB 2020;
//! Herlihy and Wing, "Linearizability: A Correctness Condition for Concurrent Objects", TOPLAS
//! 1990; Terry et al., "Session Guarantees for Weakly Consistent Replicated Data", PDIS 1994;
//! Papadimitriou, "The Serializability of Concurrent Database Updates", JACM 1979.
//! Names that none of these has are named by this project; each says which rule it breaks.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a history shows that no sequential execution would.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anomaly {
    /// An acknowledged change was overwritten by somebody who had not seen it: P4 of Berenson et
    /// al. With versions: two acknowledged changes made the same version, or a change that is
    /// based on one version was applied on top of another.
    LostUpdate,
    /// A reader saw a value that was overwritten before it asked: what Herlihy and Wing's real
    /// time order forbids.
    StaleRead,
    /// A reader saw what no applied operation wrote, such as the value of a write that failed and
    /// was asked for before the reader was answered: G1a and G1b of Adya, the garbage read of Elle.
    DirtyRead,
    /// A reader saw a value before anybody had asked to write it (Herlihy and Wing 1990).
    FutureRead,
    /// A reader met data that was half written, or a version with another content than it was
    /// made with. Named by this project, after the word for a half-written page: a violation of
    /// linearizability (Herlihy and Wing 1990) in which one read shows parts of two writes, or of
    /// one write a part.
    TornRead,
    /// A list holds one task twice, or lacks one that was there all along. Named by this project:
    /// a violation of strict serializability (Papadimitriou 1979) in which no one state of the
    /// store has what one list shows; of Adya's phenomena it is G-single with a predicate.
    TornList,
    /// Within one operation or transaction one thing was read twice, with two values: P2 of
    /// Berenson et al.
    NonRepeatableRead,
    /// A client saw an older value than it had seen before: monotonic reads of Terry et al.
    NonMonotonicRead,
    /// A reader saw parts of two states that were never there together: A5A of Berenson et al.,
    /// G-single of Adya.
    ReadSkew,
    /// Two decisions, each right by what it had read, break an invariant together: A5B of
    /// Berenson et al., G2-item of Adya.
    WriteSkew,
    /// Two tasks were given one id. Named by this project: a violation of linearizability
    /// (Herlihy and Wing 1990) in which two creates are answered as if each came first; P4 of
    /// Berenson et al. where one task overwrites the other.
    DuplicateId,
    /// A task whose creation was acknowledged is not there. Named by this project: P4 of Berenson
    /// et al. for a creation.
    LostCreate,
    /// One request that was sent twice made two tasks. Named by this project: a violation of
    /// linearizability (Herlihy and Wing 1990) in which the second create with a key did not see
    /// the first one's.
    DuplicateCreate,
    /// A task whose deletion was acknowledged is there again. Named by this project: P4 of Berenson
    /// et al. for a deletion.
    ResurrectedDelete,
    /// Two instances of one store know different tasks. Named by this project: a violation of
    /// linearizability (Herlihy and Wing 1990) in which each instance alone is linearizable, and
    /// no order of both explains what they answer.
    DivergentInstances,
}

impl Anomaly {
    /// Every anomaly.
    pub const ALL: [Self; 15] = [
        Self::LostUpdate,
        Self::StaleRead,
        Self::DirtyRead,
        Self::FutureRead,
        Self::TornRead,
        Self::TornList,
        Self::NonRepeatableRead,
        Self::NonMonotonicRead,
        Self::ReadSkew,
        Self::WriteSkew,
        Self::DuplicateId,
        Self::LostCreate,
        Self::DuplicateCreate,
        Self::ResurrectedDelete,
        Self::DivergentInstances,
    ];

    /// The name as prose has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LostUpdate => "lost update",
            Self::StaleRead => "stale read",
            Self::DirtyRead => "dirty read",
            Self::FutureRead => "future read",
            Self::TornRead => "torn read",
            Self::TornList => "torn list",
            Self::NonRepeatableRead => "non-repeatable read",
            Self::NonMonotonicRead => "non-monotonic read",
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
