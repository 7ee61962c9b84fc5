//! An edit of each store that one thread can carry out.

use std::env;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use lab_runtime::Threads;
use lab_store::{Entry, Needs, Session, Site};
use lab_task::{Change, Description, NewTask, Outcome, TaskId, Title};
use tempfile::TempDir;

use super::Case;
use crate::only_this_is_counted;

const TASKS: usize = 100;

pub(super) fn cases() -> Vec<Case> {
    let mut entries = store_memory::entries::<Threads>();
    entries.extend(store_file::entries::<Threads>());
    entries.extend(store_sqlite::entries::<Threads>());
    let case = |entry: Entry| Case {
        name: format!("edit {}", entry.name),
        carry_out: Box::new(move || edit(&entry)),
    };
    entries.into_iter().map(case).collect()
}

/// How many edits: a store that rewrites a file takes a thousand times as long as one in memory.
fn edits(needs: Needs) -> usize {
    match needs {
        Needs::Nothing => 1_000,
        Needs::Directory | Needs::Database | Needs::Postgres => 20,
    }
}

fn edit(entry: &Entry) -> Result<Option<String>> {
    let folder = folder()?;
    let site = Site { directory: folder.path().to_owned(), ..Site::default() };
    let store = (entry.open)(&site)?;
    let mut session = store.session()?;
    let new = NewTask {
        title: Title::new("Write the report")?,
        description: Description::new("Ten pages, with the figures of last year.")?,
    };
    let created = (0..TASKS).map(|_| session.create(&new, None));
    let ids: Vec<TaskId> = created.collect::<Result<_, _>>()?;
    let count = edits(entry.family.needs);
    // The first ones plan statements and grow buffers.
    edit_all(&mut *session, &ids[..3])?;
    if fs::read_dir("/proc/self/task").context("/proc/self/task")?.count() > 1 {
        let why = "it has a thread of its own, and how often a client looks for that is chance";
        return Ok(Some(why.to_owned()));
    }
    let wanted: Vec<TaskId> = ids.iter().copied().cycle().take(count).collect();
    only_this_is_counted(&mut || edit_all(&mut *session, &wanted))?;
    Ok(None)
}

fn edit_all(session: &mut dyn Session, ids: &[TaskId]) -> Result<()> {
    for id in ids {
        let outcome = session.edit(*id, &Change::AddMinutes(1))?;
        ensure!(matches!(outcome, Outcome::Applied(_)), "{outcome:?}");
    }
    Ok(())
}

/// In memory where the system has such a file system: what the disk does is not counted anyway.
fn folder() -> Result<TempDir> {
    let in_memory = Path::new("/dev/shm");
    let place = if in_memory.is_dir() { in_memory.to_owned() } else { env::temp_dir() };
    let folder = tempfile::Builder::new().prefix("racelab-").tempdir_in(&place);
    folder.with_context(|| format!("a folder in {}", place.display()))
}
