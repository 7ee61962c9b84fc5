//! Why there is no measurement.

use std::io;

use lab_sites::SiteError;
use lab_store::StoreError;

/// Why something cannot be measured.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// There is no place for the store.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// The store cannot be opened, filled or read.
    #[error("{store}: {why}")]
    Store {
        /// Which one.
        store: String,
        /// Why not.
        why: StoreError,
    },
    /// Nobody got a good answer while it was measured.
    #[error("{store} gave no good answer in {window_ms} ms{because}")]
    NoAnswer {
        /// Which one.
        store: String,
        /// How long it was tried.
        window_ms: u128,
        /// What the first failure said, behind a colon.
        because: String,
    },
    /// The setting is not possible with this store or on this machine.
    #[error("{0}")]
    NotPossible(String),
    /// No thread can be started.
    #[error("a client cannot be started: {0}")]
    Thread(io::Error),
    /// A file cannot be copied, written or synced.
    #[error("{path} cannot be used: {why}")]
    File {
        /// Which one.
        path: String,
        /// What the system said.
        why: io::Error,
    },
    /// A client that is a process of its own does not do what it is told.
    #[error("the process of a client failed: {0}")]
    Process(String),
}

impl MeasureError {
    /// An [`MeasureError::Store`].
    pub(crate) fn store(store: &str, why: StoreError) -> Self {
        Self::Store { store: store.to_owned(), why }
    }
}
