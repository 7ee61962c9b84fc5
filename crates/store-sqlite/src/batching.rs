//! One writer for many: changes that wait together are committed together.
//!
//! # Mechanism
//! A change is put into a queue. Whoever finds nobody writing takes the one connection that
//! writes, and the whole queue with it: BEGIN IMMEDIATE, each change, one COMMIT for all. The
//! others wait for that, and are answered when it is done; a change that comes meanwhile waits for
//! the next. Reads go to a connection of each session's own.
//!
//! # What protects it
//! The write lock of the database, as in `immediate`: nobody changes what a transaction has read.
//! Within it one change follows the other. Nothing is answered before the COMMIT that covers it
//! has been synced. If a row of one change is damaged, the transaction is rolled back, and each
//! change of it is committed by itself: only that one fails. If the one that writes panics, the
//! transaction is rolled back, and the next of those who wait writes.
//!
//! # What it admits
//! Nothing within one operation. Lost update between two people who `get` and `save`:
//! ```text
//! A  get   v1
//! B  get   v1
//! B  save  B's description
//! A  save  A's title and the old description      B's description is gone
//! ```
//! It keeps no idempotency keys: a create that is retried makes a second task.
//!
//! # Where it comes from
//! Group commit: DeWitt et al., "Implementation Techniques for Main Memory Database Systems",
//! SIGMOD 1984. "SQLite will easily do 50,000 or more INSERT statements per second [...] but it
//! will only do a few dozen transactions": <https://www.sqlite.org/faq.html>, question 19.

mod queue;

use std::path::PathBuf;
use std::sync::Arc;

use lab_runtime::Runtime;
use lab_store::{
    Blueprint, Capability, Guarantee, Promise, ScenarioName, Session, Site, Store, StoreError,
};
use lab_task::{
    Anomaly, Change, Filter, IdempotencyKey, NewTask, Outcome, Refusal, Summary, Task, TaskId,
    Version,
};
use rusqlite::Connection;

use crate::connection::Database;
use crate::place::FILE;
use crate::rows;
use queue::Queue;

const SELECT: &str =
    "SELECT id, title, description, status, minutes, version FROM task WHERE id = ?1";
const UPDATE: &str = "UPDATE task SET title = ?2, description = ?3, status = ?4, minutes = ?5, \
                      version = version + 1 WHERE id = ?1 RETURNING version";

/// Changes that are committed together.
pub struct Batching;

impl Blueprint for Batching {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "one writer, which commits all changes that wait in one transaction",
        capabilities: &[Capability::Persistent, Capability::SharedSite],
        promises: &[
            (ScenarioName::TwoEditors, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::BackgroundStatus, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::RetriedCreate, Promise::Admits(&[Anomaly::DuplicateCreate])),
        ],
    };

    fn open<R: Runtime>(site: &Site) -> Result<Box<dyn Store>, StoreError> {
        let path = site.directory.join(FILE);
        Database::<R>::create(&path)?;
        let queue = Arc::new(Queue::<R>::new(Database::open(&path, None)?));
        Ok(Box::new(Batches { path, queue }))
    }
}

struct Batches<R: Runtime> {
    path: PathBuf,
    queue: Arc<Queue<R>>,
}

impl<R: Runtime> Store for Batches<R> {
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        let reader = Database::open(&self.path, None)?;
        Ok(Box::new(Client { reader, queue: Arc::clone(&self.queue) }))
    }
}

/// A change that waits, as data: it may have to be carried out twice.
enum Write {
    Create(NewTask),
    Edit(TaskId, Change),
    Save(Task),
    Delete(TaskId),
    Start { id: TaskId, wip_limit: u32 },
}

/// Which task a change was about, and whether it was applied.
type Answer = (TaskId, Outcome);

impl Write {
    fn carry_out(&self, connection: &Connection) -> rusqlite::Result<Answer> {
        Ok(match self {
            Self::Create(new) => (rows::create(connection, new)?, Outcome::Applied(Version::FIRST)),
            Self::Edit(id, change) => (*id, edit(connection, *id, change)?),
            Self::Save(copy) => (copy.id, rows::write_back(connection, UPDATE, copy)?),
            Self::Delete(id) => (*id, rows::delete(connection, *id)?),
            Self::Start { id, wip_limit } => (*id, rows::start(connection, *id, *wip_limit)?),
        })
    }
}

fn edit(connection: &Connection, id: TaskId, change: &Change) -> rusqlite::Result<Outcome> {
    let Some(mut task) = rows::select(connection, SELECT, id)? else {
        return Ok(Outcome::Refused(Refusal::NotFound));
    };
    change.apply_to_copy(&mut task);
    rows::write_back(connection, UPDATE, &task)
}

struct Client<R: Runtime> {
    reader: Database<R>,
    queue: Arc<Queue<R>>,
}

impl<R: Runtime> Client<R> {
    fn change(&self, write: Write) -> Result<Outcome, StoreError> {
        self.queue.commit(write).map(|(_, outcome)| outcome)
    }
}

impl<R: Runtime> Session for Client<R> {
    fn create(
        &mut self,
        new: &NewTask,
        _key: Option<&IdempotencyKey>,
    ) -> Result<TaskId, StoreError> {
        self.queue.commit(Write::Create(new.clone())).map(|(id, _)| id)
    }

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.reader.read(|connection| rows::select(connection, SELECT, id))
    }

    fn list(&mut self, filter: &Filter) -> Result<Vec<Task>, StoreError> {
        self.reader.read(|connection| rows::list(connection, filter))
    }

    fn summary(&mut self) -> Result<Summary, StoreError> {
        self.reader.read(rows::summary)
    }

    fn edit(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        self.change(Write::Edit(id, change.clone()))
    }

    fn save(&mut self, copy: &Task) -> Result<Outcome, StoreError> {
        self.change(Write::Save(copy.clone()))
    }

    fn delete(&mut self, id: TaskId, _based_on: Option<Version>) -> Result<Outcome, StoreError> {
        self.change(Write::Delete(id))
    }

    fn start(&mut self, id: TaskId, wip_limit: u32) -> Result<Outcome, StoreError> {
        self.change(Write::Start { id, wip_limit })
    }
}
