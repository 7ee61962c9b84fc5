//! A shared `Vec`, locked for each look and for each write, but not from the one to the other.
//!
//! # Mechanism
//! Get a copy of the task, change the copy, put it back.
//!
//! # What protects it
//! The lock keeps the `Vec` itself whole: no data race, nothing torn. Nothing protects the time
//! between the copy and its return.
//!
//! # What it admits
//! Lost update, in `edit` as well as between two people who `get` and `save`:
//! ```text
//! A  get   task 1, 0 min
//! B  get   task 1, 0 min
//! B  put   task 1, 20 min
//! A  put   task 1, 10 min      B's 20 minutes are gone
//! ```
//! `start` decides in the same way by what may have changed (write skew). It keeps no idempotency
//! keys, so a create that is retried makes a second task, and another instance has tasks of its
//! own.
//!
//! # Where it comes from
//! Every list behind a mutex whose caller asks twice; P4 in Berenson et al., "A Critique of ANSI
//! SQL Isolation Levels", SIGMOD 1995.

use std::sync::Arc;

use lab_runtime::{Lock, Runtime, Span};
use lab_store::{Blueprint, Guarantee, Promise, ScenarioName, Session, Site, Store, StoreError};
use lab_task::{
    Anomaly, Change, Filter, IdempotencyKey, NewTask, Outcome, Refusal, Status, Summary, Task,
    TaskId, Version,
};

/// A shared `Vec`.
pub struct NaiveVec;

impl Blueprint for NaiveVec {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "get, change, put back: the lock is let go in between",
        capabilities: &[],
        promises: &[
            (ScenarioName::LogTime, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::TwoEditors, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::BackgroundStatus, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::RetriedCreate, Promise::Admits(&[Anomaly::DuplicateCreate])),
            (ScenarioName::WipLimit, Promise::Admits(&[Anomaly::WriteSkew])),
            (ScenarioName::TwoInstances, Promise::Admits(&[Anomaly::DivergentInstances])),
        ],
    };

    fn open<R: Runtime>(_site: &Site) -> Result<Box<dyn Store>, StoreError> {
        Ok(Box::new(SharedVec::<R>(Arc::new(Lock::new(Tasks::default())))))
    }
}

#[derive(Default)]
struct Tasks {
    last_id: u64,
    all: Vec<Task>,
}

struct SharedVec<R: Runtime>(Arc<R::Mutex<Tasks>>);

impl<R: Runtime> Store for SharedVec<R> {
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        Ok(Box::new(Self(Arc::clone(&self.0))))
    }
}

impl<R: Runtime> SharedVec<R> {
    /// Replaces the task with `copy`, as it is: that somebody may have written since `copy` was
    /// read does not come to mind.
    fn put(&self, copy: Task) -> Outcome {
        let version = copy.version;
        match self.0.lock().all.iter_mut().find(|task| task.id == copy.id) {
            Some(task) => *task = copy,
            None => return Outcome::Refused(Refusal::NotFound),
        }
        Outcome::Applied(version)
    }
}

impl<R: Runtime> Session for SharedVec<R> {
    fn create(
        &mut self,
        new: &NewTask,
        _key: Option<&IdempotencyKey>,
    ) -> Result<TaskId, StoreError> {
        let mut tasks = self.0.lock();
        tasks.last_id += 1;
        let id = TaskId(tasks.last_id);
        tasks.all.push(new.clone().into_task(id));
        Ok(id)
    }

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        let tasks = self.0.lock();
        let found = tasks.all.iter().find(|task| task.id == id);
        Ok(R::span(Span::Copy, || found.cloned()))
    }

    fn list(&mut self, filter: &Filter) -> Result<Vec<Task>, StoreError> {
        Ok(self.0.lock().all.iter().filter(|task| filter.matches(task)).cloned().collect())
    }

    fn summary(&mut self) -> Result<Summary, StoreError> {
        Ok(self.0.lock().all.iter().collect())
    }

    fn edit(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        let Some(mut copy) = self.get(id)? else {
            return Ok(Outcome::Refused(Refusal::NotFound));
        };
        change.apply(&mut copy);
        Ok(self.put(copy))
    }

    fn save(&mut self, copy: &Task) -> Result<Outcome, StoreError> {
        let mut tasks = self.0.lock();
        let Some(task) = tasks.all.iter_mut().find(|task| task.id == copy.id) else {
            return Ok(Outcome::Refused(Refusal::NotFound));
        };
        *task = Task { version: task.version.next(), ..copy.clone() };
        Ok(Outcome::Applied(task.version))
    }

    fn delete(&mut self, id: TaskId, _based_on: Option<Version>) -> Result<Outcome, StoreError> {
        let mut tasks = self.0.lock();
        let Some(at) = tasks.all.iter().position(|task| task.id == id) else {
            return Ok(Outcome::Refused(Refusal::NotFound));
        };
        Ok(Outcome::Applied(tasks.all.remove(at).version))
    }

    fn start(&mut self, id: TaskId, wip_limit: u32) -> Result<Outcome, StoreError> {
        let Some(mut copy) = self.get(id)? else {
            return Ok(Outcome::Refused(Refusal::NotFound));
        };
        let others = Filter { status: Some(Status::InProgress), ..Filter::ALL };
        let in_progress = self.list(&others)?.iter().filter(|task| task.id != id).count();
        let in_progress = u32::try_from(in_progress).unwrap_or(u32::MAX);
        if in_progress >= wip_limit {
            return Ok(Outcome::Refused(Refusal::LimitReached { in_progress }));
        }
        Change::Status(Status::InProgress).apply(&mut copy);
        Ok(self.put(copy))
    }
}
