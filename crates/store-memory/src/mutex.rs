//! One lock around the whole table, held from the read to the write.
//!
//! # Mechanism
//! Lock, read, change, write, unlock: one critical section for each operation.
//!
//! # What protects it
//! Mutual exclusion: between the read and the write of an `edit` nobody else gets in. The lock
//! ends with the operation, so it protects nothing that a client does between two operations.
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
//! Dijkstra, "Solution of a Problem in Concurrent Programming Control", CACM 1965; here the lock
//! of the `parking_lot` crate.

use std::sync::Arc;

use lab_runtime::{Lock, Runtime};
use lab_store::{
    Blueprint, Guarantee, Promise, ScenarioName, Session, Site, Store, StoreError, Table,
    TableAccess, TableSession,
};
use lab_task::{Anomaly, Rules};

/// A table behind a mutex.
pub struct Mutex;

impl Blueprint for Mutex {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "one lock, held from the read to the write",
        capabilities: &[],
        promises: &[
            (ScenarioName::TwoEditors, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::BackgroundStatus, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::RetriedCreate, Promise::Admits(&[Anomaly::DuplicateCreate])),
            (ScenarioName::TwoInstances, Promise::Admits(&[Anomaly::DivergentInstances])),
        ],
    };

    fn open<R: Runtime>(_site: &Site) -> Result<Box<dyn Store>, StoreError> {
        Ok(Box::new(Locked::<R>(Arc::new(Lock::new(Table::default())))))
    }
}

struct Locked<R: Runtime>(Arc<R::Mutex<Table>>);

impl<R: Runtime> Store for Locked<R> {
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        Ok(Box::new(TableSession(Self(Arc::clone(&self.0)))))
    }
}

impl<R: Runtime> TableAccess for Locked<R> {
    const RULES: Rules = Rules { refuses_stale: false, idempotent_creates: false };

    fn read<T>(&mut self, look: impl FnOnce(&Table) -> T) -> Result<T, StoreError> {
        Ok(look(&self.0.lock()))
    }

    fn write<T>(&mut self, mut change: impl FnMut(&mut Table) -> T) -> Result<T, StoreError> {
        Ok(change(&mut self.0.lock()))
    }
}
