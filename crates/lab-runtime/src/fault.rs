//! What may go wrong at a step although nobody is to blame for it.

use std::fmt;

/// A fault that a scheduler may let happen at a step. Seams make it look as the real one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Somebody keeps SQLite's write lock for longer than anybody waits.
    Busy,
    /// The server undoes the transaction because of what others do: SQLSTATE 40001.
    Serialization,
    /// It is carried out, and its answer does not arrive.
    LostAnswer,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 3] = [Self::Busy, Self::Serialization, Self::LostAnswer];
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Busy => "SQLITE_BUSY (the lab keeps the lock)",
            Self::Serialization => "40001 (raised by the lab)",
            Self::LostAnswer => "the answer is lost (by the lab)",
        })
    }
}
