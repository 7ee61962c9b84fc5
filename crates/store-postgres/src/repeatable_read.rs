//! REPEATABLE READ: the transaction sees one snapshot, and may write a row only if nobody wrote
//! it since.
//!
//! # Mechanism
//! ```sql
//! BEGIN ISOLATION LEVEL REPEATABLE READ;
//! SELECT ... FROM tasks WHERE id = $1;
//! UPDATE tasks SET title = $2, ..., minutes = $5, version = $6 WHERE id = $1;
//! COMMIT;
//! ```
//! If the row was written since the snapshot, the UPDATE fails with SQLSTATE 40001; then it is
//! rolled back and begun again, after a pause, at most 100 times.
//!
//! # What protects it
//! First updater wins: of two transactions that write one row, the second fails instead of
//! overwriting. The program must begin again; a store that only passed the error on would be
//! right too, and of less use.
//!
//! # What it admits
//! Nothing in `edit`. Lost update between two people who `get` and `save`, for these are two
//! transactions each with a snapshot of its own:
//! ```text
//! A  get   v1
//! B  get   v1
//! B  save  B's description
//! A  save  A's title and the old description      B's description is gone
//! ```
//! `start` admits write skew: two that start different tasks write no row in common.
//! It keeps no idempotency keys: a create that is retried makes a second task.
//!
//! # Where it comes from
//! Snapshot isolation: Berenson et al., "A Critique of ANSI SQL Isolation Levels", SIGMOD 1995;
//! PostgreSQL documentation, "Repeatable Read Isolation Level".

use lab_runtime::Runtime;
use lab_store::{Blueprint, Capability, Guarantee, Promise, ScenarioName, Site, Store, StoreError};
use lab_task::{Anomaly, Change, Outcome, TaskId};

use crate::connection::Connection;
use crate::failure::Failure;
use crate::session::{Mechanism, PgStore};
use crate::tasks::NOT_FOUND;

const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ";

/// A transaction on one snapshot.
pub struct RepeatableRead;

impl Blueprint for RepeatableRead {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "one snapshot: the second writer of a row begins again",
        capabilities: &[Capability::Persistent, Capability::SharedSite],
        promises: &[
            (ScenarioName::TwoEditors, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::BackgroundStatus, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::RetriedCreate, Promise::Admits(&[Anomaly::DuplicateCreate])),
            (ScenarioName::WipLimit, Promise::Admits(&[Anomaly::WriteSkew])),
        ],
    };

    fn open<R: Runtime>(site: &Site) -> Result<Box<dyn Store>, StoreError> {
        PgStore::<R, Self>::open(site)
    }
}

impl Mechanism for RepeatableRead {
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
