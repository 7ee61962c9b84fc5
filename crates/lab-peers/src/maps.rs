//! Concurrent maps of whole tasks, used as their documentation shows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dashmap::DashMap;
use lab_store::{Site, Store, StoreError};
use lab_task::{Change, NewTask, Outcome, Refusal, Task, TaskId};
use papaya::HashMap;

use crate::peer::{Peer, PeerStore};

const NOT_FOUND: Outcome = Outcome::Refused(Refusal::NotFound);

pub(crate) fn open_dashmap(_site: &Site) -> Result<Box<dyn Store>, StoreError> {
    open::<DashMap<TaskId, Task>>()
}

pub(crate) fn open_papaya(_site: &Site) -> Result<Box<dyn Store>, StoreError> {
    open::<HashMap<TaskId, Task>>()
}

fn open<M: Map>() -> Result<Box<dyn Store>, StoreError> {
    let shared: Arc<(M, AtomicU64)> = Arc::default();
    Ok(Box::new(PeerStore(move || Ok(Mapped(Arc::clone(&shared))))))
}

/// What a map must be able to do.
trait Map: Default + Send + Sync + 'static {
    fn put(&self, task: Task);

    fn get(&self, id: TaskId) -> Option<Task>;

    fn edit(&self, id: TaskId, change: &Change) -> Outcome;

    fn all(&self) -> Vec<Task>;
}

struct Mapped<M>(Arc<(M, AtomicU64)>);

impl<M: Map> Peer for Mapped<M> {
    fn create(&mut self, new: &NewTask) -> Result<TaskId, StoreError> {
        let (map, last_id) = &*self.0;
        let id = TaskId(last_id.fetch_add(1, Ordering::Relaxed) + 1);
        map.put(new.clone().into_task(id));
        Ok(id)
    }

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        Ok(self.0.0.get(id))
    }

    #[inline]
    fn edit(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        Ok(self.0.0.edit(id, change))
    }

    fn list(&mut self) -> Result<Vec<Task>, StoreError> {
        let mut all = self.0.0.all();
        all.sort_unstable_by_key(|task| task.id);
        Ok(all)
    }
}

impl Map for DashMap<TaskId, Task> {
    fn put(&self, task: Task) {
        self.insert(task.id, task);
    }

    fn get(&self, id: TaskId) -> Option<Task> {
        Self::get(self, &id).map(|task| task.clone())
    }

    #[inline]
    fn edit(&self, id: TaskId, change: &Change) -> Outcome {
        let Some(mut task) = self.get_mut(&id) else { return NOT_FOUND };
        change.apply(&mut task);
        Outcome::Applied(task.version)
    }

    fn all(&self) -> Vec<Task> {
        self.iter().map(|task| task.clone()).collect()
    }
}

impl Map for HashMap<TaskId, Task> {
    fn put(&self, task: Task) {
        self.pin().insert(task.id, task);
    }

    fn get(&self, id: TaskId) -> Option<Task> {
        self.pin().get(&id).cloned()
    }

    #[inline]
    fn edit(&self, id: TaskId, change: &Change) -> Outcome {
        let pinned = self.pin();
        let changed = pinned.update(id, |task| {
            let mut copy = task.clone();
            change.apply(&mut copy);
            copy
        });
        changed.map_or(NOT_FOUND, |task| Outcome::Applied(task.version))
    }

    fn all(&self) -> Vec<Task> {
        self.pin().values().cloned().collect()
    }
}
