//! What can go wrong, and whether the operation may have happened all the same.

/// An operation that got no answer. `what` names the place (a path, or a URL without its
/// password), `why` the cause and, where there is one, the next step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The place cannot be reached or written: missing, read-only, full, or its server is away.
    /// Nothing happened.
    #[error("{what} is not available: {why}")]
    Unavailable {
        /// The place.
        what: String,
        /// The cause.
        why: String,
    },
    /// What is kept there is not what this store wrote, or only a part of it. Nothing happened.
    #[error("{what} does not hold what this store wrote: {why}")]
    Corrupt {
        /// The place.
        what: String,
        /// The cause.
        why: String,
    },
    /// Others were faster each time. Nothing happened.
    #[error("gave up on {what} after {attempts} attempts: others were faster each time")]
    Contended {
        /// The place.
        what: String,
        /// How often it was tried.
        attempts: u32,
    },
    /// Nobody can say whether it happened: the failure came after the change was under way.
    #[error("it is unknown whether {what} took the change: {why}")]
    Indefinite {
        /// The place.
        what: String,
        /// The cause.
        why: String,
    },
}

impl StoreError {
    /// An [`StoreError::Unavailable`].
    pub fn unavailable(what: impl ToString, why: impl ToString) -> Self {
        Self::Unavailable { what: what.to_string(), why: why.to_string() }
    }

    /// A [`StoreError::Corrupt`].
    pub fn corrupt(what: impl ToString, why: impl ToString) -> Self {
        Self::Corrupt { what: what.to_string(), why: why.to_string() }
    }

    /// An [`StoreError::Indefinite`].
    pub fn indefinite(what: impl ToString, why: impl ToString) -> Self {
        Self::Indefinite { what: what.to_string(), why: why.to_string() }
    }

    /// Whether the operation certainly did not happen.
    pub fn is_definite(&self) -> bool {
        !matches!(self, Self::Indefinite { .. })
    }
}
