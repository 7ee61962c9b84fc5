//! Where schedules of one scenario run on one store, each from the same start.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use lab_scenario::{Execution, Judgement, Process, Scenario, Told};
use lab_store::{Entry, Inside, Lying, Needs, Session, Site, Store, StoreError};
use lab_task::{Filter, Outcome, Refusal, Task, TaskId};
use parking_lot::Mutex;

use crate::engine::{Carriers, Engine, enter};
use crate::folder::Folder;
use crate::lying::Places;
use crate::pin::Pinned;
use crate::process::{MAIN, ProcessId};
use crate::row::is_lock;
use crate::run::{Cut, Plan, Run, Step};
use crate::state::Record;
use crate::wire::SteppedWire;
use crate::workers::{Job, SessionSlot, Workers};

/// One store and one scenario, ready to run schedule after schedule.
///
/// A store in memory or in a folder is opened anew for each schedule, on a folder in which the
/// first tasks lie already; a database is opened once and emptied in between.
pub struct Arena {
    entry: Entry,
    scenario: Scenario,
    site: Site,
    processes: Vec<Arc<Process>>,
    opened: Option<Opened>,
    /// Where a store keeps its files, if it does.
    folder: Option<Folder>,
    workers: Workers,
    _pinned: Option<Pinned>,
}

struct Opened {
    stores: Vec<Box<dyn Store>>,
    main: Box<dyn Session>,
    /// What looks past the store, from when it was asked for.
    inside: Option<Box<dyn Inside>>,
    clients: Vec<SessionSlot>,
}

impl Arena {
    /// `entry` must be of the [`crate::Stepped`] catalogue; `site` is its own and empty.
    pub fn new(entry: Entry, scenario: &Scenario, site: Site) -> Self {
        let carriers = match entry.family.needs {
            Needs::Postgres => Carriers::Threads,
            Needs::Nothing | Needs::Directory | Needs::Database => Carriers::Crew,
        };
        let pinned = (carriers == Carriers::Threads).then(Pinned::here);
        let workers = Workers::new(carriers, scenario.processes.len());
        let processes = shared(scenario);
        let scenario = scenario.clone();
        let has_folder = entry.family.needs == Needs::Directory;
        let folder = has_folder.then(|| Folder::new(site.directory.join("schedule")));
        Self { entry, scenario, site, processes, opened: None, folder, workers, _pinned: pinned }
    }

    /// From here on another scenario is run on the store.
    pub fn change(&mut self, scenario: Scenario) {
        self.workers.grow(scenario.processes.len());
        // Clients take turns at the instances, so as many of both as before fit as they are.
        let is_alike = scenario.processes.len() == self.scenario.processes.len()
            && scenario.instances == self.scenario.instances;
        self.opened = self.opened.take().filter(|_| is_alike);
        self.folder.iter_mut().for_each(Folder::forget);
        self.processes = shared(&scenario);
        self.scenario = scenario;
    }

    /// The scenario.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The store's catalogue entry.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// The text without the place that the store had for a schedule: that is another each time.
    pub(crate) fn without_folder(&self, text: &str) -> String {
        if self.site.directory.as_os_str().is_empty() {
            let namespace = &self.site.namespace;
            return if namespace.is_empty() {
                text.to_owned()
            } else {
                without_server(text, namespace).replace(namespace, "racelab")
            };
        }
        let whole = format!("{}/", self.site.directory.display());
        let folder = self.folder.as_ref().map(|folder| format!("{}/", folder.path().display()));
        folder.map_or(text.to_owned(), |folder| text.replace(&folder, "")).replace(&whole, "")
    }

    /// Runs one schedule.
    ///
    /// # Errors
    /// The store cannot be opened, or its first task cannot be created.
    pub fn run(&mut self, plan: Plan) -> Result<Run, StoreError> {
        let looks_inside = plan.look_inside;
        let engine = Engine::new(self.scenario.processes.len(), plan, self.workers.carriers);
        let _entered = enter(&engine, MAIN);
        self.prepare_folder()?;
        let mut opened = self.take_opened()?;
        let before = match self.folder.as_ref().and_then(Folder::tasks) {
            Some(tasks) => tasks.to_vec(),
            None => seed(&mut *opened.main, &self.scenario)?,
        };
        let inside = match looks_inside {
            true => Some(self.look_inside(&mut opened)?),
            false => None,
        };
        self.start_clients(&engine, &opened, &before);
        engine.settle();
        engine.run_clients(|| look(&mut *opened.main));
        let Record { mut steps, told, cut, waits, left_out } = engine.take();
        if self.is_database() {
            steps.iter_mut().for_each(name_lock);
        }
        // A store that was left in the middle may have lost a thread that would have to answer.
        let after = if cut.is_none() { opened.main.list(&Filter::ALL) } else { Ok(Vec::new()) };
        let judgement = match &cut {
            None => self.judge(&steps, &told, &before, &after),
            Some(Cut::Deadlock) => Judgement::Failed(deadlock(&self.scenario, &waits)),
            Some(_) => Judgement::Failed("given up".to_owned()),
        };
        let is_in_memory = self.entry.family.needs == Needs::Nothing;
        let places = match (inside, &after) {
            (Some(_), Ok(tasks)) if is_in_memory => Some(Places::of_tasks(&before, tasks)),
            (Some(before), _) if cut.is_none() => {
                let after = self.look_inside(&mut opened)?;
                Some(Places { before, after })
            }
            _ => None,
        };
        let left = after.as_ref().ok().filter(|_| cut.is_none());
        self.close(opened, left.map(Vec::as_slice))?;
        Ok(Run { steps, told, before, after, places, judgement, cut, left_out })
    }

