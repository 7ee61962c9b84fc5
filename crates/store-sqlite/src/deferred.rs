//! BEGIN DEFERRED: a snapshot at the first read, the write lock only at the first write.
//!
//! # Mechanism
//! BEGIN DEFERRED, SELECT, change, UPDATE, COMMIT; from the start again when the UPDATE fails.
//!
//! # What protects it
//! The UPDATE turns a reader into a writer. SQLite refuses that with BUSY_SNAPSHOT if anybody has
//! committed since the SELECT, because the change would be based on old data: first committer
//! wins. No waiting cures that, only a new transaction with a new SELECT. If somebody else has the
//! write lock just then, it refuses with BUSY and calls no busy handler: two who read and wait for
//! each other's end would wait for ever.
//!
//! # What it admits
//! Nothing within one operation, as long as the program begins again. Lost update between two
//! people who `get` and `save`, because the snapshot ends with each request:
//! ```text
//! A  get   v1
//! B  get   v1
//! B  save  B's description
//! A  save  A's title and the old description      B's description is gone
//! ```
//! It keeps no idempotency keys: a create that is retried makes a second task.
//!
//! # Where it comes from
//! "Read transactions versus write transactions" in
//! <https://www.sqlite.org/lang_transaction.html>; `SQLITE_BUSY_SNAPSHOT` in
//! <https://www.sqlite.org/rescode.html>.

use lab_runtime::Runtime;
use lab_store::{
    Blueprint, Capability, Guarantee, Promise, ScenarioName, Session, Site, Store, StoreError,
};
use lab_task::{
    Anomaly, Change, Filter, IdempotencyKey, NewTask, Outcome, Refusal, Summary, Task, TaskId,
    Version,
};
use rusqlite::{Connection, MAIN_DB, TransactionState, ffi};

use crate::connection::Database;
use crate::place::Place;
use crate::rows;

const SELECT: &str =
    "SELECT id, title, description, status, minutes, version FROM task WHERE id = ?1";
const UPDATE: &str = "UPDATE task SET title = ?2, description = ?3, status = ?4, minutes = ?5, \
                      version = version + 1 WHERE id = ?1 RETURNING version";

/// Transactions that read first.
pub struct Deferred;

impl Blueprint for Deferred {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "BEGIN DEFERRED: begins again when its snapshot is old at the UPDATE",
        capabilities: &[Capability::Persistent, Capability::SharedSite],
        promises: &[
            (ScenarioName::TwoEditors, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::BackgroundStatus, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::RetriedCreate, Promise::Admits(&[Anomaly::DuplicateCreate])),
        ],
    };

    fn open<R: Runtime>(site: &Site) -> Result<Box<dyn Store>, StoreError> {
        Place::<R>::open(site, |database| Box::new(Transactions(database)))
    }
}

struct Transactions<R: Runtime>(Database<R>);

/// Why a transaction that had read could not write.
enum Refused {
    /// Somebody committed since it read.
    SnapshotIsOld,
    /// Somebody else is writing.
    LockIsTaken,
}

impl<R: Runtime> Transactions<R> {
    fn transaction<T>(
        &self,
        statements: impl Fn(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        for attempt in 0..Database::<R>::ATTEMPTS_MAX {
            match self.attempt(&statements)? {
                Ok(answer) => {
                    self.0.commit()?;
                    return Ok(answer);
                }
                Err(Refused::SnapshotIsOld) => {
                    self.0.roll_back();
                    R::back_off(attempt);
                }
                Err(Refused::LockIsTaken) => {
                    // Before the ROLLBACK: during it the writer might finish unseen, and nobody
                    // would be left to wait for.
                    R::wait_for_release(attempt);
                    self.0.roll_back();
                }
            }
        }
        Err(self.0.contended())
    }

    /// Everything but the end of a transaction.
    fn attempt<T>(
        &self,
        statements: impl Fn(&Connection) -> rusqlite::Result<T>,
    ) -> Result<Result<T, Refused>, StoreError> {
        self.0.begin("BEGIN DEFERRED")?;
        let answer = self.0.read(|connection| match statements(connection) {
            Ok(answer) => Ok(Ok(answer)),
            Err(error) => refused(connection, error).map(Err),
        });
        answer.inspect_err(|_| self.0.roll_back())
    }
}

/// Sorts a refused upgrade from the errors that another attempt would meet again: BUSY at the
/// SELECT, for one, has had its busy handler and leaves no snapshot.
fn refused(connection: &Connection, error: rusqlite::Error) -> rusqlite::Result<Refused> {
    let has_read = connection.transaction_state(Some(MAIN_DB))? == TransactionState::Read;
    match error.sqlite_error().map(|error| error.extended_code) {
        Some(ffi::SQLITE_BUSY_SNAPSHOT) => Ok(Refused::SnapshotIsOld),
        Some(ffi::SQLITE_BUSY) if has_read => Ok(Refused::LockIsTaken),
        _ => Err(error),
    }
}

impl<R: Runtime> Session for Transactions<R> {
    fn create(
        &mut self,
        new: &NewTask,
        _key: Option<&IdempotencyKey>,
    ) -> Result<TaskId, StoreError> {
        self.0.write(|connection| rows::create(connection, new))
    }

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.0.read(|connection| rows::select(connection, SELECT, id))
    }

    fn list(&mut self, filter: &Filter) -> Result<Vec<Task>, StoreError> {
        self.0.read(|connection| rows::list(connection, filter))
    }

    fn summary(&mut self) -> Result<Summary, StoreError> {
        self.0.read(rows::summary)
    }

    fn edit(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        self.transaction(|connection| {
            let Some(mut task) = rows::select(connection, SELECT, id)? else {
                return Ok(Outcome::Refused(Refusal::NotFound));
            };
            change.apply_to_copy(&mut task);
            rows::write_back(connection, UPDATE, &task)
        })
    }

    fn save(&mut self, copy: &Task) -> Result<Outcome, StoreError> {
        self.0.write(|connection| rows::write_back(connection, UPDATE, copy))
    }

    fn delete(&mut self, id: TaskId, _based_on: Option<Version>) -> Result<Outcome, StoreError> {
        self.0.write(|connection| rows::delete(connection, id))
    }

    fn start(&mut self, id: TaskId, wip_limit: u32) -> Result<Outcome, StoreError> {
        self.transaction(|connection| rows::start(connection, id, wip_limit))
    }
}
