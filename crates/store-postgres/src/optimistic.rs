//! A version in every row: a write names the version that it is based on, and finds no row if
//! that is gone.
//!
//! # Mechanism
//! No transaction and no lock while anybody thinks. The UPDATE compares and sets in one statement:
//! ```sql
//! SELECT ... FROM tasks WHERE id = $1;
//! UPDATE tasks SET title = $2, ..., version = version + 1 WHERE id = $1 AND version = $6;
//! ```
//! If it finds no row, `edit` reads again and tries again; `save` and `delete` tell the client,
//! who alone knows what to do. A create with a key relies on the key's UNIQUE constraint.
//!
//! # What protects it
//! The comparison happens under the row lock of the UPDATE. One that has waited for another
//! writer looks at the new version and finds that it is not the one it named.
//!
//! # What it admits
//! Nothing on one task, however far apart read and write are: each applied change was based on
//! the version right before it. But the version belongs to one row: `start` compares its own
//! task's and no other's (write skew).
//! ```text
//! A  start task 1   counts 0 in progress
//! B  start task 2   counts 0 in progress
//! B  start task 2   writes its own row
//! A  start task 1   writes its own row      two are in progress where one may be
//! ```
//!
//! # Where it comes from
//! Kung and Robinson, "On Optimistic Methods for Concurrency Control", TODS 1981; `@Version` in
//! JPA, `lock_version` in Rails, `If-Match` in HTTP. Keys: the `Idempotency-Key` header of
//! payment services.

use lab_runtime::Runtime;
use lab_store::{Blueprint, Capability, Guarantee, Promise, ScenarioName, Site, Store, StoreError};
use lab_task::{
    Anomaly, Change, IdempotencyKey, NewTask, Outcome, Refusal, Status, Task, TaskId, Version,
};

use crate::connection::Connection;
use crate::failure::Failure;
use crate::session::{Mechanism, PgStore};
use crate::statement::Statement;
use crate::tasks::NOT_FOUND;

const SAVE_IF_CURRENT: &str = "UPDATE tasks SET title = $2, description = $3, status = $4, \
    minutes = $5, version = version + 1 WHERE id = $1 AND version = $6 RETURNING version";
const DELETE_IF_CURRENT: &str = "DELETE FROM tasks WHERE id = $1 AND version = $2 \
    RETURNING version";
const SELECT_VERSION: &str = "SELECT version FROM tasks WHERE id = $1";
const INSERT_WITH_KEY: &str = "INSERT INTO tasks (title, description, idempotency_key) \
    VALUES ($1, $2, $3) ON CONFLICT (idempotency_key) DO NOTHING RETURNING id";
const SELECT_BY_KEY: &str = "SELECT id FROM tasks WHERE idempotency_key = $1";

/// Compare and set, by version.
pub struct Optimistic;

impl Blueprint for Optimistic {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "UPDATE ... WHERE version = the one that was read",
        capabilities: &[
            Capability::VersionChecks,
            Capability::IdempotentCreates,
            Capability::Persistent,
            Capability::SharedSite,
        ],
        promises: &[(ScenarioName::WipLimit, Promise::Admits(&[Anomaly::WriteSkew]))],
    };

    fn open<R: Runtime>(site: &Site) -> Result<Box<dyn Store>, StoreError> {
        PgStore::<R, Self>::open(site)
    }
}

impl Mechanism for Optimistic {
    fn create<R: Runtime>(
        db: &mut Connection<R>,
        new: &NewTask,
        key: Option<&IdempotencyKey>,
    ) -> Result<TaskId, Failure> {
        let Some(key) = key.map(IdempotencyKey::as_str) else { return db.insert(new) };
        let insert = Statement::write(INSERT_WITH_KEY).bind(new.title.as_str());
        if let Some(id) = db.number(insert.bind(new.description.as_str()).bind(key))? {
            return Ok(TaskId(id));
        }
        let first = db.number(Statement::read(SELECT_BY_KEY).bind(key))?;
        // None: the task was deleted in between, and with it the key.
        first.map(TaskId).ok_or(Failure::Conflict)
    }

    fn edit<R: Runtime>(
        db: &mut Connection<R>,
        id: TaskId,
        change: &Change,
    ) -> Result<Outcome, Failure> {
        let Some(mut task) = db.select(id)? else { return Ok(NOT_FOUND) };
        change.apply_to_copy(&mut task);
        save_if_current(db, &task)?.ok_or(Failure::Conflict)
    }

    fn save<R: Runtime>(db: &mut Connection<R>, copy: &Task) -> Result<Outcome, Failure> {
        match save_if_current(db, copy)? {
            Some(applied) => Ok(applied),
            None => why_not(db, copy.id, copy.version),
        }
    }

    fn delete<R: Runtime>(
        db: &mut Connection<R>,
        id: TaskId,
        based_on: Option<Version>,
    ) -> Result<Outcome, Failure> {
        let Some(based_on) = based_on else { return db.delete(id) };
        match db.change(Statement::write(DELETE_IF_CURRENT).id(id).version(based_on))? {
            NOT_FOUND => why_not(db, id, based_on),
            applied => Ok(applied),
        }
    }

    fn start<R: Runtime>(
        db: &mut Connection<R>,
        id: TaskId,
        wip_limit: u32,
    ) -> Result<Outcome, Failure> {
        let Some(mut task) = db.select(id)? else { return Ok(NOT_FOUND) };
        if let Some(refused) = db.limit_reached(id, wip_limit)? {
            return Ok(refused);
        }
        Change::Status(Status::InProgress).apply_to_copy(&mut task);
        save_if_current(db, &task)?.ok_or(Failure::Conflict)
    }
}

/// Writes `copy` if its version is still the current one.
fn save_if_current<R: Runtime>(
    db: &mut Connection<R>,
    copy: &Task,
) -> Result<Option<Outcome>, Failure> {
    let save = Statement::write(SAVE_IF_CURRENT).content(copy).version(copy.version);
    let saved = db.change(save)?;
    Ok((saved != NOT_FOUND).then_some(saved))
}

/// Why a statement based on a version found no row. This is a look of its own, for within the
/// UPDATE it would see the snapshot from before the wait for the other writer.
fn why_not<R: Runtime>(
    db: &mut Connection<R>,
    id: TaskId,
    based_on: Version,
) -> Result<Outcome, Failure> {
    match db.number(Statement::read(SELECT_VERSION).id(id))?.map(Version) {
        None => Ok(NOT_FOUND),
        // Others have written up to the very version that a client made up: now it would do.
        Some(current) if current == based_on => Err(Failure::Conflict),
        Some(current) => Ok(Outcome::Refused(Refusal::Stale { current })),
    }
}
