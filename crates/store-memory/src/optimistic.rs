//! Nobody waits for anybody: who finds that somebody was faster begins again.
//!
//! # Mechanism
//! Get a copy, change the copy, then compare and swap: the copy goes in if the task still has the
//! version on which the copy is based. Otherwise `edit` begins again with a fresh copy, and `save`
//! is refused, because only its caller knows what to make of the newer task.
//!
//! # What protects it
//! The version of each task, which grows with every applied change. The lock is held for the copy
//! and for the swap, never across the change. A version says nothing of other tasks: `start`,
//! whose limit concerns several, decides and writes under the lock at once. A create has no
//! version to compare; a client that tries again sends the key of its first try.
//!
//! # What it admits
//! Nothing on one instance: a write that is based on an old version is refused, within one
//! operation as well as between two people, however long they think. It is work that is lost, and
//! only that of the slower one, who is told so; after too many lost races an `edit` gives up and
//! says so too. Another instance has tasks of its own:
//! ```text
//! A  create at instance 1   created task 1
//! A  is told                created task 1
//! B  edit at instance 2     no such task
//! B  list at instance 2     nothing: the two instances have diverged
//! ```
//!
//! # Where it comes from
//! Kung and Robinson, "On Optimistic Methods for Concurrency Control", ACM TODS 1981; `If-Match`
//! of RFC 9110 is the same between a browser and a server.

use std::sync::Arc;

use lab_runtime::{Lock, Runtime, Span};
use lab_store::{
    Blueprint, Capability, Guarantee, Promise, ScenarioName, Session, Site, Store, StoreError,
    Table,
};
use lab_task::{
    Anomaly, Change, Filter, IdempotencyKey, NewTask, Outcome, Refusal, Summary, Task, TaskId,
    Version,
};

/// Each lost race is a race that somebody else won, so this many in a row are no accident.
const ATTEMPTS_MAX: u32 = 64;

/// A table whose tasks are swapped by version.
pub struct Optimistic;

impl Blueprint for Optimistic {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "a version for each task, compared when the changed copy is put back",
        capabilities: &[Capability::VersionChecks, Capability::IdempotentCreates],
        promises: &[(ScenarioName::TwoInstances, Promise::Admits(&[Anomaly::DivergentInstances]))],
    };

    fn open<R: Runtime>(_site: &Site) -> Result<Box<dyn Store>, StoreError> {
        Ok(Box::new(Swapped::<R>(Arc::new(Lock::new(Table::default())))))
    }
}

struct Swapped<R: Runtime>(Arc<R::Mutex<Table>>);

impl<R: Runtime> Store for Swapped<R> {
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        Ok(Box::new(Self(Arc::clone(&self.0))))
    }
}

impl<R: Runtime> Swapped<R> {
    fn compare_and_swap(&self, copy: &Task) -> Outcome {
        let mut table = self.0.lock();
        table.stale(copy.id, Some(copy.version)).unwrap_or_else(|| table.save(copy))
    }
}

impl<R: Runtime> Session for Swapped<R> {
    fn create(
        &mut self,
        new: &NewTask,
        key: Option<&IdempotencyKey>,
    ) -> Result<TaskId, StoreError> {
        Ok(self.0.lock().create(new.clone(), key))
    }

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        let table = self.0.lock();
        Ok(R::span(Span::Copy, || table.get(id).cloned()))
    }

    fn list(&mut self, filter: &Filter) -> Result<Vec<Task>, StoreError> {
        Ok(self.0.lock().list(filter))
    }

    fn summary(&mut self) -> Result<Summary, StoreError> {
        Ok(self.0.lock().summary())
    }

    fn edit(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        for attempt in 0..ATTEMPTS_MAX {
            let Some(mut copy) = self.get(id)? else {
                return Ok(Outcome::Refused(Refusal::NotFound));
            };
            change.apply_to_copy(&mut copy);
            match self.compare_and_swap(&copy) {
                Outcome::Refused(Refusal::Stale { .. }) => R::back_off(attempt),
                outcome => return Ok(outcome),
            }
        }
        Err(StoreError::Contended { what: id.to_string(), attempts: ATTEMPTS_MAX })
    }

    fn save(&mut self, copy: &Task) -> Result<Outcome, StoreError> {
        Ok(self.compare_and_swap(copy))
    }

    fn delete(&mut self, id: TaskId, based_on: Option<Version>) -> Result<Outcome, StoreError> {
        let mut table = self.0.lock();
        Ok(table.stale(id, based_on).unwrap_or_else(|| table.delete(id)))
    }

    fn start(&mut self, id: TaskId, wip_limit: u32) -> Result<Outcome, StoreError> {
        Ok(self.0.lock().start(id, wip_limit))
    }
}
