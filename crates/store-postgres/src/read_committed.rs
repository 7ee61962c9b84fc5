//! The same SELECT and UPDATE, in a transaction: it looks safe and is not.
//!
//! # Mechanism
//! ```sql
//! BEGIN;
//! SELECT ... FROM tasks WHERE id = $1;
//! UPDATE tasks SET title = $2, ..., minutes = $5, version = $6 WHERE id = $1;
//! COMMIT;
//! ```
//! A single statement, such as that of `save`, is a transaction by itself.
//!
//! # What protects it
//! The transaction makes `edit` all or nothing, and at READ COMMITTED, Postgres' default, it keeps
//! others from seeing it before COMMIT. It does not keep others from writing between its SELECT
//! and its UPDATE: a plain SELECT takes no lock, and each statement looks at a new snapshot.
//!
//! # What it admits
//! Lost update, in `edit` as well as between two people who `get` and `save`. Where both have
//! updated, the row lock makes the second wait; then it writes all the same:
//! ```text
//! A  BEGIN; SELECT            task 1, 0 min
//! B  BEGIN; SELECT            task 1, 0 min
//! B  UPDATE; COMMIT           minutes = 20
//! A  UPDATE; COMMIT           minutes = 10      B's 20 minutes are gone
//! ```
//! `start` admits write skew for the same reason.
//! It keeps no idempotency keys: a create that is retried makes a second task.
//!
//! # Where it comes from
//! `@Transactional`, `transaction.atomic()` and their like around a read and a write, at the
//! default isolation level; PostgreSQL documentation, "Read Committed Isolation Level".

use lab_runtime::Runtime;
use lab_store::{Blueprint, Capability, Guarantee, Promise, ScenarioName, Site, Store, StoreError};
use lab_task::{Anomaly, Change, Outcome, TaskId};

use crate::connection::Connection;
use crate::failure::Failure;
use crate::session::{Mechanism, PgStore};
use crate::tasks::NOT_FOUND;

const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// A transaction at the default isolation level.
pub struct ReadCommitted;

impl Blueprint for ReadCommitted {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "SELECT and UPDATE in a READ COMMITTED transaction",
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

impl Mechanism for ReadCommitted {
    fn edit<R: Runtime>(
        db: &mut Connection<R>,
        id: TaskId,
        change: &Change,
    ) -> Result<Outcome, Failure> {
        db.transaction(BEGIN, |db| {
            let Some(mut task) = db.select(id)? else { return Ok(NOT_FOUND) };
            change.apply(&mut task);
            db.put(&task)
        })
    }

    fn start<R: Runtime>(
        db: &mut Connection<R>,
        id: TaskId,
        wip_limit: u32,
    ) -> Result<Outcome, Failure> {
        db.transaction(BEGIN, |db| db.start(id, wip_limit))
    }
}
