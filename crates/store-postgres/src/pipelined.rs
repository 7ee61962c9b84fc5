//! SELECT ... FOR UPDATE in two round trips: what does not depend on an answer is sent at once.
//!
//! # Mechanism
//! ```sql
//! BEGIN; SELECT ... FROM tasks WHERE id = $1 FOR UPDATE;         -- one round trip
//! UPDATE tasks SET title = $2, ..., version = $6 WHERE id = $1; COMMIT;          -- another
//! ```
//! Nobody waits for the answer to BEGIN before the SELECT goes out, nor for that to the UPDATE
//! before the COMMIT does. The server carries them out in the order in which they come.
//!
//! # What protects it
//! The row lock, as in `for_update`, and it is held for a shorter time: between the two round
//! trips there is nothing but the change itself. If the UPDATE fails, the COMMIT that is on its
//! way already is a ROLLBACK to the server.
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
//! PostgreSQL documentation, "Pipeline Mode" of libpq, and "Message Flow" of the protocol. Here
//! tokio-postgres, a connection of its own beside sqlx, which has no pipelining; statements that
//! stand alone go the way of the other stores.

use lab_runtime::Runtime;
use lab_store::{Blueprint, Capability, Guarantee, Promise, ScenarioName, Site, Store, StoreError};
use lab_task::{Anomaly, Change, Outcome, Status, Task, TaskId, Version};

use crate::connection::Connection;
use crate::failure::Failure;
use crate::pipe::Pipe;
use crate::session::{Mechanism, PgStore};
use crate::statement::column_of;
use crate::tasks::{COUNT_OTHERS, NOT_FOUND, PUT, limit_reached};

const SELECT_FOR_UPDATE: &str = "SELECT id, title, description, status, minutes, version \
    FROM tasks WHERE id = $1 FOR UPDATE";

/// What the two steps of a transaction are called.
const READS: &str = "SELECT FOR UPDATE, behind BEGIN";
const WRITES: &str = "UPDATE; COMMIT";

/// A transaction of two round trips.
pub struct Pipelined;

impl Blueprint for Pipelined {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "SELECT FOR UPDATE with BEGIN, UPDATE with COMMIT: two round trips",
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

impl Mechanism for Pipelined {
    fn edit<R: Runtime>(
        db: &mut Connection<R>,
        id: TaskId,
        change: &Change,
    ) -> Result<Outcome, Failure> {
        let id = column_of(id.0);
        db.pipelined(|pipe| {
            let rows = pipe.begin(READS, &[(SELECT_FOR_UPDATE, &[&id])])?;
            let [Some(row)] = rows.as_slice() else { return pipe.refuse(NOT_FOUND) };
            let mut task = pipe.task(row)?;
            change.apply(&mut task);
            put(pipe, &task)
        })
    }

    fn start<R: Runtime>(
        db: &mut Connection<R>,
        id: TaskId,
        wip_limit: u32,
    ) -> Result<Outcome, Failure> {
        let id = column_of(id.0);
        db.pipelined(|pipe| {
            let rows = pipe.begin(READS, &[(SELECT_FOR_UPDATE, &[&id]), (COUNT_OTHERS, &[&id])])?;
            let [Some(row), Some(count)] = rows.as_slice() else { return pipe.refuse(NOT_FOUND) };
            if let Some(refused) = limit_reached(pipe.unsigned(count)?, wip_limit) {
                return pipe.refuse(refused);
            }
            let mut task = pipe.task(row)?;
            Change::Status(Status::InProgress).apply(&mut task);
            put(pipe, &task)
        })
    }
}

fn put<R: Runtime>(pipe: &mut Pipe<R>, task: &Task) -> Result<Outcome, Failure> {
    let (title, description) = (task.title.as_str(), task.description.as_str());
    let (status, minutes) = (task.status.as_str(), i64::from(task.minutes));
    let (id, version) = (column_of(task.id.0), column_of(task.version.0));
    let row =
        pipe.commit(WRITES, (PUT, &[&id, &title, &description, &status, &minutes, &version]))?;
    let version = row.map(|row| pipe.unsigned(&row)).transpose()?;
    Ok(version.map_or(NOT_FOUND, |version| Outcome::Applied(Version(version))))
}
