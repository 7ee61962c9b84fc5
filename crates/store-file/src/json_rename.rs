//! A JSON file that is replaced as a whole: the new one is written beside it and then renamed.
//!
//! # Mechanism
//! Read, change, write the result to a temporary file, rename that over the old one.
//!
//! # What protects it
//! The atomic rename: who opens the file gets the old text or the new one, complete, and a full
//! disk or a killed program leaves the old one as it was. It replaces what was read by nothing
//! but hope that it is still there. Nothing is synced, so a power loss may take back what was
//! acknowledged, and on some file systems leave an empty file.
//!
//! # What it admits
//! Lost update, in `edit` as well as between two people who `get` and `save`:
//! ```text
//! A  read     task 1, 0 min
//! B  read     task 1, 0 min
//! B  rename   task 1, 20 min
//! A  rename   task 1, 10 min      B's 20 minutes are gone
//! ```
//! In the same way two creates get one id, and a delete is undone by whoever read before it. It
//! keeps no idempotency keys: a create that is retried makes a second task.
//!
//! # Where it comes from
//! rename(2) in POSIX; editors and package managers save this way. What the missing syncs cost:
//! Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014.

use lab_runtime::Runtime;
use lab_store::{
    Blueprint, Capability, Guarantee, Promise, ScenarioName, Session, Site, Store, StoreError,
    Table, TableAccess, TableSession,
};
use lab_task::{Anomaly, Rules};

use crate::document::{self, TASKS};
use crate::files::Files;

/// A file that is replaced by a rename.
pub struct JsonRename;

impl Blueprint for JsonRename {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "read, change, temporary file, rename",
        capabilities: &[Capability::Persistent, Capability::SharedSite],
        promises: &[
            (ScenarioName::LogTime, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::TwoEditors, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::BackgroundStatus, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::CreateBurst, Promise::Admits(&[Anomaly::DuplicateId])),
            (ScenarioName::EditDelete, Promise::Admits(&[Anomaly::ResurrectedDelete])),
            (ScenarioName::RetriedCreate, Promise::Admits(&[Anomaly::DuplicateCreate])),
            (ScenarioName::WipLimit, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::TwoInstances, Promise::Admits(&[Anomaly::LostUpdate])),
        ],
    };

    fn open<R: Runtime>(site: &Site) -> Result<Box<dyn Store>, StoreError> {
        let files = Files::<R>::open(site)?;
        document::read(&files)?;
        Ok(Box::new(Renamed(files)))
    }
}

struct Renamed<R>(Files<R>);

impl<R: Runtime> Store for Renamed<R> {
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        Ok(Box::new(TableSession(Self(self.0.another_session()))))
    }
}

impl<R: Runtime> TableAccess for Renamed<R> {
    const RULES: Rules = Rules { refuses_stale: false, idempotent_creates: false };

    fn read<T>(&mut self, look: impl FnOnce(&Table) -> T) -> Result<T, StoreError> {
        Ok(look(&document::read(&self.0)?))
    }

    fn write<T>(&mut self, mut change: impl FnMut(&mut Table) -> T) -> Result<T, StoreError> {
        let mut table = document::read(&self.0)?;
        let answer = change(&mut table);
        if table.is_changed() {
            self.0.prepare(&document::print::<R>(&table)?)?.rename(TASKS)?;
        }
        Ok(answer)
    }
}
