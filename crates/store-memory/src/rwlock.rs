//! One lock around the whole table that readers share.
//!
//! # Mechanism
//! Who looks takes the lock together with all others who look; who changes takes it alone, from
//! the read to the write.
//!
//! # What protects it
//! Mutual exclusion, as with a plain mutex; only readers do not exclude each other. The change
//! begins under the sole lock: to look under the shared one and then change under the sole one
//! would let somebody in between the two.
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
//! Courtois, Heymans, Parnas, "Concurrent Control with 'Readers' and 'Writers'", CACM 1971; here
//! the lock of the `parking_lot` crate.

use std::sync::Arc;

use lab_runtime::{ReadWriteLock, Runtime};
use lab_store::{
    Blueprint, Guarantee, Promise, ScenarioName, Session, Site, Store, StoreError, Table,
    TableAccess, TableSession,
};
use lab_task::{Anomaly, Rules};

/// A table behind a reader-writer lock.
pub struct RwLock;

impl Blueprint for RwLock {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "one lock, shared by readers, held from the read to the write",
        capabilities: &[],
        promises: &[
            (ScenarioName::TwoEditors, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::BackgroundStatus, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::RetriedCreate, Promise::Admits(&[Anomaly::DuplicateCreate])),
            (ScenarioName::TwoInstances, Promise::Admits(&[Anomaly::DivergentInstances])),
        ],
    };

    fn open<R: Runtime>(_site: &Site) -> Result<Box<dyn Store>, StoreError> {
        Ok(Box::new(Locked::<R>(Arc::new(ReadWriteLock::new(Table::default())))))
    }
}

struct Locked<R: Runtime>(Arc<R::RwLock<Table>>);

impl<R: Runtime> Store for Locked<R> {
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        Ok(Box::new(TableSession(Self(Arc::clone(&self.0)))))
    }
}

impl<R: Runtime> TableAccess for Locked<R> {
    const RULES: Rules = Rules { refuses_stale: false, idempotent_creates: false };

    fn read<T>(&mut self, look: impl FnOnce(&Table) -> T) -> Result<T, StoreError> {
        Ok(look(&self.0.read()))
    }

    fn write<T>(&mut self, mut change: impl FnMut(&mut Table) -> T) -> Result<T, StoreError> {
        Ok(change(&mut self.0.write()))
    }
}
