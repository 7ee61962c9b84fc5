//! Why a history cannot be read.

use std::io;

/// A history that cannot be read, or that no client could have lived through.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The file is missing, or may not be read, or reading it failed.
    #[error("{path} cannot be read: {why}; give the path of a history, or - for stdin")]
    Read {
        /// The file.
        path: String,
        /// What the system says; it stands in the message, and is no further cause.
        why: io::Error,
    },
    /// A line is not understood, or does not follow from those before it.
    #[error("{path}:{line}: {cause}; {remedy}")]
    Line {
        /// The file.
        path: String,
        /// Counted from 1; the first line of what spans several.
        line: u64,
        /// What is wrong.
        cause: String,
        /// What to do about it.
        remedy: String,
    },
    /// There is no event in it. A check of nothing would hold and show nothing.
    #[error("{path} holds no operation of a client; look at how it was recorded")]
    Empty {
        /// The file.
        path: String,
    },
}

/// What is wrong with one record, by whoever does not know where it stands.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub(crate) cause: String,
    pub(crate) remedy: String,
}

impl Trouble {
    pub(crate) fn new(cause: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { cause: cause.into(), remedy: remedy.into() }
    }

    pub(crate) fn at(self, path: &str, line: u64) -> HistoryError {
        let Self { cause, remedy } = self;
        HistoryError::Line { path: path.to_owned(), line, cause, remedy }
    }
}
