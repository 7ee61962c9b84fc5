//! A journal: every change is one line at the end of a file, and the table is kept in memory.
//!
//! # Mechanism
//! A change is applied to the table in memory, its line waits for the disk. Whoever finds nobody
//! writing becomes the leader, appends all lines that wait as one frame with length and checksum
//! and syncs once for all of them: group commit. The others follow, and are answered when the
//! sync that covers them is done. If there were more of them last time, the leader lets them come
//! back first, for 100 µs at most. Frames go where zeros were written before: a sync of a file
//! that does not grow writes neither its length nor its blocks. Opening replays the file and cuts
//! a torn tail and the zeros. When more than half of the file is history, the leader writes the
//! table to a new file instead, syncs that and renames it: compaction.
//!
//! # What protects it
//! The lock around the table makes an operation one step; a lock file keeps a second instance
//! out, whose table would know nothing of the changes of the first. Nothing is answered before
//! the disk has it, not even a read that saw a change which is still on its way. Each frame is
//! synced before the next is begun, so only the last can be torn: a damaged one that a whole one
//! follows is reported, and the file stays as it is. Damage of the very last frame looks like a
//! torn one, and is cut. An append that fails, as on a full disk, is cut off, and the table is
//! read again from the file; after a failed sync nobody knows what the disk holds, so the
//! journal stops until it is opened again. So it does where somebody has removed the file, and
//! where the leader panics: those who wait for it are told that nobody knows.
//!
//! # What it admits
//! Nothing within one operation. Lost update between two people who `get` and `save`:
//! ```text
//! A  get   v1
//! B  get   v1
//! B  save  B's description
//! A  save  A's title and the old description      B's description is gone
//! ```
//!
//! # Where it comes from
//! Group commit: DeWitt et al., "Implementation Techniques for Main Memory Database Systems",
//! SIGMOD 1984. Log and compaction: Sheehy and Smith, "Bitcask", 2010. The failed sync: Rebello
//! et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020.

mod frame;
mod group;
mod log;
mod record;

use std::sync::Arc;

use lab_runtime::{Runtime, Span};
use lab_store::{
    Blueprint, Capability, Guarantee, Promise, ScenarioName, Session, Site, Store, StoreError,
};
use lab_task::{
    Anomaly, Change, Filter, IdempotencyKey, NewTask, Outcome, Summary, Task, TaskId, Version,
};

use crate::files::{Files, LockFile, Locked};
use group::Group;
use log::Log;
use record::{Record, Update};

/// An append-only file.
pub struct Journal;

impl Blueprint for Journal {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "append-only file, group commit",
        capabilities: &[Capability::IdempotentCreates, Capability::Persistent],
        promises: &[
            (ScenarioName::TwoEditors, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::BackgroundStatus, Promise::Admits(&[Anomaly::LostUpdate])),
        ],
    };

    fn open<R: Runtime>(site: &Site) -> Result<Box<dyn Store>, StoreError> {
        let files = Files::<R>::open(site)?;
        let lock = LockFile::open(&files, "journal.lock")?;
        let Some(only_instance) = lock.try_lock()? else {
            let why = "another instance has this journal open; close that one first, or use a \
                       store that several instances may share";
            return Err(StoreError::unavailable(lock.path().display(), why));
        };
        let (log, table) = Log::open(files)?;
        let group = Group::new(log, table);
        Ok(Box::new(Journaled(Arc::new(Instance { group, _only_instance: only_instance }))))
    }
}

/// The fields are dropped in this order: the file first, then the lock.
struct Instance<R: Runtime> {
    group: Group<R>,
    _only_instance: Locked<R>,
}

struct Journaled<R: Runtime>(Arc<Instance<R>>);

impl<R: Runtime> Store for Journaled<R> {
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        Ok(Box::new(Self(Arc::clone(&self.0))))
    }
}

impl<R: Runtime> Journaled<R> {
    /// Carries out `update`; only what was applied gets a line.
    fn update(&self, update: Update) -> Result<Outcome, StoreError> {
        let line = R::span(Span::Serialise, || Record::Update(update.clone()).line())?;
        self.0.group.run(|table, lines| {
            let outcome = update.apply(table);
            if matches!(outcome, Outcome::Applied(_)) {
                lines.extend_from_slice(&line);
            }
            outcome
        })
    }
}

impl<R: Runtime> Session for Journaled<R> {
    fn create(
        &mut self,
        new: &NewTask,
        key: Option<&IdempotencyKey>,
    ) -> Result<TaskId, StoreError> {
        let line = R::span(Span::Serialise, || Record::Create(new.clone(), key.cloned()).line())?;
        self.0.group.run(|table, lines| {
            // A create that finds its key is written too: read again, it finds the key again.
            lines.extend_from_slice(&line);
            table.create(new.clone(), key)
        })
    }

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.0.group.run(|table, _| table.get(id).cloned())
    }

    fn list(&mut self, filter: &Filter) -> Result<Vec<Task>, StoreError> {
        self.0.group.run(|table, _| table.list(filter))
    }

    fn summary(&mut self) -> Result<Summary, StoreError> {
        self.0.group.run(|table, _| table.summary())
    }

    fn edit(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        self.update(Update::Edit(id, change.clone()))
    }

    fn save(&mut self, copy: &Task) -> Result<Outcome, StoreError> {
        self.update(Update::Save(copy.clone()))
    }

    fn delete(&mut self, id: TaskId, _based_on: Option<Version>) -> Result<Outcome, StoreError> {
        self.update(Update::Delete(id))
    }

    fn start(&mut self, id: TaskId, wip_limit: u32) -> Result<Outcome, StoreError> {
        self.update(Update::Start { id, wip_limit })
    }
}
