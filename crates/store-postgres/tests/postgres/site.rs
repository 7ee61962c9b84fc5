//! A namespace of its own for each test, gone when the test is.

use std::io::Write;
use std::ops::Deref;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use lab_runtime::Runtime;
use lab_servers::Prerequisite;
use lab_store::{Entry, Session, Site};
use lab_task::{Description, NewTask, Outcome, TaskId, Title, Version};

/// A site on the server of this process.
pub(crate) struct TestSite(Site);

impl TestSite {
    /// None where the server is missing and may be.
    pub(crate) fn new() -> Option<Self> {
        match lab_servers::postgres() {
            Ok(server) => Some(Self::at(server.url())),
            Err(reason) => {
                let said = Prerequisite::Postgres.not_run(reason).unwrap();
                // Past the capture of the test harness: what did not run must be seen.
                std::io::stderr().write_all(format!("{said}\n").as_bytes()).unwrap();
                None
            }
        }
    }

    pub(crate) fn at(url: &str) -> Self {
        static LAST: AtomicU32 = AtomicU32::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        Self(Site {
            url: Some(url.to_owned()),
            namespace: format!("test_{}_{number}", process::id()),
            ..Site::default()
        })
    }
}

impl Deref for TestSite {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.0
    }
}

impl Drop for TestSite {
    fn drop(&mut self) {
        // A test may have stopped its server.
        let _ = store_postgres::drop_namespace(&self.0);
    }
}

/// A store by the second half of its name.
pub(crate) fn entry<R: Runtime>(mechanism: &str) -> Entry {
    let name = format!("postgres/{mechanism}");
    store_postgres::entries::<R>().into_iter().find(|entry| entry.name == name).unwrap()
}

pub(crate) fn new_task(title: &str) -> NewTask {
    NewTask { title: Title::new(title).unwrap(), description: Description::new("").unwrap() }
}

pub(crate) fn created(session: &mut dyn Session) -> TaskId {
    session.create(&new_task("a task"), None).unwrap()
}

pub(crate) fn minutes(session: &mut dyn Session, id: TaskId) -> u32 {
    session.get(id).unwrap().unwrap().minutes
}

pub(crate) fn applied(version: u64) -> Outcome {
    Outcome::Applied(Version(version))
}
