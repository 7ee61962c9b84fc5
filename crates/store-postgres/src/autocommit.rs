//! SELECT, change in the program, UPDATE: each statement is a transaction of its own.
//!
//! # Mechanism
//! `edit` reads the row with one statement and writes the whole row back with another:
//! ```sql
//! SELECT ... FROM tasks WHERE id = $1;
//! UPDATE tasks SET title = $2, ..., minutes = $5, version = $6 WHERE id = $1;
//! ```
//!
//! # What protects it
//! Each statement is atomic: a reader meets no half-written row, and no server's crash leaves one.
//! Nothing connects the UPDATE to the SELECT before it.
//!
//! # What it admits
//! Lost update, in `edit` as well as between two people who `get` and `save`:
//! ```text
//! A  SELECT   task 1, 0 min
//! B  SELECT   task 1, 0 min
//! B  UPDATE   minutes = 20
//! A  UPDATE   minutes = 10      B's 20 minutes are gone
//! ```
//! And `start` reads, counts and writes with three statements: two that start different tasks at
//! the limit both count before either writes (write skew).
//! It keeps no idempotency keys: a create that is retried makes a second task.
//!
//! # Where it comes from
//! Every ORM whose `save()` follows a `find()` without a transaction; P4 in Berenson et al., "A
//! Critique of ANSI SQL Isolation Levels", SIGMOD 1995.

use lab_runtime::Runtime;
use lab_store::{Blueprint, Capability, Guarantee, Promise, ScenarioName, Site, Store, StoreError};
use lab_task::{Anomaly, Change, Outcome, TaskId};

use crate::connection::Connection;
use crate::failure::Failure;
use crate::session::{Mechanism, PgStore};
use crate::tasks::NOT_FOUND;

/// A SELECT and an UPDATE.
pub struct Autocommit;

impl Blueprint for Autocommit {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "SELECT, then UPDATE, without a transaction",
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
        PgStore::<R, Self>::open(site)
    }
}

impl Mechanism for Autocommit {
    fn edit<R: Runtime>(
        db: &mut Connection<R>,
        id: TaskId,
        change: &Change,
    ) -> Result<Outcome, Failure> {
        let Some(mut task) = db.select(id)? else { return Ok(NOT_FOUND) };
        change.apply(&mut task);
        db.put(&task)
    }

    fn start<R: Runtime>(
        db: &mut Connection<R>,
        id: TaskId,
        wip_limit: u32,
    ) -> Result<Outcome, Failure> {
        db.start(id, wip_limit)
    }
}
