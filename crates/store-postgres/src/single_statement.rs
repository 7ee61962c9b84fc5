//! The change as SQL: the server reads and writes in one statement, and no value travels.
//!
//! # Mechanism
//! ```sql
//! UPDATE tasks SET minutes = least(minutes + $2, 4294967295), version = version + 1
//! WHERE id = $1;
//! ```
//! One statement for each kind of change, which names the one column that it is about.
//!
//! # What protects it
//! The UPDATE locks the row before it computes. One that had to wait for another writer computes
//! from what that one wrote. It is also the fastest: one round trip, and the lock is never held
//! across another.
//!
//! # What it admits
//! Nothing in `edit`. Lost update between two people who `get` and `save`, because a copy brings
//! back values that were read long ago:
//! ```text
//! A  get   v1
//! B  get   v1
//! B  save  B's description
//! A  save  A's title and the old description      B's description is gone
//! ```
//! `start` is one statement too, and admits write skew all the same: its count over other rows
//! sees the snapshot from the statement's beginning and locks none of them.
//! It keeps no idempotency keys: a create that is retried makes a second task.
//!
//! # Where it comes from
//! `UPDATE counter SET n = n + 1`; `F()` expressions in Django; PostgreSQL documentation, "Read
//! Committed Isolation Level", on the row that is looked at again.

use lab_runtime::Runtime;
use lab_store::{Blueprint, Capability, Guarantee, Promise, ScenarioName, Site, Store, StoreError};
use lab_task::{Anomaly, Change, Outcome, TaskId};

use crate::connection::Connection;
use crate::failure::Failure;
use crate::session::{Mechanism, PgStore};
use crate::statement::Statement;
use crate::tasks::NOT_FOUND;

const SET_TITLE: &str =
    "UPDATE tasks SET title = $2, version = version + 1 WHERE id = $1 RETURNING version";
const SET_DESCRIPTION: &str =
    "UPDATE tasks SET description = $2, version = version + 1 WHERE id = $1 RETURNING version";
const SET_STATUS: &str =
    "UPDATE tasks SET status = $2, version = version + 1 WHERE id = $1 RETURNING version";
const ADD_MINUTES: &str = "UPDATE tasks SET minutes = least(minutes + $2, 4294967295), \
    version = version + 1 WHERE id = $1 RETURNING version";
const START: &str = "UPDATE tasks SET status = 'in_progress', version = version + 1 \
    WHERE id = $1 AND $2 > (SELECT count(*) FROM tasks WHERE status = 'in_progress' AND id <> $1) \
    RETURNING version";

/// One UPDATE that computes.
pub struct SingleStatement;

impl Blueprint for SingleStatement {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "UPDATE ... SET minutes = minutes + n: the server computes",
        capabilities: &[Capability::Persistent, Capability::SharedSite],
        promises: &[
            (ScenarioName::TwoEditors, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::BackgroundStatus, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::RetriedCreate, Promise::Admits(&[Anomaly::DuplicateCreate])),
            (ScenarioName::WipLimit, Promise::AdmitsWithinStep(&[Anomaly::WriteSkew])),
        ],
    };

    fn open<R: Runtime>(site: &Site) -> Result<Box<dyn Store>, StoreError> {
        PgStore::<R, Self>::open(site)
    }
}

impl Mechanism for SingleStatement {
    fn edit<R: Runtime>(
        db: &mut Connection<R>,
        id: TaskId,
        change: &Change,
    ) -> Result<Outcome, Failure> {
        let update = |sql| Statement::write(sql).id(id);
        db.change(match change {
            Change::Title(title) => update(SET_TITLE).bind(title.as_str()),
            Change::Description(text) => update(SET_DESCRIPTION).bind(text.as_str()),
            Change::Status(status) => update(SET_STATUS).bind(status.as_str()),
            Change::AddMinutes(minutes) => update(ADD_MINUTES).bind(i64::from(*minutes)),
        })
    }

    fn start<R: Runtime>(
        db: &mut Connection<R>,
        id: TaskId,
        wip_limit: u32,
    ) -> Result<Outcome, Failure> {
        let start = Statement::write(START).id(id).bind(i64::from(wip_limit));
        match db.change(start)? {
            NOT_FOUND if db.select(id)?.is_none() => Ok(NOT_FOUND),
            // Without a refusal now, the limit was lifted in between.
            NOT_FOUND => db.limit_reached(id, wip_limit)?.ok_or(Failure::Conflict),
            applied => Ok(applied),
        }
    }
}
