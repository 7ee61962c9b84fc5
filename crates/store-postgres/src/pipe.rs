//! The other seam to the server: statements that share a round trip are one step.
//!
//! sqlx waits for the answer to each statement before it sends the next. tokio-postgres sends
//! whatever is asked at one time in one go.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::pin::pin;
use std::sync::Arc;

use futures_util::future::join_all;
use lab_runtime::{Access, Fault, Kind, Runtime};
use lab_store::StoreError;
use lab_task::{Outcome, Task};
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use tokio::runtime::Builder;
use tokio::time::timeout;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Error, NoTls, Row, Statement};

use crate::backend::{Backend, OWN_PID};
use crate::connection::Call;
use crate::database::Database;
use crate::failure::{Effect, Failure};
use crate::fault::{Isolation, possible};
use crate::link::CONNECT_LIMIT;
use crate::row;
use crate::weaker;

/// A statement whose text is constant, and its arguments.
pub(crate) type Query<'a> = (&'static str, &'a [&'a (dyn ToSql + Sync)]);

/// A connection for transactions whose statements share round trips.
pub(crate) struct Pipe<R> {
    database: Arc<Database>,
    runtime: tokio::runtime::Runtime,
    session: Session,
    /// For a scheduler.
    backend: Option<Backend>,
    kind: PhantomData<fn() -> R>,
}

/// What the server knows of this connection.
struct Session {
    client: Client,
    /// Each statement is planned when it is first sent.
    planned: HashMap<&'static str, Statement>,
}