    fn judge(
        &self,
        steps: &[Step],
        told: &[Vec<(usize, Told)>],
        before: &[Task],
        after: &Result<Vec<Task>, StoreError>,
    ) -> Judgement {
        let answers: Vec<Vec<Told>> =
            told.iter().map(|told| told.iter().map(|(_, told)| told.clone()).collect()).collect();
        let rules = self.entry.guarantee.rules();
        let spans = spans(steps, told);
        let has_fault = steps.iter().any(|step| step.fault.is_some());
        let (told, spans) = (&answers, &spans);
        self.scenario.judge(&Execution { before, told, after, rules, spans, has_fault })
    }

    fn look_inside(&self, opened: &mut Opened) -> Result<Vec<Lying>, StoreError> {
        let inside = match opened.inside.take() {
            Some(inside) => inside,
            None => (self.entry.inside)(&self.site_of_schedule())?,
        };
        opened.inside.insert(inside).lines()
    }

    /// Whether a process may wait where only a server knows of it.
    pub(crate) fn waits_in_server(&self) -> bool {
        self.entry.family.needs == Needs::Postgres
    }

    fn is_database(&self) -> bool {
        matches!(self.entry.family.needs, Needs::Database | Needs::Postgres)
    }

    fn take_opened(&mut self) -> Result<Opened, StoreError> {
        match self.opened.take() {
            Some(opened) => Ok(opened),
            None => self.open(),
        }
    }

    fn open(&mut self) -> Result<Opened, StoreError> {
        let site = self.site_of_schedule();
        let stores = (0..self.scenario.instances)
            .map(|_| (self.entry.open)(&site))
            .collect::<Result<Vec<_>, _>>()?;
        let main = stores[0].session()?;
        let clients = sessions(&stores, self.scenario.processes.len(), self.workers.carriers)?;
        let clients =
            clients.into_iter().map(|session| Arc::new(Mutex::new(Some(session)))).collect();
        Ok(Opened { stores, main, inside: None, clients })
    }

    /// Has the store make the first tasks in its folder, where they are not made yet. It is closed
    /// afterwards, so that every schedule finds them in the same way.
    fn prepare_folder(&mut self) -> Result<(), StoreError> {
        let Some(folder) = self.folder.as_mut().filter(|folder| folder.tasks().is_none()) else {
            return Ok(());
        };
        folder.empty()?;
        let site = Site { directory: folder.path().to_owned(), ..self.site.clone() };
        let store = (self.entry.open)(&site)?;
        let tasks = seed(&mut *store.session()?, &self.scenario)?;
        drop(store);
        folder.keep(tasks)
    }

    /// What is kept in a folder has one of its own.
    fn site_of_schedule(&self) -> Site {
        let mut site = self.site.clone();
        if let Some(folder) = &self.folder {
            site.directory = folder.path().to_owned();
        }
        site
    }

    fn start_clients(&self, engine: &Arc<Engine>, opened: &Opened, before: &[Task]) {
        let wire = Arc::new(SteppedWire::default());
        let ids: Arc<[TaskId]> = before.iter().map(|task| task.id).collect();
        let clients = self.processes.iter().zip(&opened.clients);
        for (at, (process, session)) in clients.enumerate() {
            self.workers.give(Job {
                engine: Arc::clone(engine),
                me: at + 1,
                process: Arc::clone(process),
                session: Arc::clone(session),
                ids: Arc::clone(&ids),
                wire: Arc::clone(&wire),
            });
        }
    }

    /// Keeps a database for the next schedule, without the tasks that are `left` in it, if it is
    /// known which. A client that went down with its session may have taken something with it for
    /// which the store would wait: then it is opened anew.
    fn close(&mut self, opened: Opened, left: Option<&[Task]>) -> Result<(), StoreError> {
        let is_database = self.is_database();
        let is_whole = opened.clients.iter().all(|client| client.lock().is_some());
        if is_database && is_whole {
            self.opened = Some(opened);
        } else {
            // Sessions first: a store may wait for its own thread to end.
            drop(opened.clients);
            drop(opened.main);
            drop(opened.stores);
        }
        if is_database {
            let mut opened = self.take_opened()?;
            empty(&mut *opened.main, left)?;
            self.opened = Some(opened);
        } else if let Some(folder) = &self.folder {
            folder.restore()?;
        }
        Ok(())
    }
}

