//! A JSON file that is read, changed in memory and written back in place.
//!
//! # Mechanism
//! `fs::read`, parse, change, print, `fs::write`.
//!
//! # What protects it
//! Nothing. `fs::write` first cuts the file to no bytes and then writes the new ones: two steps,
//! and a reader may come between them. If the disk is full, or the program is killed, between
//! these steps, the old tasks are gone and the new ones are not there: an error in the second
//! step leaves a damaged file, and says that nobody knows what is in it.
//!
//! # What it admits
//! Lost update:
//! ```text
//! A  read   task 1, 0 min
//! B  read   task 1, 0 min
//! B  truncate, write   task 1, 20 min
//! A  truncate, write   task 1, 10 min      B's 20 minutes are gone
//! ```
//! Torn read, an error that a healthy store gives for no reason of the caller's:
//! ```text
//! A  read       task 1, 0 min
//! A  truncate   the file is empty
//! B  read       an empty file: not JSON at all
//! A  write      task 1, 10 min
//! ```
//! Two writers between each other's steps may even leave the end of the longer text behind the
//! shorter one: then the file stays damaged.
//! In the same way two creates get one id, and a delete is undone by whoever read before it. It
//! keeps no idempotency keys: a create that is retried makes a second task.
//!
//! # Where it comes from
//! The first version of every small tool that keeps its settings or its list in a file; the
//! documentation of `std::fs::write` and of `O_TRUNC` in open(2) says what really happens.

use lab_runtime::Runtime;
use lab_store::{
    Blueprint, Capability, Guarantee, Promise, ScenarioName, Session, Site, Store, StoreError,
    Table, TableAccess, TableSession,
};
use lab_task::{Anomaly, Rules};

use crate::document::{self, TASKS};
use crate::files::Files;

/// A file that is rewritten in place.
pub struct JsonNaive;

impl Blueprint for JsonNaive {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "read, change, rewrite in place",
        capabilities: &[Capability::Persistent, Capability::SharedSite],
        promises: &[
            (ScenarioName::LogTime, Promise::Admits(&[Anomaly::LostUpdate, Anomaly::TornRead])),
            (ScenarioName::TwoEditors, Promise::Admits(&[Anomaly::LostUpdate, Anomaly::TornRead])),
            (
                ScenarioName::BackgroundStatus,
                Promise::Admits(&[Anomaly::LostUpdate, Anomaly::TornRead]),
            ),
            (
                ScenarioName::CreateBurst,
                Promise::Admits(&[Anomaly::DuplicateId, Anomaly::TornRead]),
            ),
            (
                ScenarioName::EditDelete,
                Promise::Admits(&[Anomaly::ResurrectedDelete, Anomaly::TornRead]),
            ),
            (ScenarioName::RetriedCreate, Promise::Admits(&[Anomaly::DuplicateCreate])),
            (ScenarioName::ListWhileEditing, Promise::Admits(&[Anomaly::TornRead])),
            (ScenarioName::WipLimit, Promise::Admits(&[Anomaly::LostUpdate, Anomaly::TornRead])),
            (
                ScenarioName::TwoInstances,
                Promise::Admits(&[Anomaly::LostUpdate, Anomaly::TornRead]),
            ),
        ],
    };

    fn open<R: Runtime>(site: &Site) -> Result<Box<dyn Store>, StoreError> {
        let files = Files::<R>::open(site)?;
        document::read(&files)?;
        Ok(Box::new(Rewritten(files)))
    }
}

struct Rewritten<R>(Files<R>);

impl<R: Runtime> Store for Rewritten<R> {
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        Ok(Box::new(TableSession(Self(self.0.another_session()))))
    }
}

impl<R: Runtime> TableAccess for Rewritten<R> {
    const RULES: Rules = Rules { refuses_stale: false, idempotent_creates: false };

    fn read<T>(&mut self, look: impl FnOnce(&Table) -> T) -> Result<T, StoreError> {
        Ok(look(&document::read(&self.0)?))
    }

    fn write<T>(&mut self, mut change: impl FnMut(&mut Table) -> T) -> Result<T, StoreError> {
        let mut table = document::read(&self.0)?;
        let answer = change(&mut table);
        if table.is_changed() {
            self.0.overwrite(TASKS, &document::print::<R>(&table)?)?;
        }
        Ok(answer)
    }
}
