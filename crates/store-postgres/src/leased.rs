//! A lease on a task: claimed for a time, and every other write is refused while it runs.
//!
//! # Mechanism
//! The lease stands in the task's row: owner, end, and a token that grows with every new lease.
//! To claim is one statement, and so is every write that the lease guards:
//! ```sql
//! UPDATE tasks SET lease_owner = $2, lease_token = lease_token + 1, lease_ends = ...
//! WHERE id = $1 AND (lease_ends > clock_timestamp()) IS NOT TRUE;
//! UPDATE tasks SET title = $2, ..., version = version + 1
//! WHERE id = $1 AND lease_token = $6 AND lease_ends > clock_timestamp();
//! ```
//! Time is the server's: clients' clocks differ. `edit` and `start` lock the row while they work.
//!
//! # What protects it
//! Each statement decides and writes under the row's lock. Between two requests it is the lease
//! that excludes others; and if it runs out while its owner sleeps, a write under its token finds
//! no row.
//!
//! # What it admits
//! Nothing on one task: of two people who edit it, one is told at the claim, before any work, that
//! the other one has it. But no lease spans two tasks, and `start` is about several (write skew).
//! ```text
//! A  start task 1   counts 0 in progress
//! B  start task 2   counts 0 in progress
//! B  start task 2   writes its own row
//! A  start task 1   writes its own row      two are in progress where one may be
//! ```
//! It keeps no idempotency keys: a create that is retried makes a second task.
//!
//! # Where it comes from
//! Gray and Cheriton, "Leases: An Efficient Fault-Tolerant Mechanism for Distributed File Cache
//! Consistency", SOSP 1989; fencing tokens: Kleppmann, "How to do distributed locking", 2016.

use std::time::Duration;

use lab_runtime::Runtime;
use lab_store::{
    Blueprint, Capability, Claim, Guarantee, Leasing, Promise, ScenarioName, Site, Store,
    StoreError,
};
use lab_task::{Anomaly, Change, FencingToken, Outcome, Refusal, Status, Task, TaskId, Version};

use crate::connection::Connection;
use crate::failure::Failure;
use crate::session::{Mechanism, PgSession, PgStore};
use crate::statement::Statement;
use crate::tasks::NOT_FOUND;

// A century at most: more might leave the server's calendar.
const CLAIM: &str = "UPDATE tasks SET lease_owner = $2, lease_token = lease_token + \
    CASE WHEN lease_owner = $2 AND lease_ends > clock_timestamp() THEN 0 ELSE 1 END, \
    lease_ends = clock_timestamp() + least($3, 3153600000000000) * interval '1 microsecond' WHERE \
    id = $1 AND (lease_ends > clock_timestamp() AND lease_owner <> $2) IS NOT TRUE \
    RETURNING lease_token";
const SAVE_CLAIMED: &str = "UPDATE tasks SET title = $2, description = $3, status = $4, \
    minutes = $5, version = version + 1 \
    WHERE id = $1 AND lease_token = $6 AND lease_ends > clock_timestamp() RETURNING version";
const RELEASE: &str = "UPDATE tasks SET lease_ends = NULL \
    WHERE id = $1 AND lease_token = $2 AND lease_ends > clock_timestamp() RETURNING version";
const SAVE_IF_FREE: &str = "UPDATE tasks SET title = $2, description = $3, status = $4, \
    minutes = $5, version = version + 1 \
    WHERE id = $1 AND (lease_ends > clock_timestamp()) IS NOT TRUE RETURNING version";
const DELETE_IF_FREE: &str = "DELETE FROM tasks \
    WHERE id = $1 AND (lease_ends > clock_timestamp()) IS NOT TRUE RETURNING version";
const LOCK_IF_FREE: &str = "SELECT id, title, description, status, minutes, version FROM tasks \
    WHERE id = $1 AND (lease_ends > clock_timestamp()) IS NOT TRUE FOR UPDATE";
const SELECT_LEASE: &str = "SELECT lease_token, \
    CASE WHEN lease_ends > clock_timestamp() THEN lease_owner END FROM tasks WHERE id = $1";

/// Leases with an owner, an end and a fencing token.
pub struct Leased;

impl Blueprint for Leased {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "a lease with owner, end and fencing token in the row",
        capabilities: &[Capability::Leases, Capability::Persistent, Capability::SharedSite],
        promises: &[
            (ScenarioName::RetriedCreate, Promise::Admits(&[Anomaly::DuplicateCreate])),
            (ScenarioName::WipLimit, Promise::Admits(&[Anomaly::WriteSkew])),
        ],
    };

    fn open<R: Runtime>(site: &Site) -> Result<Box<dyn Store>, StoreError> {
        PgStore::<R, Self>::open(site)
    }
}

