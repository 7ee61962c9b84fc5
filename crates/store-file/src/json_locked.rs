//! A JSON file under an advisory lock, held from the read to the synced write.
//!
//! # Mechanism
//! Lock a separate file, read, change, write a temporary file, sync it, rename it, sync the
//! folder, unlock. The lock has a file of its own because the rename takes the old file away: a
//! lock on that would be one that nobody else can find. So would be one on a lock file that
//! somebody removed: that is an error.
//!
//! # What protects it
//! Mutual exclusion among all who ask for the lock, in this program and in others: between the
//! read and the write of an `edit` nobody else gets in. Readers do not ask, the rename gives
//! them a whole text. The two syncs make an acknowledged change survive a power loss. The lock
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
//! It keeps no idempotency keys: a create that is retried makes a second task.
//!
//! # Where it comes from
//! flock(2), from 4.2BSD; here `std::fs::File::lock`. The order of syncs: Pillai et al., "All
//! File Systems Are Not Created Equal", OSDI 2014.

use lab_runtime::Runtime;
use lab_store::{
    Blueprint, Capability, Guarantee, Promise, ScenarioName, Session, Site, Store, StoreError,
    Table, TableAccess, TableSession,
};
use lab_task::{Anomaly, Rules};

use crate::document::{self, Document};
use crate::files::{Files, LockFile};

/// A file behind an advisory lock.
pub struct JsonLocked;

impl Blueprint for JsonLocked {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "advisory lock from the read to the synced rename",
        capabilities: &[Capability::Persistent, Capability::SharedSite],
        promises: &[
            (ScenarioName::TwoEditors, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::BackgroundStatus, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::RetriedCreate, Promise::Admits(&[Anomaly::DuplicateCreate])),
        ],
    };

    fn open<R: Runtime>(site: &Site) -> Result<Box<dyn Store>, StoreError> {
        let files = Files::<R>::open(site)?;
        document::read(&files)?;
        Ok(Box::new(Shared(files)))
    }
}

struct Shared<R>(Files<R>);

impl<R: Runtime> Store for Shared<R> {
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        let files = self.0.another_session();
        let lock = LockFile::open(&files, "tasks.lock")?;
        Ok(Box::new(TableSession(Locking { files, lock, document: Document::default() })))
    }
}

struct Locking<R> {
    files: Files<R>,
    lock: LockFile<R>,
    document: Document,
}

impl<R: Runtime> TableAccess for Locking<R> {
    const RULES: Rules = Rules { refuses_stale: false, idempotent_creates: false };

    fn read<T>(&mut self, look: impl FnOnce(&Table) -> T) -> Result<T, StoreError> {
        self.document.read(&self.files).map(look)
    }

    fn write<T>(&mut self, change: impl FnMut(&mut Table) -> T) -> Result<T, StoreError> {
        let _locked = self.lock.lock()?;
        self.document.read(&self.files)?;
        self.document.replace(&self.files, change)
    }
}
