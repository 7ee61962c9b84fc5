//! One connection and the runtime that drives it, on whichever thread asks.

use std::io;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Row};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use crate::backend::Backend;

/// A server that does not answer for this long is taken for one that is not there.
pub(crate) const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// A connection on a current-thread runtime of its own: a runtime of many threads or a pool would
/// hand each statement from thread to thread, which costs a third of the throughput.
pub(crate) struct Link {
    pub(crate) connection: PgConnection,
    pub(crate) runtime: Runtime,
    pub(crate) backend: Backend,
}

impl Link {
    pub(crate) fn open(options: &PgConnectOptions) -> Result<Self, sqlx::Error> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let opening = async {
            let mut connection = PgConnection::connect_with(options).await?;
            let row = sqlx::query("SELECT pg_backend_pid()").fetch_one(&mut connection).await?;
            Ok((connection, row.try_get(0)?))
        };
        let opened = runtime.block_on(async { timeout(CONNECT_LIMIT, opening).await });
        let (connection, pid) = opened.unwrap_or_else(|_| {
            let seconds = CONNECT_LIMIT.as_secs();
            let why = format!("no answer within {seconds} seconds");
            Err(sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, why)))
        })?;
        Ok(Self { connection, runtime, backend: Backend::new(pid, options) })
    }
}
