//! The seam to the server: every statement of every store passes here and is one step.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use lab_runtime::{Access, Fault, Kind, Probe, Runtime, ServerCall};
use lab_store::StoreError;
use sqlx::postgres::{PgConnection, PgRow};

use crate::backend::Backend;
use crate::database::Database;
use crate::failure::{Effect, Failure, is_lost};
use crate::fault::{Isolation, conflict, lost_answer, possible};
use crate::link::Link;
use crate::pipe::Pipe;
use crate::statement::Statement;
use crate::weaker;

/// One session's connection.
pub(crate) struct Connection<R> {
    database: Arc<Database>,
    link: Option<Link>,
    pipe: Option<Pipe<R>>,
    in_transaction: bool,
    isolation: Isolation,
}

impl<R: Runtime> Connection<R> {
    pub(crate) fn open(database: Arc<Database>) -> Result<Self, StoreError> {
        let first = database.first_or_another()?;
        let isolation = default_isolation(&database);
        let link = Some(Self::scheduled(&database, first)?);
        Ok(Self { database, link, pipe: None, in_transaction: false, isolation })
    }

    fn scheduled(database: &Database, mut link: Link) -> Result<Link, StoreError> {
        if R::COOPERATIVE {
            let near = link.come_near(&database.options);
            near.map_err(|error| database.unavailable(error))?;
        }
        Ok(link)
    }

    /// The site in messages.
    pub(crate) fn place(&self) -> &str {
        &self.database.place
    }

    /// Before an operation: connects again if the connection was lost, or if a panic left a
    /// transaction open.
    pub(crate) fn ready(&mut self) -> Result<(), StoreError> {
        if self.link.is_none() || self.in_transaction {
            self.link = None;
            // What ended one connection has very likely ended the other too.
            self.pipe = None;
            self.in_transaction = false;
            self.link = Some(Self::scheduled(&self.database, self.database.connect()?)?);
        }
        Ok(())
    }

    /// Carries out `body` between `begin` and COMMIT; if it fails, it is rolled back.
    pub(crate) fn transaction<T>(
        &mut self,
        begin: &'static str,
        body: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let begin = if const { R::LACKS.is_some() } { weaker::begin::<R>(begin) } else { begin };
        self.control(Kind::Read, begin, Effect::None)?;
        self.in_transaction = true;
        self.isolation = Isolation::of(begin, self.isolation);
        let done = body(self);
        let ended = match done {
            Ok(_) => self.control(Kind::Release, "COMMIT", Effect::Perhaps),
            Err(_) if self.link.is_some() => self.control(Kind::Release, "ROLLBACK", Effect::None),
            // The server rolls back what belongs to a lost connection.
            Err(_) => Ok(()),
        };
        self.in_transaction = false;
        self.isolation = default_isolation(&self.database);
        let value = done?;
        ended?;
        Ok(value)
    }

    /// Carries out a transaction whose statements share round trips. The first one opens a
    /// connection for them; one that fails or panics closes it, and the server undoes what was
    /// under way.
    pub(crate) fn pipelined<T>(
        &mut self,
        body: impl FnOnce(&mut Pipe<R>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut pipe = match self.pipe.take() {
            Some(pipe) => pipe,
            None => Pipe::open(Arc::clone(&self.database))?,
        };
        let value = body(&mut pipe)?;
        self.pipe = Some(pipe);
        Ok(value)
    }

    /// Carries out a statement to its very end: outside a transaction that is its commit.
    pub(crate) fn rows(&mut self, statement: Statement) -> Result<Vec<PgRow>, Failure> {
        let statement = match const { R::LACKS } {
            None => statement,
            Some(lacked) => weaker::statement(lacked, statement)?,
        };
        let Statement { kind, sql, query } = statement;
        let effect = match kind {
            Kind::Write if !self.in_transaction => Effect::Perhaps,
            _ => Effect::None,
        };
        self.step(kind, &sql, effect, async |connection| query.fetch_all(connection).await)
    }

    /// BEGIN, COMMIT and ROLLBACK, which gain nothing from being prepared.
    fn control(&mut self, kind: Kind, sql: &'static str, effect: Effect) -> Result<(), Failure> {
        let asked = async |connection: &mut PgConnection| {
            sqlx::raw_sql(sql).execute(connection).await.map(drop)
        };
        self.step(kind, sql, effect, asked)
    }

    fn step<T>(
        &mut self,
        kind: Kind,
        sql: &str,
        effect: Effect,
        ask: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, Failure> {
        let access = Access { kind, object: self.database.object, label: sql };
        let fault = R::fallible_point(access, possible(self.isolation, kind, sql, effect));
        let asked = async |connection: &mut PgConnection| match fault {
            Some(Fault::Serialization) => Err(conflict(connection, sql == "COMMIT").await),
            Some(Fault::LostAnswer) => ask(connection).await.and_then(|_| Err(lost_answer())),
            Some(Fault::Busy) | None => ask(connection).await,
        };
        // Taken out for the time of the call: if that is broken off by a panic, the connection is
        // closed, and the server undoes what was under way.
        let Some(Link { mut connection, backend, runtime }) = self.link.take() else {
            return Err(StoreError::unavailable(self.place(), "the connection was lost").into());
        };
        let answer = R::server_call(Call {
            runtime: &runtime,
            answer: pin!(asked(&mut connection)),
            database: &self.database,
            backend: backend.as_ref(),
        });
        if !answer.as_ref().is_err_and(is_lost) {
            self.link = Some(Link { connection, backend, runtime });
        }
        answer.map_err(|error| Failure::of(self.place(), effect, error))
    }
}

fn default_isolation(database: &Database) -> Isolation {
    if database.is_serializable { Isolation::Serializable } else { Isolation::ReadCommitted }
}

/// A statement under way.
pub(crate) struct Call<'a, F> {
    pub(crate) runtime: &'a tokio::runtime::Runtime,
    pub(crate) answer: Pin<&'a mut F>,
    pub(crate) database: &'a Arc<Database>,
    /// There for a scheduler, and nobody else asks for it.
    pub(crate) backend: Option<&'a Backend>,
}

impl<F: Future> ServerCall for Call<'_, F> {
    type Output = F::Output;

    fn poll_for(&mut self, limit: Duration) -> Option<F::Output> {
        let Some(backend) = self.backend else { return Some(self.finish()) };
        let mut patience = pin!(backend.patience.ends(limit));
        self.runtime.block_on(poll_fn(|context| match self.answer.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending => patience.as_mut().poll(context).map(|()| None),
        }))
    }

    fn finish(&mut self) -> F::Output {
        self.runtime.block_on(self.answer.as_mut())
    }

    fn probe(&self) -> Probe {
        let database = Arc::clone(self.database);
        let pid = self.backend.map(|backend| backend.pid);
        Arc::new(move || pid.is_some_and(|pid| database.is_blocked(pid)))
    }
}
