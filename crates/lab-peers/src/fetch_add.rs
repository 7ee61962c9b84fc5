//! An atomic for each task: no store can add a minute in less.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lab_store::{Site, Store, StoreError};
use lab_task::{Change, NewTask, Outcome, Refusal, Task, TaskId, Version};
use parking_lot::Mutex;

use crate::peer::{Peer, PeerStore, missing};

pub(crate) fn open(_site: &Site) -> Result<Box<dyn Store>, StoreError> {
    let shared: Arc<Mutex<Vec<Counter>>> = Arc::default();
    let open = move || {
        let known = shared.lock().clone();
        Ok(Counters { shared: Arc::clone(&shared), known })
    };
    Ok(Box::new(PeerStore(open)))
}

type Counter = Arc<Padded>;

/// Minutes on cache lines of their own, as the locks of a sharded store would be.
#[repr(align(128))]
struct Padded {
    new: NewTask,
    minutes: AtomicU64,
}

struct Counters {
    shared: Arc<Mutex<Vec<Counter>>>,
    /// The counters that were there when the session began or last looked.
    known: Vec<Counter>,
}

impl Counters {
    fn find(&self, id: TaskId) -> Option<&Counter> {
        self.known.get(usize::try_from(id.0).ok()?.checked_sub(1)?)
    }
}

impl Peer for Counters {
    fn create(&mut self, new: &NewTask) -> Result<TaskId, StoreError> {
        let mut shared = self.shared.lock();
        shared.push(Arc::new(Padded { new: new.clone(), minutes: AtomicU64::new(0) }));
        self.known.clone_from(&shared);
        Ok(TaskId(shared.len() as u64))
    }

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        Ok(self.find(id).map(|counter| task(id, counter)))
    }

    #[inline]
    fn edit(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        let Change::AddMinutes(minutes) = change else { return Err(missing("any other change")) };
        let Some(counter) = self.find(id) else {
            return Ok(Outcome::Refused(Refusal::NotFound));
        };
        let before = counter.minutes.fetch_add(u64::from(*minutes), Ordering::Relaxed);
        Ok(Outcome::Applied(Version(before)))
    }

    fn list(&mut self) -> Result<Vec<Task>, StoreError> {
        Ok((1..).map(TaskId).zip(&self.known).map(|(id, counter)| task(id, counter)).collect())
    }
}

fn task(id: TaskId, counter: &Padded) -> Task {
    let minutes = counter.minutes.load(Ordering::Relaxed);
    let minutes = u32::try_from(minutes).unwrap_or(u32::MAX);
    Task { minutes, ..counter.new.clone().into_task(id) }
}