impl Mechanism for Leased {
    fn edit<R: Runtime>(
        db: &mut Connection<R>,
        id: TaskId,
        change: &Change,
    ) -> Result<Outcome, Failure> {
        db.transaction("BEGIN", |db| {
            let Some(mut task) = db.task(Statement::write(LOCK_IF_FREE).id(id))? else {
                return held(db, id).map(Outcome::Refused);
            };
            change.apply(&mut task);
            db.put(&task)
        })
    }

    fn save<R: Runtime>(db: &mut Connection<R>, copy: &Task) -> Result<Outcome, Failure> {
        match db.change(Statement::write(SAVE_IF_FREE).content(copy))? {
            NOT_FOUND => held(db, copy.id).map(Outcome::Refused),
            applied => Ok(applied),
        }
    }

    fn delete<R: Runtime>(
        db: &mut Connection<R>,
        id: TaskId,
        _based_on: Option<Version>,
    ) -> Result<Outcome, Failure> {
        match db.change(Statement::write(DELETE_IF_FREE).id(id))? {
            NOT_FOUND => held(db, id).map(Outcome::Refused),
            applied => Ok(applied),
        }
    }

    fn start<R: Runtime>(
        db: &mut Connection<R>,
        id: TaskId,
        wip_limit: u32,
    ) -> Result<Outcome, Failure> {
        db.transaction("BEGIN", |db| {
            let Some(mut task) = db.task(Statement::write(LOCK_IF_FREE).id(id))? else {
                return held(db, id).map(Outcome::Refused);
            };
            if let Some(refused) = db.limit_reached(id, wip_limit)? {
                return Ok(refused);
            }
            Change::Status(Status::InProgress).apply(&mut task);
            db.put(&task)
        })
    }

    fn leasing<R: Runtime>(session: &mut PgSession<R, Self>) -> Option<&mut dyn Leasing> {
        Some(session)
    }
}

impl<R: Runtime> Leasing for PgSession<R, Leased> {
    fn claim(
        &mut self,
        id: TaskId,
        owner: &str,
        time_to_live: Duration,
    ) -> Result<Claim, StoreError> {
        let micros = i64::try_from(time_to_live.as_micros()).unwrap_or(i64::MAX);
        self.perform(|db| {
            let claim = Statement::write(CLAIM).id(id).bind(owner).bind(micros);
            if let Some(token) = db.number(claim)? {
                return Ok(Claim::Granted(FencingToken(token)));
            }
            match held(db, id)? {
                // Granted to another session of this owner in between: it may be extended now.
                Refusal::Held { owner: now } if now == owner => Err(Failure::Conflict),
                refusal => Ok(Claim::Refused(refusal)),
            }
        })
    }

    fn save_claimed(&mut self, copy: &Task, token: FencingToken) -> Result<Outcome, StoreError> {
        let id = copy.id;
        self.perform(|db| fenced(db, Statement::write(SAVE_CLAIMED).content(copy), id, token))
    }

    fn release(&mut self, id: TaskId, token: FencingToken) -> Result<Outcome, StoreError> {
        self.perform(|db| fenced(db, Statement::write(RELEASE).id(id), id, token))
    }
}

/// Carries out a statement whose last argument is the token of the lease that must run.
fn fenced<R: Runtime>(
    db: &mut Connection<R>,
    statement: Statement,
    id: TaskId,
    token: FencingToken,
) -> Result<Outcome, Failure> {
    match db.change(statement.number(token.0))? {
        NOT_FOUND => Ok(lease(db, id)?
            .map_or(NOT_FOUND, |(newest, _)| Outcome::Refused(Refusal::Fenced { newest }))),
        applied => Ok(applied),
    }
}

/// Why a statement that needs a free task found none. If it is free now, the lease ran out or was
/// released in between, and the operation begins again.
fn held<R: Runtime>(db: &mut Connection<R>, id: TaskId) -> Result<Refusal, Failure> {
    match lease(db, id)? {
        None => Ok(Refusal::NotFound),
        Some((_, None)) => Err(Failure::Conflict),
        Some((_, Some(owner))) => Ok(Refusal::Held { owner }),
    }
}

/// The newest token of a task, if there is such a task, and the owner of a lease that runs.
fn lease<R: Runtime>(
    db: &mut Connection<R>,
    id: TaskId,
) -> Result<Option<(FencingToken, Option<String>)>, Failure> {
    let rows = db.rows(Statement::read(SELECT_LEASE).id(id))?;
    let lease = |row| Ok((FencingToken(db.unsigned(row, 0)?), db.column(row, 1)?));
    rows.first().map(lease).transpose()
}