/// A session for each client; clients take turns at the instances. A server lets several in at one
/// time, and takes milliseconds for each.
fn sessions(
    stores: &[Box<dyn Store>],
    clients: usize,
    carriers: Carriers,
) -> Result<Vec<Box<dyn Session>>, StoreError> {
    let open = |client: usize| stores[client % stores.len()].session();
    match carriers {
        Carriers::Crew => (0..clients).map(open).collect(),
        Carriers::Threads => thread::scope(|scope| {
            let opening: Vec<_> =
                (0..clients).map(|client| scope.spawn(move || open(client))).collect();
            let opened = opening.into_iter().map(|one| one.join());
            opened.map(|one| one.unwrap_or_else(|panic| resume_unwind(panic))).collect()
        }),
    }
}

/// The processes, for the threads that carry them out.
fn shared(scenario: &Scenario) -> Vec<Arc<Process>> {
    scenario.processes.iter().cloned().map(Arc::new).collect()
}

/// What is locked in memory before a database are not the tasks: it is no read of them.
fn name_lock(step: &mut Step) {
    if is_lock(&step.label) {
        step.label.push_str(" in memory");
    }
}

/// Who waits for whom.
fn deadlock(scenario: &Scenario, waits: &[(ProcessId, Option<ProcessId>)]) -> String {
    let name = |process: ProcessId| {
        let client = process.checked_sub(1).and_then(|at| scenario.processes.get(at));
        client.map_or("the store's thread", |client| &client.name)
    };
    let waits: Vec<String> = waits
        .iter()
        .map(|(process, holder)| match holder {
            Some(holder) => format!("{} waits for what {} holds", name(*process), name(*holder)),
            None => format!("{} waits", name(*process)),
        })
        .collect();
    format!("deadlock: {}", waits.join(", "))
}

/// For each answer of each client the first and the last step of what was asked.
fn spans(steps: &[Step], told: &[Vec<(usize, Told)>]) -> Vec<Vec<(usize, usize)>> {
    let of_client = |(client, told): (usize, &Vec<(usize, Told)>)| {
        let mut begin = 0;
        let spans = told.iter().map(|(last, _)| {
            let mut rest = begin..=*last;
            let first = rest.find(|at| steps.get(*at).is_some_and(|one| one.process == client + 1));
            begin = last + 1;
            (first.unwrap_or(*last), *last)
        });
        spans.collect()
    };
    told.iter().enumerate().map(of_client).collect()
}

/// Creates the scenario's tasks.
fn seed(session: &mut dyn Session, scenario: &Scenario) -> Result<Vec<Task>, StoreError> {
    for task in &scenario.tasks {
        session.create(task, None)?;
    }
    let tasks = session.list(&Filter::ALL)?;
    if tasks.len() == scenario.tasks.len() {
        return Ok(tasks);
    }
    let why = format!("{} tasks were created, {} are there", scenario.tasks.len(), tasks.len());
    Err(StoreError::corrupt("the store", why))
}

/// Removes every task, also one that a lease of a client holds. Whoever seeds the store next looks
/// whether that were all.
fn empty(session: &mut dyn Session, left: Option<&[Task]>) -> Result<(), StoreError> {
    let left =
        left.map_or_else(|| session.list(&Filter::ALL).map(Cow::Owned), |left| Ok(left.into()))?;
    for task in left.iter() {
        if let Outcome::Refused(Refusal::Held { owner }) = session.delete(task.id, None)? {
            if let Some(leasing) = session.leasing() {
                // Whoever owns a lease may shorten it, and none of no time runs.
                leasing.claim(task.id, &owner, Duration::ZERO)?;
            }
            session.delete(task.id, None)?;
        }
    }
    Ok(())
}

/// The stored tasks as somebody from outside sees them; `None` where one would have to wait.
fn look(session: &mut dyn Session) -> Option<Vec<Task>> {
    catch_unwind(AssertUnwindSafe(|| session.list(&Filter::ALL))).ok()?.ok()
}

/// The text without the URL of the server on which the schema is, which is another one elsewhere.
fn without_server(text: &str, namespace: &str) -> String {
    let schema = format!(" schema {namespace}");
    let mut parts: Vec<&str> = text.split(&schema).collect();
    let last = parts.pop().unwrap_or_default();
    let places = parts.into_iter().map(|part| {
        let before = part.rsplit_once("postgres://").map_or(part, |(before, _)| before);
        format!("{before}postgres{schema}")
    });
    places.chain([last.to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_server_only_the_schema_is_left() {
        let text = "gave up on postgres://me@/tmp/x/db schema s1 after 1, postgres://s2 schema s1";
        let left = "gave up on postgres schema s1 after 1, postgres schema s1";
        assert_eq!(without_server(text, "s1"), left);
        assert_eq!(without_server("read v1", "s1"), "read v1");
    }
}
