//! SERIALIZABLE: whatever commits, commits as if one transaction had run after the other.
//!
//! # Mechanism
//! ```sql
//! BEGIN ISOLATION LEVEL SERIALIZABLE;
//! SELECT ... FROM tasks WHERE id = $1;
//! UPDATE tasks SET title = $2, ..., minutes = $5, version = $6 WHERE id = $1;
//! COMMIT;
//! ```
//! Single statements run at that level too, for the connection's default is set to it: a
//! transaction is only protected against others of the same level. SQLSTATE 40001 can come from
//! any statement, COMMIT included; then it is rolled back and begun again, after a pause, at most
//! 100 times.
//!
//! # What protects it
//! Snapshot isolation, and on top of it predicate locks, which do not block but remember who read
//! what. Where two reads and writes could close a circle, the server lets one of them fail. So
//! `start` is right here: its count is read under such a lock.
//!
//! # What it admits
//! Nothing within one operation, over however many rows. Lost update between two people who `get`
//! and `save`, for these are two transactions each, and serial execution of the four loses too:
//! ```text
//! A  get   v1
//! B  get   v1
//! B  save  B's description
//! A  save  A's title and the old description      B's description is gone
//! ```
//! It keeps no idempotency keys: a create that is retried makes a second task.
//!
//! # Where it comes from
//! Cahill, Röhm and Fekete, "Serializable Isolation for Snapshot Databases", SIGMOD 2008; Ports
//! and Grittner, "Serializable Snapshot Isolation in PostgreSQL", VLDB 2012.

use lab_runtime::Runtime;
use lab_store::{Blueprint, Capability, Guarantee, Promise, ScenarioName, Site, Store, StoreError};
use lab_task::{Anomaly, Change, Outcome, TaskId};

use crate::connection::Connection;
use crate::failure::Failure;
use crate::session::{Mechanism, PgStore};
use crate::tasks::NOT_FOUND;

const BEGIN: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE";

/// A transaction that commits only if some serial order explains it.
pub struct Serializable;

impl Blueprint for Serializable {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "SERIALIZABLE: what no serial order explains begins again",
        capabilities: &[Capability::Persistent, Capability::SharedSite],
        promises: &[
            (ScenarioName::TwoEditors, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::BackgroundStatus, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::RetriedCreate, Promise::Admits(&[Anomaly::DuplicateCreate])),
        ],
    };

    fn open<R: Runtime>(site: &Site) -> Result<Box<dyn Store>, StoreError> {
        PgStore::<R, Self>::open(site)
    }
}

impl Mechanism for Serializable {
    const SETTINGS: &'static [(&'static str, &'static str)] =
        &[("default_transaction_isolation", "serializable")];

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
