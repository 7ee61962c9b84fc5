//! Nothing is overwritten: every change appends one more revision of its task.
//!
//! # Mechanism
//! A task is the list of all its revisions, and the last of them is what readers see. A change
//! copies the last one, changes the copy and appends it. To revert is to append the content of an
//! old revision once more. A delete takes the history along.
//!
//! # What protects it
//! One lock, held from the look at the last revision to the append. Between two operations, the
//! revision on which a copy is based: if it is no longer the last one, that is a conflict, and the
//! change is refused. An `edit` is based on the last one by its nature.
//!
//! # What it admits
//! Nothing on the revisions of a task: each is appended to the one on which it is based. Even a
//! change that somebody reverts by mistake is still there, at the price of memory that grows with
//! every change. Another instance has tasks of its own, and a create that is retried is a second
//! one, for no key tells it from another:
//! ```text
//! A  create           task 1 is created, the answer is lost
//! A  waits in vain
//! A  create again     task 2 is created
//! A  list             two tasks where one was wanted
//! ```
//!
//! # Where it comes from
//! Reed, "Naming and Synchronization in a Decentralized Computer System", MIT 1978, which keeps
//! every version of an object; the `_rev` of CouchDB refuses a write in the same way.

use std::collections::BTreeMap;
use std::sync::Arc;

use lab_runtime::{Lock, Runtime, Span};
use lab_store::{
    Blueprint, Capability, Guarantee, Promise, Revisions, ScenarioName, Session, Site, Store,
    StoreError,
};
use lab_task::{
    Anomaly, Change, Filter, IdempotencyKey, NewTask, Outcome, Refusal, Status, Summary, Task,
    TaskId, Version,
};

/// A log of revisions for each task.
pub struct Versioned;

impl Blueprint for Versioned {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "append-only revisions, each based on the last",
        capabilities: &[Capability::VersionChecks, Capability::Revisions],
        promises: &[
            (ScenarioName::RetriedCreate, Promise::Admits(&[Anomaly::DuplicateCreate])),
            (ScenarioName::TwoInstances, Promise::Admits(&[Anomaly::DivergentInstances])),
        ],
    };

    fn open<R: Runtime>(_site: &Site) -> Result<Box<dyn Store>, StoreError> {
        Ok(Box::new(Logged::<R>(Arc::new(Lock::new(Log::default())))))
    }
}

#[derive(Default)]
struct Log {
    last_id: u64,
    /// Each task's revisions, oldest first, at least one.
    tasks: BTreeMap<TaskId, Vec<Task>>,
}

impl Log {
    fn last(&self, id: TaskId) -> Option<&Task> {
        self.tasks.get(&id)?.last()
    }

    fn all(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values().filter_map(|revisions| revisions.last())
    }

    /// Why a change of `id` that is based on `based_on` would be refused.
    fn conflict(&self, id: TaskId, based_on: Option<Version>) -> Option<Refusal> {
        let Some(last) = self.last(id) else {
            return Some(Refusal::NotFound);
        };
        let is_stale = based_on.is_some_and(|based_on| based_on != last.version);
        is_stale.then_some(Refusal::Stale { current: last.version })
    }

    fn append<R: Runtime>(&mut self, id: TaskId, change: impl FnOnce(&mut Task)) -> Outcome {
        let Some(revisions) = self.tasks.get_mut(&id) else {
            return Outcome::Refused(Refusal::NotFound);
        };
        let Some(last) = revisions.last() else {
            return Outcome::Refused(Refusal::NotFound);
        };
        let mut next = R::span(Span::Copy, || last.clone());
        let version = next.version.next();
        change(&mut next);
        revisions.push(Task { version, ..next });
        Outcome::Applied(version)
    }

    fn replace<R: Runtime>(&mut self, content: &Task, based_on: Version) -> Outcome {
        match self.conflict(content.id, Some(based_on)) {
            Some(refusal) => Outcome::Refused(refusal),
            None => self.append::<R>(content.id, |task| *task = content.clone()),
        }
    }
}

struct Logged<R: Runtime>(Arc<R::Mutex<Log>>);

impl<R: Runtime> Store for Logged<R> {
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        Ok(Box::new(Self(Arc::clone(&self.0))))
    }
}

impl<R: Runtime> Session for Logged<R> {
    fn create(
        &mut self,
        new: &NewTask,
        _key: Option<&IdempotencyKey>,
    ) -> Result<TaskId, StoreError> {
        let mut log = self.0.lock();
        log.last_id += 1;
        let id = TaskId(log.last_id);
        log.tasks.insert(id, vec![new.clone().into_task(id)]);
        Ok(id)
    }

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        Ok(self.0.lock().last(id).cloned())
    }

    fn list(&mut self, filter: &Filter) -> Result<Vec<Task>, StoreError> {
        Ok(self.0.lock().all().filter(|task| filter.matches(task)).cloned().collect())
    }

    fn summary(&mut self) -> Result<Summary, StoreError> {
        Ok(self.0.lock().all().collect())
    }

    fn edit(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        Ok(self.0.lock().append::<R>(id, |task| change.apply_to_copy(task)))
    }

    fn save(&mut self, copy: &Task) -> Result<Outcome, StoreError> {
        Ok(self.0.lock().replace::<R>(copy, copy.version))
    }

    fn delete(&mut self, id: TaskId, based_on: Option<Version>) -> Result<Outcome, StoreError> {
        let mut log = self.0.lock();
        if let Some(refusal) = log.conflict(id, based_on) {
            return Ok(Outcome::Refused(refusal));
        }
        let last = log.tasks.remove(&id).and_then(|mut revisions| revisions.pop());
        Ok(last.map_or(Outcome::Refused(Refusal::NotFound), |task| Outcome::Applied(task.version)))
    }

    fn start(&mut self, id: TaskId, wip_limit: u32) -> Result<Outcome, StoreError> {
        let mut log = self.0.lock();
        let others = log.all().filter(|task| task.id != id);
        let in_progress = others.filter(|task| task.status == Status::InProgress).count();
        let in_progress = u32::try_from(in_progress).unwrap_or(u32::MAX);
        if in_progress >= wip_limit && log.last(id).is_some() {
            return Ok(Outcome::Refused(Refusal::LimitReached { in_progress }));
        }
        Ok(log.append::<R>(id, |task| task.status = Status::InProgress))
    }

    fn revisions(&mut self) -> Option<&mut dyn Revisions> {
        Some(self)
    }
}

impl<R: Runtime> Revisions for Logged<R> {
    fn revisions(&mut self, id: TaskId) -> Result<Vec<Task>, StoreError> {
        Ok(self.0.lock().tasks.get(&id).cloned().unwrap_or_default())
    }

    fn revert(
        &mut self,
        id: TaskId,
        to: Version,
        based_on: Version,
    ) -> Result<Outcome, StoreError> {
        let mut log = self.0.lock();
        let mut revisions = log.tasks.get(&id).into_iter().flatten();
        let Some(old) = revisions.find(|task| task.version == to).cloned() else {
            return Ok(Outcome::Refused(Refusal::NotFound));
        };
        Ok(log.replace::<R>(&old, based_on))
    }
}
