//! Kinds of work within an operation.

use std::fmt;

/// A kind of work, whose time a runtime may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Waiting for a lock that somebody else has, and to take one of the operating system.
    Lock,
    /// Copying tasks, and the memory for that.
    Copy,
    /// Between a task and its text, either way.
    Serialise,
    /// Reading a file.
    Read,
    /// Writing or renaming a file.
    Write,
    /// Making what was written survive a power loss.
    Sync,
    /// A statement inside this process: all of it that is no lock, no read, no write and no sync.
    Statement,
    /// A request to a server until its answer, with whatever it does and waits for meanwhile.
    RoundTrip,
    /// Stepping aside after a race that was lost.
    Retry,
    /// Waiting for another thread of the store to do the work, or for company.
    HandOff,
}

impl Span {
    /// Every kind, each at its own number.
    pub const ALL: [Self; 10] = [
        Self::Lock,
        Self::Copy,
        Self::Serialise,
        Self::Read,
        Self::Write,
        Self::Sync,
        Self::Statement,
        Self::RoundTrip,
        Self::Retry,
        Self::HandOff,
    ];

    /// The words for tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lock => "lock",
            Self::Copy => "copy",
            Self::Serialise => "serialise",
            Self::Read => "read",
            Self::Write => "write",
            Self::Sync => "fsync",
            Self::Statement => "statement",
            Self::RoundTrip => "round trip",
            Self::Retry => "retry",
            Self::HandOff => "hand-off",
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
