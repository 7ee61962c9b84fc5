//! What every bench needs: the stores that can run here, and a store with tasks in it.

pub mod checker;
mod peer;

use std::env;

use anyhow::Result;
use lab_runtime::Threads;
use lab_sites::{OwnSite, SiteError, Sites};
use lab_store::{Entry, Session, Store};
use lab_task::{Description, NewTask, TaskId, Title};

pub use peer::Ran;

/// How many tasks a store has while it is measured.
pub const TASKS: usize = 100;

/// Sites where temporary files go, not where they are fastest: a synced write has its price.
pub fn sites() -> Sites {
    Sites::in_folder(env::temp_dir())
}

/// Every store whose server is there, and for each missing server the line that says so.
///
/// # Errors
/// `RACELAB_REQUIRE` names a missing server, or there is no room for a site.
pub fn runnable(sites: &Sites) -> Result<(Vec<Entry>, Vec<String>)> {
    let mut families = Vec::new();
    let mut not_run = Vec::new();
    for family in lab_catalog::FAMILIES {
        match sites.make(family.needs) {
            Ok(_) => families.push(family),
            Err(SiteError::Server { server, why }) => not_run.push(server.not_run(why)?),
            Err(error) => return Err(error.into()),
        }
    }
    let mut entries = lab_catalog::entries::<Threads>();
    entries.retain(|entry| families.contains(&entry.family));
    Ok((entries, not_run))
}

/// A session of a store with [`TASKS`] tasks.
pub struct Bench {
    session: Box<dyn Session>,
    ids: Vec<TaskId>,
    turn: usize,
    // After the session: fields are dropped in this order.
    _store: Box<dyn Store>,
    _site: OwnSite,
}

impl Bench {
    /// Opens the store at a new site and fills it.
    ///
    /// # Errors
    /// The store's own, or there is no room for a site.
    pub fn open(entry: &Entry, sites: &Sites) -> Result<Self> {
        let site = sites.make(entry.family.needs)?;
        let store = (entry.open)(&site)?;
        let mut session = store.session()?;
        let new = NewTask {
            title: Title::new("Write the report")?,
            description: Description::new("Ten pages, with the figures of last year.")?,
        };
        let ids = (0..TASKS).map(|_| session.create(&new, None)).collect::<Result<_, _>>()?;
        Ok(Self { session, ids, turn: 0, _store: store, _site: site })
    }

    /// The session, and the task whose turn it is: each in its turn.
    pub fn take_turn(&mut self) -> (&mut dyn Session, TaskId) {
        self.turn = (self.turn + 1) % self.ids.len();
        (&mut *self.session, self.ids[self.turn])
    }
}
