//! A JSON file as it is written in five lines, with serde_json and nothing else: what a file store
//! costs beyond that, or saves.

use std::fs;
use std::path::PathBuf;

use lab_store::{Site, Store, StoreError};
use lab_task::{Change, NewTask, Outcome, Refusal, Task, TaskId};
use serde::{Deserialize, Serialize};

use crate::peer::{Peer, PeerStore};

/// No lock and no sync: two clients lose each other's changes.
pub(crate) fn open(site: &Site) -> Result<Box<dyn Store>, StoreError> {
    let path = site.directory.join("loop.json");
    let rewriter = Rewriter { path: path.clone() };
    if !path.exists() {
        rewriter.write(&Document::default())?;
    }
    Ok(Box::new(PeerStore(move || Ok(Rewriter { path: path.clone() }))))
}

#[derive(Default, Serialize, Deserialize)]
struct Document {
    last_id: u64,
    tasks: Vec<Task>,
}

struct Rewriter {
    path: PathBuf,
}

impl Rewriter {
    fn read(&self) -> Result<Document, StoreError> {
        let bytes = fs::read(&self.path).map_err(|error| self.failed(error))?;
        serde_json::from_slice(&bytes).map_err(|error| self.failed(error))
    }

    fn write(&self, document: &Document) -> Result<(), StoreError> {
        let bytes = serde_json::to_vec(document).map_err(|error| self.failed(error))?;
        fs::write(&self.path, bytes).map_err(|error| self.failed(error))
    }

    fn failed(&self, why: impl ToString) -> StoreError {
        StoreError::unavailable(self.path.display(), why.to_string())
    }
}

impl Peer for Rewriter {
    fn create(&mut self, new: &NewTask) -> Result<TaskId, StoreError> {
        let mut document = self.read()?;
        document.last_id += 1;
        let id = TaskId(document.last_id);
        document.tasks.push(new.clone().into_task(id));
        self.write(&document)?;
        Ok(id)
    }

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        Ok(self.read()?.tasks.into_iter().find(|task| task.id == id))
    }

    fn edit(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        let mut document = self.read()?;
        let Some(task) = document.tasks.iter_mut().find(|task| task.id == id) else {
            return Ok(Outcome::Refused(Refusal::NotFound));
        };
        change.apply(task);
        let version = task.version;
        self.write(&document)?;
        Ok(Outcome::Applied(version))
    }

    fn list(&mut self) -> Result<Vec<Task>, StoreError> {
        Ok(self.read()?.tasks)
    }
}
