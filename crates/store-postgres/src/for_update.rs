//! SELECT ... FOR UPDATE: the read takes the row's lock, and COMMIT gives it back.
//!
//! # Mechanism
//! ```sql
//! BEGIN;
//! SELECT ... FROM tasks WHERE id = $1 FOR UPDATE;
//! UPDATE tasks SET title = $2, ..., minutes = $5, version = $6 WHERE id = $1;
//! COMMIT;
//! ```
//!
//! # What protects it
//! The row lock, held from the read to the end of the transaction: a second `edit` of the task
//! waits at its SELECT, and then reads what the first one wrote.
//!
//! # What it admits
//! Nothing in `edit`. Lost update between two people who `get` and `save`, because the lock ends
//! with the transaction and the two requests are two transactions:
//! ```text
//! A  get   v1
//! B  get   v1
//! B  save  B's description
//! A  save  A's title and the old description      B's description is gone
//! ```
//! `start` locks its own row and no other: two that start different tasks at the limit count both
//! before either writes (write skew).
//! It keeps no idempotency keys: a create that is retried makes a second task.
//!
//! # Where it comes from
//! Pessimistic locking: `select_for_update()` in Django, `PESSIMISTIC_WRITE` in JPA; PostgreSQL
//! documentation, "Row-Level Locks".

use lab_runtime::Runtime;
use lab_store::{Blueprint, Capability, Guarantee, Promise, ScenarioName, Site, Store, StoreError};
use lab_task::{Anomaly, Change, Outcome, Status, Task, TaskId};

use crate::connection::Connection;
use crate::failure::Failure;
use crate::session::{Mechanism, PgStore};
use crate::statement::Statement;
use crate::tasks::NOT_FOUND;

const BEGIN: &str = "BEGIN";
const SELECT_FOR_UPDATE: &str = "SELECT id, title, description, status, minutes, version \
    FROM tasks WHERE id = $1 FOR UPDATE";

/// A transaction that locks the row when it reads it.
pub struct ForUpdate;

impl Blueprint for ForUpdate {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "SELECT FOR UPDATE: the row is locked from the read to COMMIT",
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

impl Mechanism for ForUpdate {
    fn edit<R: Runtime>(
        db: &mut Connection<R>,
        id: TaskId,
        change: &Change,
    ) -> Result<Outcome, Failure> {
        db.transaction(BEGIN, |db| {
            let Some(mut task) = locked(db, id)? else { return Ok(NOT_FOUND) };
            change.apply(&mut task);
            db.put(&task)
        })
    }

    fn start<R: Runtime>(
        db: &mut Connection<R>,
        id: TaskId,
        wip_limit: u32,
    ) -> Result<Outcome, Failure> {
        db.transaction(BEGIN, |db| {
            let Some(mut task) = locked(db, id)? else { return Ok(NOT_FOUND) };
            if let Some(refused) = db.limit_reached(id, wip_limit)? {
                return Ok(refused);
            }
            Change::Status(Status::InProgress).apply(&mut task);
            db.put(&task)
        })
    }
}

fn locked<R: Runtime>(db: &mut Connection<R>, id: TaskId) -> Result<Option<Task>, Failure> {
    db.task(Statement::write(SELECT_FOR_UPDATE).id(id))
}
