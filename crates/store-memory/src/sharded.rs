//! A lock for each task: who works on different tasks does not wait for each other.
//!
//! # Mechanism
//! An ordered index, itself behind a lock that readers share, leads to each task's own lock. The
//! index lock is let go before the task's is taken. Where one question concerns many tasks (`list`)
//! all their locks are held together.
//!
//! # What protects it
//! A task's lock is held from the read to the write. A delete empties the task's place under that
//! lock, so that an `edit` that had found the place before sees that the task is gone. The limit of
//! `start` concerns several tasks, which no task's lock protects: the counts by status have a
//! lock of their own, and who changes a status takes it while still holding the task's. Locks are
//! taken in one order (index, tasks by id, counts), so that no circle of waiting can close.
//!
//! # What it admits
//! Nothing within one operation. Lost update between two people who `get` and `save`:
//! ```text
//! A  get   v1
//! B  get   v1
//! B  save  B's description
//! A  save  A's title and the old description      B's description is gone
//! ```
//! It keeps no idempotency keys: a create that is retried makes a second task. And another
//! instance has tasks of its own: the two diverge.
//!
//! # Where it comes from
//! Gray, Lorie, Putzolu, Traiger, "Granularity of Locks and Degrees of Consistency in a Shared
//! Data Base", 1976: the finer the lock, the more run together, and the more locks a wide question
//! has to take.

use std::collections::BTreeMap;
use std::sync::Arc;

use lab_runtime::{Guard, Lock, ReadWriteLock, Runtime};
use lab_store::{Blueprint, Guarantee, Promise, ScenarioName, Session, Site, Store, StoreError};
use lab_task::{
    Anomaly, Change, Filter, IdempotencyKey, NewTask, Outcome, Refusal, Status, Summary, Task,
    TaskId, Version,
};

/// A map of tasks, each behind its own mutex.
pub struct Sharded;

impl Blueprint for Sharded {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "a lock for each task, held from the read to the write",
        capabilities: &[],
        promises: &[
            (ScenarioName::TwoEditors, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::BackgroundStatus, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::RetriedCreate, Promise::Admits(&[Anomaly::DuplicateCreate])),
            (ScenarioName::TwoInstances, Promise::Admits(&[Anomaly::DivergentInstances])),
        ],
    };

    fn open<R: Runtime>(_site: &Site) -> Result<Box<dyn Store>, StoreError> {
        let index = ReadWriteLock::new(Index { last_id: 0, places: BTreeMap::new() });
        let shards = Shards::<R> { index, counts: Lock::new([0; Status::ALL.len()]) };
        Ok(Box::new(Shared(Arc::new(shards))))
    }
}

/// Where a task is; `None` once it was deleted.
type Place<R> = <R as Runtime>::Mutex<Option<Task>>;

struct Index<R: Runtime> {
    last_id: u64,
    places: BTreeMap<TaskId, Arc<Place<R>>>,
}

struct Shards<R: Runtime> {
    index: R::RwLock<Index<R>>,
    /// How many tasks there are of each status, by `Status as usize`.
    counts: R::Mutex<[u64; Status::ALL.len()]>,
}

impl<R: Runtime> Shards<R> {
    fn find(&self, id: TaskId) -> Option<Arc<Place<R>>> {
        self.index.read().places.get(&id).cloned()
    }

    fn with_task(&self, id: TaskId, change: impl FnOnce(&mut Task) -> Outcome) -> Outcome {
        let Some(place) = self.find(id) else {
            return Outcome::Refused(Refusal::NotFound);
        };
        match place.lock().as_mut() {
            Some(task) => change(task),
            None => Outcome::Refused(Refusal::NotFound),
        }
    }

    fn update(&self, id: TaskId, change: impl FnOnce(&mut Task)) -> Outcome {
        self.with_task(id, |task| {
            let before = task.status;
            change(task);
            task.version = task.version.next();
            if task.status != before {
                let mut counts = self.counts.lock();
                counts[before as usize] -= 1;
                counts[task.status as usize] += 1;
            }
            Outcome::Applied(task.version)
        })
    }
}

struct Shared<R: Runtime>(Arc<Shards<R>>);

impl<R: Runtime> Store for Shared<R> {
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        Ok(Box::new(Self(Arc::clone(&self.0))))
    }
}

impl<R: Runtime> Session for Shared<R> {
    fn create(
        &mut self,
        new: &NewTask,
        _key: Option<&IdempotencyKey>,
    ) -> Result<TaskId, StoreError> {
        let mut index = self.0.index.write();
        index.last_id += 1;
        let task = new.clone().into_task(TaskId(index.last_id));
        let (id, status) = (task.id, task.status);
        index.places.insert(id, Arc::new(Lock::new(Some(task))));
        // Still under the index lock: nobody finds the task before it is counted.
        self.0.counts.lock()[status as usize] += 1;
        Ok(id)
    }

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        Ok(self.0.find(id).and_then(|place| place.lock().clone()))
    }

    fn list(&mut self, filter: &Filter) -> Result<Vec<Task>, StoreError> {
        let index = self.0.index.read();
        // All of them are held before the first is read, or the list would mix two moments.
        let places: Vec<Guard<'_, R, Option<Task>>> =
            index.places.values().map(|place| place.lock()).collect();
        let tasks = places.iter().filter_map(|place| place.as_ref());
        Ok(tasks.filter(|task| filter.matches(task)).cloned().collect())
    }

    fn summary(&mut self) -> Result<Summary, StoreError> {
        let counts = *self.0.counts.lock();
        let mut summary = Summary::default();
        for status in Status::ALL {
            summary.add(status, counts[status as usize]);
        }
        Ok(summary)
    }

    fn edit(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        Ok(self.0.update(id, |task| change.apply_to_copy(task)))
    }

    fn save(&mut self, copy: &Task) -> Result<Outcome, StoreError> {
        Ok(self.0.update(copy.id, |task| *task = Task { version: task.version, ..copy.clone() }))
    }

    fn delete(&mut self, id: TaskId, _based_on: Option<Version>) -> Result<Outcome, StoreError> {
        let Some(place) = self.0.find(id) else {
            return Ok(Outcome::Refused(Refusal::NotFound));
        };
        let mut place = place.lock();
        let Some(task) = place.take() else {
            return Ok(Outcome::Refused(Refusal::NotFound));
        };
        self.0.counts.lock()[task.status as usize] -= 1;
        // The index comes before the tasks in the order of locks: let go before it is taken.
        drop(place);
        self.0.index.write().places.remove(&id);
        Ok(Outcome::Applied(task.version))
    }

    fn start(&mut self, id: TaskId, wip_limit: u32) -> Result<Outcome, StoreError> {
        Ok(self.0.with_task(id, |task| {
            let mut counts = self.0.counts.lock();
            let itself = u64::from(task.status == Status::InProgress);
            let in_progress = counts[Status::InProgress as usize] - itself;
            let in_progress = u32::try_from(in_progress).unwrap_or(u32::MAX);
            if in_progress >= wip_limit {
                return Outcome::Refused(Refusal::LimitReached { in_progress });
            }
            counts[task.status as usize] -= 1;
            counts[Status::InProgress as usize] += 1;
            Change::Status(Status::InProgress).apply(task);
            Outcome::Applied(task.version)
        }))
    }
}
