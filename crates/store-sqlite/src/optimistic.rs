//! UPDATE ... WHERE version = ?: whoever read an old version changes no row, and is told so.
//!
//! # Mechanism
//! SELECT, change, UPDATE with the version that was read in its WHERE; no row changed: read again.
//! No transaction spans two statements, no lock is held while anybody thinks.
//!
//! # What protects it
//! Each UPDATE is atomic: it compares the version and writes the row in one step. The version
//! travels with the copy, so the comparison also spans two requests of a client. The limit of
//! `start` is about other rows, which a version of this row does not cover: there the UPDATE
//! counts them itself. A UNIQUE column of keys does the same for creates that are retried.
//!
//! # What it admits
//! Nothing in these scenarios: a change that is based on an old version is refused, so nobody's
//! acknowledged change is overwritten by somebody who had not seen it.
//!
//! # Where it comes from
//! Kung and Robinson, "On Optimistic Methods for Concurrency Control", ACM TODS 1981; the version
//! column of every ORM (`@Version` of JPA, `lock_version` of Rails).

use lab_runtime::Runtime;
use lab_store::{Blueprint, Capability, Guarantee, Session, Site, Store, StoreError};
use lab_task::{
    Change, Filter, IdempotencyKey, NewTask, Outcome, Refusal, Summary, Task, TaskId, Version,
};

use crate::connection::Database;
use crate::place::Place;
use crate::rows;

const SELECT: &str =
    "SELECT id, title, description, status, minutes, version FROM task WHERE id = ?1";
const UPDATE: &str = "UPDATE task SET title = ?2, description = ?3, status = ?4, minutes = ?5, \
                      version = version + 1 WHERE id = ?1 AND version = ?6 RETURNING version";
const DELETE: &str =
    "DELETE FROM task WHERE id = ?1 AND (?2 IS NULL OR version = ?2) RETURNING version";
const START: &str = "UPDATE task SET status = 'in_progress', version = version + 1 \
                     WHERE id = ?1 AND ?2 > (SELECT count(*) FROM task \
                     WHERE status = 'in_progress' AND id <> ?1) RETURNING version";
/// For a key that is there, an UPDATE that changes nothing: so that RETURNING has a row.
const INSERT: &str = "INSERT INTO task (title, description, status, minutes, version, \
                      idempotency_key) VALUES (?1, ?2, 'todo', 0, 1, ?3) \
                      ON CONFLICT (idempotency_key) \
                      DO UPDATE SET idempotency_key = excluded.idempotency_key RETURNING id";

/// Versions in the WHERE clause.
pub struct Optimistic;

impl Blueprint for Optimistic {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "UPDATE ... WHERE version = ?: no row, read again",
        capabilities: &[
            Capability::VersionChecks,
            Capability::IdempotentCreates,
            Capability::Persistent,
            Capability::SharedSite,
        ],
        promises: &[],
    };

    fn open<R: Runtime>(site: &Site) -> Result<Box<dyn Store>, StoreError> {
        Place::<R>::open(site, |database| Box::new(Versioned(database)))
    }
}

struct Versioned<R: Runtime>(Database<R>);

impl<R: Runtime> Versioned<R> {
    /// Tries until there is an outcome: none means that somebody else came in between. From then on
    /// nobody of this instance shall.
    fn until_decided(
        &self,
        attempt: impl Fn() -> Result<Option<Outcome>, StoreError>,
    ) -> Result<Outcome, StoreError> {
        for count in 0..Database::<R>::ATTEMPTS_MAX {
            let decided = if count == 0 { attempt()? } else { self.0.in_turn(&attempt)? };
            if let Some(outcome) = decided {
                return Ok(outcome);
            }
            R::back_off(count);
        }
        Err(self.0.contended())
    }

    fn select(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.0.read(|connection| rows::select(connection, SELECT, id))
    }

    /// The UPDATE: the version if the row still had the one of `copy`.
    fn update(&self, copy: &Task) -> Result<Option<Version>, StoreError> {
        let (title, description) = (copy.title.as_str(), copy.description.as_str());
        let (status, version) = (copy.status.as_str(), copy.version.0.cast_signed());
        let params = (rows::key(copy.id), title, description, status, copy.minutes, version);
        self.0.write(|connection| rows::version(connection, UPDATE, params))
    }

    /// Why a statement met no row of `id` that is still what it is based on; none if there is one
    /// by now.
    fn refusal(
        &self,
        id: TaskId,
        based_on: Option<Version>,
    ) -> Result<Option<Outcome>, StoreError> {
        let sql = "SELECT version FROM task WHERE id = ?1";
        let current = self.0.read(|connection| rows::version(connection, sql, [rows::key(id)]))?;
        Ok(match current {
            None => Some(Outcome::Refused(Refusal::NotFound)),
            Some(current) if based_on.is_some_and(|based_on| based_on != current) => {
                Some(Outcome::Refused(Refusal::Stale { current }))
            }
            Some(_) => None,
        })
    }
}

impl<R: Runtime> Session for Versioned<R> {
    fn create(
        &mut self,
        new: &NewTask,
        key: Option<&IdempotencyKey>,
    ) -> Result<TaskId, StoreError> {
        let key = key.map(IdempotencyKey::as_str);
        let params = (new.title.as_str(), new.description.as_str(), key);
        self.0.write(|connection| rows::insert(connection, INSERT, params))
    }

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.select(id)
    }

    fn list(&mut self, filter: &Filter) -> Result<Vec<Task>, StoreError> {
        self.0.read(|connection| rows::list(connection, filter))
    }

    fn summary(&mut self) -> Result<Summary, StoreError> {
        self.0.read(rows::summary)
    }

    fn edit(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        self.until_decided(|| {
            let Some(mut copy) = self.select(id)? else {
                return Ok(Some(Outcome::Refused(Refusal::NotFound)));
            };
            change.apply_to_copy(&mut copy);
            Ok(self.update(&copy)?.map(Outcome::Applied))
        })
    }

    fn save(&mut self, copy: &Task) -> Result<Outcome, StoreError> {
        self.until_decided(|| match self.update(copy)? {
            Some(version) => Ok(Some(Outcome::Applied(version))),
            None => self.refusal(copy.id, Some(copy.version)),
        })
    }

    fn delete(&mut self, id: TaskId, based_on: Option<Version>) -> Result<Outcome, StoreError> {
        let params = (rows::key(id), based_on.map(|version| version.0.cast_signed()));
        self.until_decided(|| {
            match self.0.write(|connection| rows::version(connection, DELETE, params))? {
                Some(version) => Ok(Some(Outcome::Applied(version))),
                None => self.refusal(id, based_on),
            }
        })
    }

    fn start(&mut self, id: TaskId, wip_limit: u32) -> Result<Outcome, StoreError> {
        let params = (rows::key(id), wip_limit);
        self.until_decided(|| {
            if let Some(version) =
                self.0.write(|connection| rows::version(connection, START, params))?
            {
                return Ok(Some(Outcome::Applied(version)));
            }
            let others = self.0.read(|connection| rows::others_in_progress(connection, id))?;
            Ok(match others {
                None => Some(Outcome::Refused(Refusal::NotFound)),
                Some(in_progress) if in_progress >= wip_limit => {
                    Some(Outcome::Refused(Refusal::LimitReached { in_progress }))
                }
                Some(_) => None,
            })
        })
    }
}
