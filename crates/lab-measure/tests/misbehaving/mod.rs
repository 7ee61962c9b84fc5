//! A store whose sessions misbehave: some edits are acknowledged and not done, and all take long.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use lab_measure::Counted;
use lab_store::{Blueprint, Session, Site, Store, StoreError};
use lab_task::{Change, Filter, IdempotencyKey, NewTask, Outcome, Summary, Task, TaskId, Version};
use store_memory::mutex::Mutex;

/// A mutex behind sessions that lie about the edits that `lies` picks by their number, and take
/// `stall` for each.
pub(crate) fn misbehaving(
    lies: fn(u64) -> bool,
    stall: Duration,
) -> Result<Box<dyn Store>, StoreError> {
    let inner = Mutex::open::<Counted>(&Site::default())?;
    Ok(Box::new(Misbehaving { inner, calls: Arc::default(), lies, stall }))
}

struct Misbehaving<T> {
    inner: T,
    calls: Arc<AtomicU64>,
    lies: fn(u64) -> bool,
    stall: Duration,
}

impl Store for Misbehaving<Box<dyn Store>> {
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        let Self { inner, calls, lies, stall } = self;
        let (inner, calls) = (inner.session()?, Arc::clone(calls));
        Ok(Box::new(Misbehaving { inner, calls, lies: *lies, stall: *stall }))
    }
}

impl Session for Misbehaving<Box<dyn Session>> {
    fn edit(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        let begin = Instant::now();
        while begin.elapsed() < self.stall {
            thread::yield_now();
        }
        if (self.lies)(self.calls.fetch_add(1, Ordering::Relaxed)) {
            return Ok(Outcome::Applied(Version::FIRST));
        }
        self.inner.edit(id, change)
    }

    fn create(
        &mut self,
        new: &NewTask,
        key: Option<&IdempotencyKey>,
    ) -> Result<TaskId, StoreError> {
        self.inner.create(new, key)
    }

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.inner.get(id)
    }

    fn list(&mut self, filter: &Filter) -> Result<Vec<Task>, StoreError> {
        self.inner.list(filter)
    }

    fn summary(&mut self) -> Result<Summary, StoreError> {
        self.inner.summary()
    }

    fn save(&mut self, copy: &Task) -> Result<Outcome, StoreError> {
        self.inner.save(copy)
    }

    fn delete(&mut self, id: TaskId, based_on: Option<Version>) -> Result<Outcome, StoreError> {
        self.inner.delete(id, based_on)
    }

    fn start(&mut self, id: TaskId, wip_limit: u32) -> Result<Outcome, StoreError> {
        self.inner.start(id, wip_limit)
    }
}
