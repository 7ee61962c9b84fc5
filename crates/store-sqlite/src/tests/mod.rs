//! What is particular to SQLite: steps, races that are driven by hand, and damaged files.

mod damage;
mod races;
mod recording;
mod steps;
mod waits;

use std::path::PathBuf;

use lab_runtime::Runtime;
use lab_store::{Entry, Session, Site, Store};
use lab_task::{Change, Description, NewTask, Outcome, TaskId, Title, Version};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::place::FILE;

/// A site that is removed at the end of the test.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn site(&self) -> Site {
        Site { directory: self.folder.path().to_owned(), ..Site::default() }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join(FILE)
    }

    fn open<R: Runtime>(&self, name: &str) -> Box<dyn Store> {
        (entry::<R>(name).open)(&self.site()).unwrap()
    }

    /// A connection that no store knows of.
    fn stranger(&self) -> Connection {
        Connection::open(self.file()).unwrap()
    }
}

fn entry<R: Runtime>(name: &str) -> Entry {
    crate::entries::<R>().into_iter().find(|entry| entry.name == name).unwrap()
}

fn new_task() -> NewTask {
    NewTask { title: Title::new("Report").unwrap(), description: Description::default() }
}

fn add(session: &mut dyn Session, id: TaskId, minutes: u32) {
    let outcome = session.edit(id, &Change::AddMinutes(minutes)).unwrap();
    assert!(matches!(outcome, Outcome::Applied(Version(2..))), "{outcome:?}");
}

fn minutes(session: &mut dyn Session, id: TaskId) -> u32 {
    session.get(id).unwrap().unwrap().minutes
}
