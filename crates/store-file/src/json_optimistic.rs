//! A JSON file that is replaced only if it is still what was read.
//!
//! # Mechanism
//! Read without a lock, change, write and sync a temporary file. Then, under a short lock, read
//! once more: if the text is the one that the change is based on, rename; if not, begin again.
//!
//! # What protects it
//! The comparison: the text itself is the version of the document, and the lock makes compare
//! and rename one step. The slow parts, the change and the sync, are outside of it. For what
//! clients do between two operations each task has a version, and `save` and `delete` refuse a
//! copy that is based on an old one.
//!
//! # What it admits
//! Nothing: of two changes that are based on one text the second finds another text, of two
//! saves that are based on one version the second finds another version. The price is paid in
//! attempts; who lost all of them is told so. A create that is retried with its key finds the
//! key in the document, beside the task, and makes no second one.
//!
//! # Where it comes from
//! Kung and Robinson, "On Optimistic Methods for Concurrency Control", ACM TODS 1981; `If-Match`
//! with a strong entity tag in HTTP (RFC 9110).

use std::mem;

use lab_runtime::Runtime;
use lab_store::{
    Blueprint, Capability, Guarantee, Session, Site, Store, StoreError, Table, TableAccess,
    TableSession,
};
use lab_task::Rules;

use crate::document::{self, Document, TASKS};
use crate::files::{Files, LockFile};

/// With 16 writers of equal luck, one in ten million operations loses this often.
const ATTEMPTS_MAX: u32 = 256;

/// A file that is compared before it is replaced.
pub struct JsonOptimistic;

impl Blueprint for JsonOptimistic {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "compared under a short lock, then renamed",
        capabilities: &[
            Capability::VersionChecks,
            Capability::IdempotentCreates,
            Capability::Persistent,
            Capability::SharedSite,
        ],
        promises: &[],
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
        Ok(Box::new(TableSession(Comparing { files, lock, document: Document::default() })))
    }
}

struct Comparing<R> {
    files: Files<R>,
    lock: LockFile<R>,
    document: Document,
}

impl<R: Runtime> TableAccess for Comparing<R> {
    const RULES: Rules = Rules { refuses_stale: true, idempotent_creates: true };

    fn read<T>(&mut self, look: impl FnOnce(&Table) -> T) -> Result<T, StoreError> {
        self.document.read(&self.files).map(look)
    }

    fn write<T>(&mut self, mut change: impl FnMut(&mut Table) -> T) -> Result<T, StoreError> {
        for attempt in 0..ATTEMPTS_MAX {
            // If it is not put back, it is read anew.
            let mut document = mem::take(&mut self.document);
            document.read(&self.files)?;
            let answer = change(&mut document.table);
            if self.compare_and_swap(&mut document)? {
                self.document = document;
                return Ok(answer);
            }
            R::back_off(attempt);
        }
        let what = self.files.path(TASKS).display().to_string();
        Err(StoreError::Contended { what, attempts: ATTEMPTS_MAX })
    }
}

impl<R: Runtime> Comparing<R> {
    /// Replaces the document, if it was changed, by what it is now; says whether it was still
    /// what the change is based on.
    fn compare_and_swap(&self, document: &mut Document) -> Result<bool, StoreError> {
        let Some(text) = document.new_text::<R>()? else { return Ok(true) };
        let prepared = self.files.prepare(&text)?;
        prepared.sync()?;
        let locked = self.lock.lock()?;
        if self.files.read(TASKS)?.as_deref() != document.text() {
            return Ok(false);
        }
        prepared.rename(TASKS)?;
        drop(locked);
        self.files.sync_folder(TASKS)?;
        document.is_written(text);
        Ok(true)
    }
}
