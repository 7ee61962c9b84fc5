//! Servers that have one user at a time.

use std::mem;
use std::sync::{Mutex, PoisonError};

use crate::postgres::given_or_started;
use crate::{PostgresServer, ServerError};

/// Those that nobody uses now.
static FREE: Mutex<Vec<PostgresServer>> = Mutex::new(Vec::new());

/// A server that nobody else of this process uses until this is dropped.
#[derive(Debug)]
pub struct Alone(Option<PostgresServer>);

/// A private server for whoever must not be disturbed: one that is free, or else another one. For
/// transactions of others are not without effect, be it in another schema: while they run,
/// SERIALIZABLE remembers what committed long ago, and may find a conflict with it.
///
/// A server that `RACELAB_POSTGRES_URL` names is used as it is, with whoever else is there.
///
/// # Errors
/// There is none.
pub fn postgres_alone() -> Result<Alone, ServerError> {
    let free = FREE.lock().unwrap_or_else(PoisonError::into_inner).pop();
    free.map_or_else(given_or_started, Ok).map(|server| Alone(Some(server)))
}

impl Alone {
    /// How to reach it, with the password if there is one.
    pub fn url(&self) -> &str {
        self.0.as_ref().map_or("", PostgresServer::url)
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        FREE.lock().unwrap_or_else(PoisonError::into_inner).extend(self.0.take());
    }
}

/// Ends the servers that nobody uses.
pub(crate) fn end_free() {
    drop(mem::take(&mut *FREE.lock().unwrap_or_else(PoisonError::into_inner)));
}
