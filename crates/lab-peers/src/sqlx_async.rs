//! sqlx as asynchronous programs use it, with the statement of `single_statement`: what the
//! synchronous face of the stores costs, and nothing else.

use std::time::Instant;

use lab_measure::{ExternalRun, ExternalWork};
use lab_store::{Site, StoreError};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Row};
use tokio::runtime::Builder;
use tokio::task::JoinSet;

const ADD_MINUTE: &str = "UPDATE tasks SET minutes = least(minutes + $2, 4294967295), \
    version = version + 1 WHERE id = $1 RETURNING version";

/// All clients are tasks of one runtime on one thread, each with a connection.
pub(crate) fn single_statement(
    site: &Site,
    work: &ExternalWork,
) -> Result<ExternalRun, StoreError> {
    let failed = |why: &dyn ToString| StoreError::unavailable("the server", why.to_string());
    let url = site.url.as_deref().ok_or_else(|| failed(&"the site has no URL"))?;
    let options: PgConnectOptions = url.parse().map_err(|error: sqlx::Error| failed(&error))?;
    let options = options.options([("search_path", &site.namespace)]);
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| failed(&error))?;
    runtime.block_on(run(options, *work)).map_err(|error| failed(&error))
}

async fn run(options: PgConnectOptions, work: ExternalWork) -> Result<ExternalRun, sqlx::Error> {
    let mut connections = Vec::new();
    for _ in 0..work.clients {
        connections.push(PgConnection::connect_with(&options).await?);
    }
    let mut clients = JoinSet::new();
    for (nth, connection) in (0_u64..).zip(connections) {
        clients.spawn(edit(connection, work, nth));
    }
    let (mut acknowledged, mut per_s) = (0, 0.0);
    for done in clients.join_all().await {
        let ExternalRun { acknowledged: count, per_s: speed } = done?;
        (acknowledged, per_s) = (acknowledged + count, per_s + speed);
    }
    Ok(ExternalRun { acknowledged, per_s })
}

/// The first edit, which prepares the statement, is not timed.
async fn edit(
    mut connection: PgConnection,
    work: ExternalWork,
    nth: u64,
) -> Result<ExternalRun, sqlx::Error> {
    let mut task = nth;
    let mut acknowledged = u64::from(add_minute(&mut connection, 1 + task % work.tasks).await?);
    let (begin, before) = (Instant::now(), acknowledged);
    while begin.elapsed() < work.about {
        task += 1;
        let is_done = add_minute(&mut connection, 1 + task % work.tasks).await?;
        acknowledged += u64::from(is_done);
    }
    let per_s = (acknowledged - before) as f64 / begin.elapsed().as_secs_f64();
    connection.close().await?;
    Ok(ExternalRun { acknowledged, per_s })
}

async fn add_minute(connection: &mut PgConnection, task: u64) -> Result<bool, sqlx::Error> {
    let update = sqlx::query(ADD_MINUTE).bind(task.cast_signed()).bind(1_i64);
    let row = update.fetch_optional(connection).await?;
    row.map(|row| row.try_get::<i64, _>(0)).transpose().map(|version| version.is_some())
}
