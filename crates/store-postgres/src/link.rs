//! One connection and the runtime that drives it, on whichever thread asks.

use std::io;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Row};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use crate::backend::{Backend, OWN_PID};

/// A server that does not answer for this long is taken for one that is not there.
pub(crate) const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// A connection on a current-thread runtime of its own: a runtime of many threads or a pool would
/// hand each statement from thread to thread, which costs a third of the throughput.
pub(crate) struct Link {
    pub(crate) connection: PgConnection,
    /// For a scheduler.
    pub(crate) backend: Option<Backend>,
    pub(crate) runtime: Runtime,
}

impl Link {
    pub(crate) fn open(options: &PgConnectOptions) -> Result<Self, sqlx::Error> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let opening = PgConnection::connect_with(options);
        let opened = runtime.block_on(async { timeout(CONNECT_LIMIT, opening).await });
        let connection = opened.unwrap_or_else(|_| {
            let seconds = CONNECT_LIMIT.as_secs();
            let why = format!("no answer within {seconds} seconds");
            Err(sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, why)))
        })?;
        Ok(Self { connection, backend: None, runtime })
    }

    /// Makes it one that can be scheduled.
    pub(crate) fn come_near(&mut self, options: &PgConnectOptions) -> Result<(), sqlx::Error> {
        let asking = sqlx::raw_sql(OWN_PID).fetch_one(&mut self.connection);
        let pid = self.runtime.block_on(asking)?.try_get(0)?;
        self.backend = Some(Backend::come_near(pid, &self.runtime, options)?);
        Ok(())
    }
}
