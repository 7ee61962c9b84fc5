//! What is particular to files; the conformance of all stores is tested elsewhere.

mod documents;
mod full_disk;
mod group_commit;
mod leases;
mod locking;
mod recovery;
mod spy;
mod steps;

use std::path::Path;

use lab_runtime::{Runtime, Threads};
use lab_store::{Session, Site, Store, StoreError};
use lab_task::{Change, Description, Filter, NewTask, Operation, Response, Task, TaskId, Title};

fn open(name: &str, folder: &Path) -> Result<Box<dyn Store>, StoreError> {
    open_on::<Threads>(name, folder)
}

fn open_on<R: Runtime>(name: &str, folder: &Path) -> Result<Box<dyn Store>, StoreError> {
    let entry = crate::entries::<R>().into_iter().find(|entry| entry.name == name).unwrap();
    (entry.open)(&Site { directory: folder.to_owned(), ..Site::default() })
}

fn session(name: &str, folder: &Path) -> Box<dyn Session> {
    open(name, folder).unwrap().session().unwrap()
}

fn new_task(title: &str) -> NewTask {
    NewTask { title: Title::new(title).unwrap(), description: Description::default() }
}

fn create(session: &mut dyn Session, title: &str) -> TaskId {
    session.create(&new_task(title), None).unwrap()
}

fn all(session: &mut dyn Session) -> Vec<Task> {
    session.list(&Filter::ALL).unwrap()
}

fn add_minutes(session: &mut dyn Session, id: TaskId, minutes: u32) -> Response {
    session.perform(&Operation::Edit(id, Change::AddMinutes(minutes))).unwrap()
}
