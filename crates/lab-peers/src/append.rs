//! Append and fdatasync, and nothing else: a durable change that shares its sync with no other
//! cannot be had in less.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use lab_store::{Site, Store, StoreError};
use lab_task::{Change, Description, NewTask, Outcome, Task, TaskId, Title, Version};

use crate::peer::{Peer, PeerStore, missing};

/// About what a journal writes for a change; it begins with the id of the task.
const RECORD_BYTES: usize = 64;
const ID_BYTES: usize = size_of::<u64>();

/// Has a byte for each task: what they are called is of no interest here.
const TASKS: &str = "tasks";

pub(crate) fn open(site: &Site) -> Result<Box<dyn Store>, StoreError> {
    let folder = site.directory.clone();
    let next = AtomicU64::new(0);
    let open = move || {
        let path = folder.join(format!("client-{}.log", next.fetch_add(1, Ordering::Relaxed)));
        let log = append_to(&path).map_err(|error| unavailable(&path, &error))?;
        Ok(Log { folder: folder.clone(), path, log })
    };
    Ok(Box::new(PeerStore(open)))
}

struct Log {
    folder: PathBuf,
    path: PathBuf,
    log: File,
}

impl Peer for Log {
    fn create(&mut self, _new: &NewTask) -> Result<TaskId, StoreError> {
        let path = self.folder.join(TASKS);
        let failed = |error| unavailable(&path, &error);
        let mut tasks = append_to(&path).map_err(failed)?;
        tasks.write_all(b".").map_err(failed)?;
        Ok(TaskId(tasks.metadata().map_err(failed)?.len()))
    }

    fn get(&mut self, _id: TaskId) -> Result<Option<Task>, StoreError> {
        Err(missing("get"))
    }

    fn edit(&mut self, id: TaskId, _change: &Change) -> Result<Outcome, StoreError> {
        let mut record = [b'.'; RECORD_BYTES];
        record[..ID_BYTES].copy_from_slice(&id.0.to_le_bytes());
        let written = self.log.write_all(&record).and_then(|()| self.log.sync_data());
        written.map_err(|error| StoreError::indefinite(self.path.display(), error))?;
        Ok(Outcome::Applied(Version::FIRST))
    }

    /// Each record is a minute.
    fn list(&mut self) -> Result<Vec<Task>, StoreError> {
        let (count, minutes) =
            counted(&self.folder).map_err(|error| unavailable(&self.folder, &error))?;
        let text = |error| StoreError::unavailable("a task", error);
        let title = Title::new("Appended").map_err(text)?;
        let description = Description::new("").map_err(text)?;
        let new = NewTask { title, description };
        let task = |id| {
            let minutes = minutes.get(&id).copied().unwrap_or_default();
            Task { minutes, ..new.clone().into_task(TaskId(id)) }
        };
        Ok((1..=count).map(task).collect())
    }
}

/// How many tasks there are, and the minutes of each that was edited.
fn counted(folder: &Path) -> io::Result<(u64, BTreeMap<u64, u32>)> {
    let mut count = 0;
    let mut minutes: BTreeMap<u64, u32> = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() == TASKS {
            count = entry.metadata()?.len();
            continue;
        }
        for record in fs::read(entry.path())?.as_chunks::<RECORD_BYTES>().0 {
            if let Some(id) = record.first_chunk::<ID_BYTES>() {
                *minutes.entry(u64::from_le_bytes(*id)).or_default() += 1;
            }
        }
    }
    Ok((count, minutes))
}

fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

fn unavailable(path: &Path, error: &io::Error) -> StoreError {
    StoreError::unavailable(path.display(), error)
}
