//! Why there is no server, and what to do about it.

/// There is no server to be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    /// It is not installed.
    #[error("{reason}; to install it: {install}")]
    Missing {
        /// Where it was looked for.
        reason: String,
        /// A line for the shell.
        install: &'static str,
    },
    /// It is installed and does not start, or does not answer.
    #[error("{what}: {why}")]
    Failed {
        /// What was tried.
        what: String,
        /// The cause; where the server wrote a log, the end of that.
        why: String,
    },
    /// An environment variable says something that cannot be followed.
    #[error("{variable} cannot be followed: {why}")]
    Environment {
        /// Which one.
        variable: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

impl ServerError {
    pub(crate) fn failed(what: impl ToString, why: impl ToString) -> Self {
        Self::Failed { what: what.to_string(), why: why.to_string() }
    }
}
