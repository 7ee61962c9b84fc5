//! A store with so many tasks in it, and the task whose turn it is.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use lab_sites::{OwnSite, Sites};
use lab_store::{Entry, Needs, Session, Site, Store, StoreError, Table};
use lab_task::{Description, Filter, NewTask, TaskId, Title};

/// A prime: turns meet every part of a store before they meet a neighbour.
const STRIDE: usize = 7_919;

/// What the stores that keep one JSON document call it.
const DOCUMENT: &str = "tasks.json";

/// Opens a store.
type Open = fn(&Site) -> Result<Box<dyn Store>, StoreError>;

/// A store with tasks, and one session of it.
pub struct Filled {
    session: Box<dyn Session>,
    ids: Vec<TaskId>,
    turn: usize,
    // After the session: fields are dropped in this order.
    store: Box<dyn Store>,
    _site: OwnSite,
}

impl Filled {
    /// Opens the store at a new site with `tasks` tasks in it.
    ///
    /// # Errors
    /// The store's own, or there is no room for a site.
    pub fn open(entry: &Entry, sites: &Sites, tasks: usize) -> Result<Self> {
        Self::of(entry.name, entry.family.needs, entry.open, sites, tasks)
    }

    /// The same of whatever opens as a store.
    ///
    /// # Errors
    /// As [`Filled::open`].
    pub fn of(name: &str, needs: Needs, open: Open, sites: &Sites, tasks: usize) -> Result<Self> {
        let site = sites.make(needs)?;
        let store = match needs {
            Needs::Directory | Needs::Database => {
                // Made where files are fastest, for nobody measures how it is filled.
                let template = Sites::fastest().make(needs)?;
                drop(fill(needs, open, &template, tasks)?);
                copy(&template.directory, &site.directory)?;
                open(&site)?
            }
            Needs::Nothing | Needs::Postgres => fill(needs, open, &site, tasks)?,
        };
        let mut session = store.session()?;
        let ids: Vec<_> = session.list(&Filter::ALL)?.iter().map(|task| task.id).collect();
        anyhow::ensure!(ids.len() == tasks, "{name}: {} of {tasks} tasks", ids.len());
        Ok(Self { session, ids, turn: 0, store, _site: site })
    }

    /// How many tasks there are.
    pub fn tasks(&self) -> usize {
        self.ids.len()
    }

    /// The session, and the task whose turn it is.
    pub fn take_turn(&mut self) -> (&mut dyn Session, TaskId) {
        self.turn = (self.turn + STRIDE) % self.ids.len();
        (&mut *self.session, self.ids[self.turn])
    }

    /// One more session.
    ///
    /// # Errors
    /// The store's own.
    pub fn session(&self) -> Result<Box<dyn Session>> {
        Ok(self.store.session()?)
    }

    /// The task that everybody wants: one in the middle.
    pub fn hot_task(&self) -> TaskId {
        self.ids[self.ids.len() / 2]
    }
}

/// What every task looks like.
///
/// # Errors
/// None, as long as these texts are valid.
pub fn new_task() -> Result<NewTask> {
    Ok(NewTask {
        title: Title::new("Write the report")?,
        description: Description::new("Ten pages, with the figures of last year.")?,
    })
}

/// Opens the store with `tasks` tasks. Where the first of them makes a document of it, the others
/// are written there at once: one by one, each would write all before it again.
fn fill(needs: Needs, open: Open, site: &Site, tasks: usize) -> Result<Box<dyn Store>> {
    let new = new_task()?;
    let store = open(site)?;
    let mut session = store.session()?;
    session.create(&new, None)?;
    let document = site.directory.join(DOCUMENT);
    if needs == Needs::Directory && document.exists() {
        let mut table: Table = serde_json::from_slice(&fs::read(&document)?)?;
        for _ in 1..tasks {
            table.create(new.clone(), None);
        }
        let text = serde_json::to_vec(&table)?;
        fs::write(&document, text).with_context(|| document.display().to_string())?;
    } else {
        for _ in 1..tasks {
            session.create(&new, None)?;
        }
    }
    drop(session);
    Ok(store)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
