//! SELECT, change in the program, UPDATE: each statement a transaction of its own.
//!
//! # Mechanism
//! Read the row, change the copy, write every column back by id, as an ORM does without a version
//! column.
//!
//! # What protects it
//! SQLite keeps each statement whole and lets one write at a time. Nothing protects the time
//! between two statements.
//!
//! # What it admits
//! Lost update, in `edit` as well as between two people who `get` and `save`:
//! ```text
//! A  SELECT   0 min
//! B  SELECT   0 min
//! B  UPDATE   20 min
//! A  UPDATE   10 min      B's 20 minutes are gone
//! ```
//! The limit of `start` is looked at by one statement and relied upon by the next, so two people
//! who start two tasks may exceed it: write skew.
//! It keeps no idempotency keys: a create that is retried makes a second task.
//!
//! # Where it comes from
//! The default of SQLite and of every driver for it: "Autocommit mode" in
//! <https://www.sqlite.org/c3ref/get_autocommit.html>; P4 in Berenson et al., "A Critique of ANSI
//! SQL Isolation Levels", SIGMOD 1995.

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

const SELECT: &str =
    "SELECT id, title, description, status, minutes, version FROM task WHERE id = ?1";
const UPDATE: &str = "UPDATE task SET title = ?2, description = ?3, status = ?4, minutes = ?5, \
                      version = version + 1 WHERE id = ?1 RETURNING version";

/// Statements without a transaction around them.
pub struct Autocommit;

impl Blueprint for Autocommit {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "SELECT, then UPDATE: each a transaction of its own",
        capabilities: &[Capability::Persistent, Capability::SharedSite],
        promises: &[
            (ScenarioName::LogTime, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::TwoEditors, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::BackgroundStatus, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::RetriedCreate, Promise::Admits(&[Anomaly::DuplicateCreate])),
            (ScenarioName::WipLimit, Promise::Admits(&[Anomaly::WriteSkew])),
            (ScenarioName::TwoInstances, Promise::Admits(&[Anomaly::LostUpdate])),
        ],
    };

    fn open<R: Runtime>(site: &Site) -> Result<Box<dyn Store>, StoreError> {
        Place::<R>::open(site, |database| Box::new(Statements(database)))
    }
}

struct Statements<R: Runtime>(Database<R>);

impl<R: Runtime> Session for Statements<R> {
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
        let Some(mut copy) = self.get(id)? else {
            return Ok(Outcome::Refused(Refusal::NotFound));
        };
        change.apply_to_copy(&mut copy);
        self.save(&copy)
    }

    fn save(&mut self, copy: &Task) -> Result<Outcome, StoreError> {
        self.0.write(|connection| rows::write_back(connection, UPDATE, copy))
    }

    fn delete(&mut self, id: TaskId, _based_on: Option<Version>) -> Result<Outcome, StoreError> {
        self.0.write(|connection| rows::delete(connection, id))
    }

    fn start(&mut self, id: TaskId, wip_limit: u32) -> Result<Outcome, StoreError> {
        self.0.write(|connection| rows::start(connection, id, wip_limit))
    }
}