impl<R: Runtime> Pipe<R> {
    pub(crate) fn open(database: Arc<Database>) -> Result<Self, StoreError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| database.not_reached(&error))?;
        let config = config(&database);
        let opening = async { timeout(CONNECT_LIMIT, Session::open::<R>(&config)).await };
        match runtime.block_on(opening) {
            Ok(Ok((session, pid))) => {
                let near = |pid| Backend::come_near(pid, &runtime, &database.options);
                let backend = pid.map(near).transpose();
                let backend = backend.map_err(|error| database.not_reached(&error))?;
                Ok(Self { database, runtime, session, backend, kind: PhantomData })
            }
            Ok(Err(error)) => match Failure::of_pipe(&database.place, Effect::None, &error) {
                Failure::Final(error) => Err(error),
                Failure::Conflict => Err(database.not_reached(&error)),
            },
            Err(late) => Err(database.not_reached(&late)),
        }
    }

    /// BEGIN and what the transaction has to read, in one round trip. Gives a row, or none, for
    /// each query.
    pub(crate) fn begin(
        &mut self,
        label: &str,
        queries: &[Query<'_>],
    ) -> Result<Vec<Option<Row>>, Failure> {
        let queries = [&[("BEGIN", &[][..])], queries].concat();
        let mut rows = self.send(Kind::Write, label, Effect::None, &queries)?;
        rows.remove(0);
        Ok(rows)
    }

    /// The last statement of the transaction and COMMIT, in one round trip. Gives its row. If the
    /// statement fails, the server takes the COMMIT for a ROLLBACK.
    pub(crate) fn commit(&mut self, label: &str, query: Query<'_>) -> Result<Option<Row>, Failure> {
        let queries = [query, ("COMMIT", &[])];
        let rows = self.send(Kind::Release, label, Effect::Perhaps, &queries)?;
        Ok(rows.into_iter().next().flatten())
    }

    /// ROLLBACK, because the answer is a refusal.
    pub(crate) fn refuse(&mut self, outcome: Outcome) -> Result<Outcome, Failure> {
        self.send(Kind::Release, "ROLLBACK", Effect::None, &[("ROLLBACK", &[])])?;
        Ok(outcome)
    }

    fn send(
        &mut self,
        kind: Kind,
        label: &str,
        effect: Effect,
        queries: &[Query<'_>],
    ) -> Result<Vec<Option<Row>>, Failure> {
        let access = Access { kind, object: self.database.object, label };
        let faults = possible(Isolation::ReadCommitted, kind, label, effect);
        let fault = R::fallible_point(access, faults);
        let Self { database, runtime, session, backend, .. } = self;
        let answer = pin!(session.ask::<R>(queries));
        let answer = R::server_call(Call { runtime, answer, database, backend: backend.as_ref() });
        if fault == Some(Fault::LostAnswer) {
            return Err(Failure::lost(&database.place, effect, &"it did not arrive (by the lab)"));
        }
        answer.map_err(|error| Failure::of_pipe(&database.place, effect, &error))
    }

    /// A row as a task.
    pub(crate) fn task(&self, row: &Row) -> Result<Task, Failure> {
        row::task(row).map_err(|why| self.corrupt(why))
    }

    /// The first column of a row, an unsigned number.
    pub(crate) fn unsigned(&self, row: &Row) -> Result<u64, Failure> {
        row::unsigned(row, 0).map_err(|why| self.corrupt(why))
    }

    fn corrupt(&self, why: impl ToString) -> Failure {
        StoreError::corrupt(&self.database.place, why).into()
    }
}

impl Session {
    /// A connection, and for a scheduler the number of the server's process for it.
    async fn open<R: Runtime>(config: &Config) -> Result<(Self, Option<i32>), Error> {
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(connection);
        let pid = match R::COOPERATIVE {
            true => Some(client.query_one(OWN_PID, &[]).await?.try_get(0)?),
            false => None,
        };
        Ok((Self { client, planned: HashMap::new() }, pid))
    }

    /// Sends everything before it waits for the first answer.
    async fn ask<R: Runtime>(&mut self, queries: &[Query<'_>]) -> Result<Vec<Option<Row>>, Error> {
        for (sql, _) in queries {
            if !self.planned.contains_key(sql) {
                let statement = match const { R::LACKS } {
                    None => self.client.prepare(sql).await?,
                    Some(lacked) => self.client.prepare(&weaker::text(lacked, sql)).await?,
                };
                self.planned.insert(sql, statement);
            }
        }
        let asked = queries
            .iter()
            .map(|(sql, arguments)| self.client.query_opt(&self.planned[sql], arguments));
        join_all(asked).await.into_iter().collect()
    }
}

/// The same server, user and settings that sqlx has.
fn config(database: &Database) -> Config {
    let options = &database.options;
    let mut config = Config::new();
    match options.get_socket() {
        Some(folder) => config.host_path(folder),
        None => config.host(options.get_host()),
    };
    config.port(options.get_port()).user(options.get_username());
    if let Some(password) = password(options) {
        config.password(password);
    }
    options.get_database().map(|name| config.dbname(name));
    options.get_options().map(|options| config.options(options));
    options.get_application_name().map(|name| config.application_name(name));
    config
}

/// sqlx tells the password in its URL alone; what is in front of its query both drivers read in
/// one way.
fn password(options: &PgConnectOptions) -> Option<Vec<u8>> {
    let url = options.to_url_lossy();
    let url = url.as_str().split('?').next()?.parse::<Config>().ok()?;
    url.get_password().map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use lab_store::Site;

    use super::*;

    #[test]
    fn the_other_driver_is_told_what_sqlx_was() {
        let url =
            "postgres://ann:s%40cret%2F%3F@localhost/lab?host=/run/pg&options[geqo]=off&port=5433";
        let site =
            Site { url: Some(url.to_owned()), namespace: "one".to_owned(), ..Site::default() };
        let database = Database::locate(&site, &[]).unwrap();
        let config = config(&database);
        assert_eq!(config.get_password(), Some(&b"s@cret/?"[..]));
        assert_eq!((config.get_user(), config.get_dbname()), (Some("ann"), Some("lab")));
        assert_eq!(config.get_ports(), [5433]);
        assert_eq!(format!("{:?}", config.get_hosts()), "[Unix(\"/run/pg\")]");
        assert_eq!(config.get_options(), database.options.get_options());
        assert_eq!(config.get_application_name(), Some("one"));
    }
}
