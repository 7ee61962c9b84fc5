//! A session and a store for every mechanism of this family: what they share is that a server's
//! request to begin again is followed, a bounded number of times.

use std::marker::PhantomData;
use std::sync::Arc;

use lab_runtime::{Protection, Runtime, lacks};
use lab_store::{Leasing, Session, Site, Store, StoreError};
use lab_task::{Change, Filter, IdempotencyKey, NewTask, Outcome, Summary, Task, TaskId, Version};

use crate::connection::Connection;
use crate::database::Database;
use crate::failure::Failure;

/// How one store changes tasks. Reads are one statement each, which sees one snapshot, so all
/// stores share them; and so they do what one statement does without a precondition.
pub(crate) trait Mechanism: Sized + Send + Sync + 'static {
    /// Settings of every connection: a server may have another default than Postgres itself.
    const SETTINGS: &'static [(&'static str, &'static str)] =
        &[("default_transaction_isolation", "read committed")];

    /// Reads, changes and writes back.
    fn edit<R: Runtime>(
        db: &mut Connection<R>,
        id: TaskId,
        change: &Change,
    ) -> Result<Outcome, Failure>;

    /// Sets in progress, if fewer than `wip_limit` others are.
    fn start<R: Runtime>(
        db: &mut Connection<R>,
        id: TaskId,
        wip_limit: u32,
    ) -> Result<Outcome, Failure>;

    /// Creates a task.
    fn create<R: Runtime>(
        db: &mut Connection<R>,
        new: &NewTask,
        _key: Option<&IdempotencyKey>,
    ) -> Result<TaskId, Failure> {
        db.insert(new)
    }

    /// Writes back a copy that was read earlier.
    fn save<R: Runtime>(db: &mut Connection<R>, copy: &Task) -> Result<Outcome, Failure> {
        db.save(copy)
    }

    /// Removes a task.
    fn delete<R: Runtime>(
        db: &mut Connection<R>,
        id: TaskId,
        _based_on: Option<Version>,
    ) -> Result<Outcome, Failure> {
        db.delete(id)
    }

    /// The leases of this store, if it has some.
    fn leasing<R: Runtime>(_session: &mut PgSession<R, Self>) -> Option<&mut dyn Leasing> {
        None
    }
}

/// A store on one site.
pub(crate) struct PgStore<R, M> {
    database: Arc<Database>,
    kind: PhantomData<(R, M)>,
}

impl<R: Runtime, M: Mechanism> PgStore<R, M> {
    pub(crate) fn open(site: &Site) -> Result<Box<dyn Store>, StoreError> {
        let database = Arc::new(Database::open(site, M::SETTINGS)?);
        Ok(Box::new(Self { database, kind: PhantomData }))
    }
}

impl<R: Runtime, M: Mechanism> Store for PgStore<R, M> {
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        let connection = Connection::open(Arc::clone(&self.database))?;
        Ok(Box::new(PgSession::<R, M> { connection, mechanism: PhantomData }))
    }
}

/// One client of a store.
pub(crate) struct PgSession<R, M> {
    connection: Connection<R>,
    mechanism: PhantomData<M>,
}

impl<R: Runtime, M> PgSession<R, M> {
    /// How often an operation is tried before it gives up.
    const ATTEMPTS_MAX: u32 = if lacks::<R>(Protection::Retry) { 1 } else { 100 };

    /// Carries out an operation, from its start each time the server asks for that.
    pub(crate) fn perform<T>(
        &mut self,
        mut operation: impl FnMut(&mut Connection<R>) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        for attempt in 0..Self::ATTEMPTS_MAX {
            self.connection.ready()?;
            match operation(&mut self.connection) {
                Ok(value) => return Ok(value),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Conflict) => R::back_off(attempt),
            }
        }
        let what = self.connection.place().to_owned();
        Err(StoreError::Contended { what, attempts: Self::ATTEMPTS_MAX })
    }
}

impl<R: Runtime, M: Mechanism> Session for PgSession<R, M> {
    fn create(
        &mut self,
        new: &NewTask,
        key: Option<&IdempotencyKey>,
    ) -> Result<TaskId, StoreError> {
        self.perform(|db| M::create(db, new, key))
    }

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.perform(|db| db.select(id))
    }

    fn list(&mut self, filter: &Filter) -> Result<Vec<Task>, StoreError> {
        self.perform(|db| db.list(filter))
    }

    fn summary(&mut self) -> Result<Summary, StoreError> {
        self.perform(Connection::summary)
    }

    fn edit(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        self.perform(|db| M::edit(db, id, change))
    }

    fn save(&mut self, copy: &Task) -> Result<Outcome, StoreError> {
        self.perform(|db| M::save(db, copy))
    }

    fn delete(&mut self, id: TaskId, based_on: Option<Version>) -> Result<Outcome, StoreError> {
        self.perform(|db| M::delete(db, id, based_on))
    }

    fn start(&mut self, id: TaskId, wip_limit: u32) -> Result<Outcome, StoreError> {
        self.perform(|db| M::start(db, id, wip_limit))
    }

    fn leasing(&mut self) -> Option<&mut dyn Leasing> {
        M::leasing(self)
    }
}
