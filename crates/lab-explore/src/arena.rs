//! Where schedules of one scenario run on one store, each from the same start.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use lab_scenario::{Judgement, Scenario};
use lab_store::{Entry, Needs, Session, Site, Store, StoreError};
use lab_task::{Filter, Task, TaskId};
use parking_lot::Mutex;

use crate::engine::{Engine, MAIN, enter};
use crate::pin::Pinned;
use crate::run::{Plan, Run};
use crate::state::Record;
use crate::workers::{Job, SessionSlot, Workers};

/// One store and one scenario, ready to run schedule after schedule.
///
/// A store in memory or in a folder is opened anew for each schedule; a database is opened once
/// and emptied in between.
pub struct Arena<'a> {
    entry: Entry,
    scenario: &'a Scenario,
    site: Site,
    opened: Option<Opened>,
    workers: Workers,
    _pinned: Pinned,
}

struct Opened {
    store: Box<dyn Store>,
    main: Box<dyn Session>,
    clients: Vec<SessionSlot>,
}

impl<'a> Arena<'a> {
    /// `entry` must be of the [`crate::Stepped`] catalogue; `site` is its own and empty.
    pub fn new(entry: Entry, scenario: &'a Scenario, site: Site) -> Self {
        let pinned = Pinned::here();
        let workers = Workers::start(scenario.processes.len());
        Self { entry, scenario, site, opened: None, workers, _pinned: pinned }
    }

    /// The scenario.
    pub fn scenario(&self) -> &'a Scenario {
        self.scenario
    }

    /// The store's catalogue entry.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// The text without the folder that the store had for a schedule: that is another each time.
    pub(crate) fn without_folder(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.folder().display()), "")
            .replace(&format!("{}/", self.site.directory.display()), "")
    }

    /// Runs one schedule.
    ///
    /// # Errors
    /// The store cannot be opened, or its first task cannot be created.
    pub fn run(&mut self, plan: Plan) -> Result<Run, StoreError> {
        let engine = Engine::new(self.scenario.processes.len(), plan);
        let _entered = enter(&engine, MAIN);
        let mut opened = match self.opened.take() {
            Some(opened) => opened,
            None => self.open()?,
        };
        let before = seed(&mut *opened.main, self.scenario)?;
        self.start_clients(&engine, &opened, before.id);
        engine.settle();
        engine.run_clients(|| look(&mut *opened.main, before.id));
        let after = opened.main.get(before.id);
        let Record { steps, told, cut } = engine.take();
        let answers: Vec<_> =
            told.iter().map(|told| told.iter().map(|(_, told)| told.clone()).collect()).collect();
        let judgement = match &cut {
            None => self.scenario.judge(&before, &answers, &after),
            Some(_) => Judgement::Failed("given up".to_owned()),
        };
        self.close(opened, cut.is_some());
        Ok(Run { steps, told, before, after, judgement, cut })
    }

    fn open(&self) -> Result<Opened, StoreError> {
        let mut site = self.site.clone();
        if self.entry.family.needs == Needs::Directory {
            site.directory = self.folder();
            fs::create_dir(&site.directory)
                .map_err(|error| StoreError::unavailable(site.directory.display(), error))?;
        }
        let store = (self.entry.open)(&site)?;
        let main = store.session()?;
        let sessions = self.scenario.processes.iter().map(|_| store.session());
        let clients = sessions
            .map(|session| Ok(Arc::new(Mutex::new(Some(session?)))))
            .collect::<Result<_, StoreError>>()?;
        Ok(Opened { store, main, clients })
    }

    fn folder(&self) -> PathBuf {
        self.site.directory.join("schedule")
    }

    fn start_clients(&self, engine: &Arc<Engine>, opened: &Opened, id: TaskId) {
        for (at, (process, session)) in
            self.scenario.processes.iter().zip(&opened.clients).enumerate()
        {
            self.workers.give(Job {
                engine: Arc::clone(engine),
                me: at + 1,
                process: process.clone(),
                session: Arc::clone(session),
                id,
            });
        }
    }

    fn close(&mut self, mut opened: Opened, was_cut: bool) {
        let is_kept =
            matches!(self.entry.family.needs, Needs::Database | Needs::Postgres) && !was_cut;
        if is_kept && empty(&mut *opened.main).is_ok() {
            self.opened = Some(opened);
            return;
        }
        drop(opened.clients);
        drop(opened.main);
        drop(opened.store);
        if self.entry.family.needs == Needs::Directory {
            // The folder that holds this one is temporary and goes in any case.
            let _ = fs::remove_dir_all(self.folder());
        }
    }
}

/// Creates the scenario's task.
fn seed(session: &mut dyn Session, scenario: &Scenario) -> Result<Task, StoreError> {
    let id = session.create(&scenario.task, None)?;
    let task = session.get(id)?;
    task.ok_or_else(|| StoreError::corrupt("the store", format!("{id} is gone after its creation")))
}

/// Removes every task.
fn empty(session: &mut dyn Session) -> Result<(), StoreError> {
    for task in session.list(&Filter::ALL)? {
        session.delete(task.id, None)?;
    }
    Ok(())
}

/// The stored task as somebody from outside sees it; `None` where one would have to wait.
fn look(session: &mut dyn Session, id: TaskId) -> Option<Task> {
    catch_unwind(AssertUnwindSafe(|| session.get(id))).ok()?.ok()?
}
