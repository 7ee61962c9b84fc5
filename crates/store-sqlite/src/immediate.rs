//! BEGIN IMMEDIATE: the write lock is taken before the first read.
//!
//! # Mechanism
//! BEGIN IMMEDIATE, SELECT, change, UPDATE, COMMIT.
//!
//! # What protects it
//! SQLite has one write lock for the whole database. Who has it reads what nobody can change
//! before the COMMIT; who wants it waits in BEGIN, where nothing was read yet and so nothing has
//! to be done again. Readers do not wait: they see the last commit.
//!
//! # What it admits
//! Nothing within one operation. Lost update between two people who `get` and `save`, because the
//! lock ends with each request:
//! ```text
//! A  get   v1
//! B  get   v1
//! B  save  B's description
//! A  save  A's title and the old description      B's description is gone
//! ```
//! It keeps no idempotency keys: a create that is retried makes a second task.
//!
//! # Where it comes from
//! "Transaction", section 2.2, in <https://www.sqlite.org/lang_transaction.html>.

use lab_runtime::Runtime;
use lab_store::{
    Blueprint, Capability, Guarantee, Promise, ScenarioName, Session, Site, Store, StoreError,
};
use lab_task::{
    Anomaly, Change, Filter, IdempotencyKey, NewTask, Outcome, Refusal, Summary, Task, TaskId,
    Version,
};

use crate::connection::Database;
use crate::place::Place;
use crate::rows;

const BEGIN: &str = "BEGIN IMMEDIATE";
const SELECT: &str =
    "SELECT id, title, description, status, minutes, version FROM task WHERE id = ?1";
const UPDATE: &str = "UPDATE task SET title = ?2, description = ?3, status = ?4, minutes = ?5, \
                      version = version + 1 WHERE id = ?1 RETURNING version";

/// Transactions that begin with the write lock.
pub struct Immediate;

impl Blueprint for Immediate {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "BEGIN IMMEDIATE: the write lock before the first read",
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
        self.0.transaction(BEGIN, |connection| {
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
        self.0.transaction(BEGIN, |connection| rows::start(connection, id, wip_limit))
    }
}
