//! A lock for each task: who works on different tasks does not wait for each other.
//!
//! # Mechanism
//! Each id has a place of its own, with a lock of its own, in a slab that only grows: the id says
//! where, so that nobody searches or locks anything to find it. Where one question concerns many
//! tasks (`list`), all their locks are held together.
//!
//! # What protects it
//! A task's lock is held from the read to the write. A delete empties the task's place under that
//! lock, so that an `edit` that had found the place before sees that the task is gone; no other
//! task is ever put there. The limit of `start` concerns several tasks, which no task's lock
//! protects: the counts by status have a lock of their own, and who changes a status takes it while
//! still holding the task's. A `list` keeps creates out while it collects. Locks are taken in one
//! order (last id, tasks by id, counts), so that no circle of waiting can close.
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

mod slab;

use std::sync::Arc;

use lab_runtime::{Guard, Lock, ReadWriteLock, Runtime};
use lab_store::{Blueprint, Guarantee, Promise, ScenarioName, Session, Site, Store, StoreError};
use lab_task::{
    Anomaly, Change, Filter, IdempotencyKey, NewTask, Outcome, Refusal, Status, Summary, Task,
    TaskId, Version,
};
use slab::Slab;

/// Tasks, each behind its own mutex.
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
        let counts = Lock::new([0; Status::ALL.len()]);
        let (places, last_id) = (Slab::default(), ReadWriteLock::new(0));
        Ok(Box::new(Shared::<R>(Arc::new(Shards { places, last_id, counts }))))
    }
}

struct Shards<R: Runtime> {
    places: Slab<R::Mutex<Option<Task>>>,
    /// The id that was given last.
    last_id: R::RwLock<u64>,
    /// How many tasks there are of each status, by `Status as usize`.
    counts: R::Mutex<[u64; Status::ALL.len()]>,
}

impl<R: Runtime> Shards<R> {
    fn with_task(&self, id: TaskId, change: impl FnOnce(&mut Task) -> Outcome) -> Outcome {
        match self.places.get(id.0).map(Lock::lock).as_deref_mut() {
            Some(Some(task)) => change(task),
            _ => Outcome::Refused(Refusal::NotFound),
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
        let mut last_id = self.0.last_id.write();
        *last_id += 1;
        let id = TaskId(*last_id);
        let place = self.0.places.make(id.0, || Lock::new(None));
        // Held until the task is counted: nobody finds it before.
        let mut place = place.lock();
        let task = place.insert(new.clone().into_task(id));
        self.0.counts.lock()[task.status as usize] += 1;
        Ok(id)
    }

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        Ok(self.0.places.get(id.0).and_then(|place| place.lock().clone()))
    }

    fn list(&mut self, filter: &Filter) -> Result<Vec<Task>, StoreError> {
        let last_id = self.0.last_id.read();
        // All of them are held before the first is read, or the list would mix two moments.
        let places: Vec<Guard<'_, R, Option<Task>>> =
            (1..=*last_id).filter_map(|id| Some(self.0.places.get(id)?.lock())).collect();
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
        let Some(mut place) = self.0.places.get(id.0).map(Lock::lock) else {
            return Ok(Outcome::Refused(Refusal::NotFound));
        };
        let Some(task) = place.take() else {
            return Ok(Outcome::Refused(Refusal::NotFound));
        };
        self.0.counts.lock()[task.status as usize] -= 1;
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
