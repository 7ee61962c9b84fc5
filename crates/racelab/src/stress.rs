//! Stress: many clients on one store for a while, in threads and in processes of the operating
//! system. What they are told is checked while it goes on, and held against what is there in the
//! end.

mod checking;
mod children;
mod client;
mod crew;
mod expected;
mod failures;
mod frame;
mod history;
mod lineage;
mod orders;
mod outcome;
mod shown;
mod stop;
mod tally;

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use lab_history::{Places, Progress, Record, Recorded, Recording, recorder};
use lab_scenario::Workload;
use lab_store::{Capability, Entry, Session, Site, Store, StoreError};
use lab_task::{Filter, Task, TaskId, TextError};

use checking::Checking;
use children::{Children, Helper};
use crew::{Crew, with_clients};
use history::HistoryFile;
use orders::Orders;
use outcome::Run;

pub use expected::Standing;
pub use failures::Failures;
pub use orders::carry_out;
pub use outcome::{Age, Found, Outcome, Step, Unit, Verdict};
pub use stop::Stop;

/// The hidden command by which this program starts itself.
pub const COMMAND_OF_CHILDREN: &str = "stress-clients";

/// How many records of all clients of a process may wait to be taken: enough for a client to be
/// interrupted in the middle of an operation rather than because there is no room.
const RECORDS_MAX: usize = 1 << 16;
/// So many are worth to be looked for again at once.
const RECORDS_MANY: usize = 1024;
/// How long whoever takes records waits where few are there.
const PAUSE: Duration = Duration::from_micros(500);

/// How a store is put under stress.
#[derive(Clone, Debug)]
pub struct Load {
    /// What the clients do.
    pub workload: Workload,
    /// How many clients there are.
    pub clients: usize,
    /// In how many processes of the operating system; with 1 they are threads of this one.
    pub processes: usize,
    /// Equal seeds give each client the same steps again; in which order they meet is up to the
    /// machine.
    pub seed: u64,
    /// When it is enough.
    pub budget: Budget,
    /// This program, to be started anew for each process.
    pub binary: PathBuf,
    /// Where to write what happens, if anywhere, for `racelab check`.
    pub history: Option<PathBuf>,
}

/// When it is enough: whatever comes first.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// After so much time.
    pub time: Duration,
    /// After so many operations, and those that are under way by then.
    pub operations: Option<u64>,
    /// As soon as there is an anomaly.
    pub until_found: bool,
}

/// Why nothing can be said.
#[derive(Debug, thiserror::Error)]
pub enum StressError {
    /// A store that cannot be shared between processes.
    #[error(
        "{store} cannot be used by several processes: {why}; leave --processes at 1, or take a \
         store that `racelab list` shows with a shared site"
    )]
    NotShared {
        /// Which store.
        store: &'static str,
        /// What each process would have instead.
        why: &'static str,
    },
    /// Fewer clients than processes.
    #[error("{processes} processes need at least as many clients, not {clients}")]
    Idle {
        /// How many processes.
        processes: usize,
        /// How many clients.
        clients: usize,
    },
    /// The store cannot be opened or filled.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What clients write is no text.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A process cannot be started.
    #[error("no further process can be started: {0}")]
    Start(io::Error),
    /// A process ended before its time.
    #[error("a process with clients ended before its time: {0}")]
    Child(io::Error),
    /// The history cannot be written.
    #[error("{} cannot be written: {why}", path.display())]
    HistoryFile {
        /// Where.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// A pipe or a file broke.
    #[error("what happens cannot be passed on: {0}")]
    Pipe(#[from] io::Error),
    /// The record of the run contradicts itself: a mistake of the lab.
    #[error("the history cannot be checked: {0}")]
    History(#[from] lab_order::Malformed),
}

/// Puts the store that `entry` opens at `site` under stress until the budget is spent or `stop` is
/// said. `report` is told of each second that passed.
///
/// # Errors
/// Nothing can be said of the store, and why.
pub fn stress(
    entry: &Entry,
    site: &Site,
    load: &Load,
    stop: &Stop,
    report: &mut dyn FnMut(Duration, u64),
) -> Result<Outcome, StressError> {
    check_load(entry, load)?;
    let places = if load.processes > 1 { Places::Clock } else { Places::sequence() };
    let store = (entry.open)(site)?;
    let history = history_file(load)?;
    let mut checking = Checking::new(&load.workload, history);
    let tasks = fill(&*store, load, &places, &mut checking)?;
    let mut watch = Watch { load, stop, report, began: Instant::now(), seconds: 0 };
    let failures = if load.processes > 1 {
        run_children(entry, site, &tasks, &mut watch, &mut checking)?
    } else {
        run_threads(&*store, &tasks, &places, &mut watch, &mut checking)?
    };
    let elapsed = watch.began.elapsed();
    let left = last_look(&*store, load, places, &mut checking)?;
    let checked = checking.finish(left.as_deref())?;
    Ok(Run { entry, load, elapsed, checked, failures, is_readable: left.is_some() }.judge())
}

fn check_load(entry: &Entry, load: &Load) -> Result<(), StressError> {
    let Load { clients, processes, .. } = *load;
    if clients < processes {
        return Err(StressError::Idle { processes, clients });
    }
    if processes > 1 && !entry.guarantee.has(Capability::SharedSite) {
        let is_kept = entry.guarantee.has(Capability::Persistent);
        let why = if is_kept {
            "its site belongs to one process at a time"
        } else {
            "each process would have tasks of its own"
        };
        return Err(StressError::NotShared { store: entry.name, why });
    }
    Ok(())
}

fn history_file(load: &Load) -> Result<Option<HistoryFile>, StressError> {
    let Some(path) = &load.history else {
        return Ok(None);
    };
    let unwritten = |why| StressError::HistoryFile { path: path.clone(), why };
    let file = File::create(path).map_err(unwritten)?;
    HistoryFile::new(file, load.clients, load.processes > 1).map(Some).map_err(unwritten)
}

/// Creates the tasks that are there at the beginning, as a client that comes before the others.
fn fill(
    store: &dyn Store,
    load: &Load,
    places: &Places,
    checking: &mut Checking,
) -> Result<Vec<TaskId>, StressError> {
    let session = store.session()?;
    let new = client::new_task()?;
    let tasks = load.workload.tasks;
    alone(session, load.clients, places.clone(), checking, |session| {
        (0..tasks).map(|_| session.create(&new, None)).collect::<Result<_, _>>()
    })?
    .map_err(StressError::from)
}

/// Reads all that is there in the end, as a client that comes after the others; `None` if nobody
/// can.
fn last_look(
    store: &dyn Store,
    load: &Load,
    places: Places,
    checking: &mut Checking,
) -> Result<Option<Vec<Task>>, StressError> {
    let session = store.session()?;
    let look = |session: &mut Recorded| session.list(&Filter::ALL);
    Ok(alone(session, load.clients + 1, places, checking, look)?.ok())
}

/// What one client does while nobody else is there.
fn alone<T: Send>(
    session: Box<dyn Session>,
    process: usize,
    places: Places,
    checking: &mut Checking,
    work: impl FnOnce(&mut Recorded) -> T + Send,
) -> Result<T, StressError> {
    let process = u32::try_from(process).unwrap_or(u32::MAX);
    let (mut tracks, mut recording) = recorder(places, process, 1, RECORDS_MANY);
    let mut session = Recorded::new(session, tracks.remove(0));
    std::thread::scope(|scope| {
        let thread = scope.spawn(move || work(&mut session));
        let mut records = Vec::new();
        loop {
            records.clear();
            let progress = recording.drain(&mut records);
            checking.take(&records, progress)?;
            if progress.known_before == u64::MAX {
                break;
            }
            std::thread::yield_now();
        }
        Ok(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// Looks whether it is enough.
struct Watch<'a> {
    load: &'a Load,
    stop: &'a Stop,
    report: &'a mut dyn FnMut(Duration, u64),
    began: Instant,
    seconds: u64,
}

impl Watch<'_> {
    fn look(&mut self, checking: &Checking) {
        let Budget { time, operations, until_found } = self.load.budget;
        let elapsed = self.began.elapsed();
        let is_enough = operations.is_some_and(|max| checking.operations() >= max);
        if elapsed >= time || is_enough || until_found && checking.has_found() {
            self.stop.say();
        }
        if elapsed.as_secs() > self.seconds {
            self.seconds = elapsed.as_secs();
            (self.report)(elapsed, checking.operations());
        }
    }

    /// Checks what `drain` gives until all clients have ended.
    fn follow(
        &mut self,
        checking: &mut Checking,
        mut drain: impl FnMut(&mut Vec<Record>, bool) -> Result<Progress, StressError>,
    ) -> Result<(), StressError> {
        let mut records = Vec::new();
        loop {
            records.clear();
            let progress = drain(&mut records, checking.is_full())?;
            checking.take(&records, progress)?;
            if progress.known_before == u64::MAX {
                return Ok(());
            }
            self.look(checking);
            if records.len() < RECORDS_MANY {
                self.stop.wait(PAUSE);
            }
        }
    }
}

fn run_threads(
    store: &dyn Store,
    tasks: &[TaskId],
    places: &Places,
    watch: &mut Watch<'_>,
    checking: &mut Checking,
) -> Result<Failures, StressError> {
    let Load { workload, seed, clients, .. } = watch.load;
    let (tracks, mut recording): (_, Recording) =
        recorder(places.clone(), 0, *clients, RECORDS_MAX / clients);
    let crew = Crew { store, workload, seed: *seed, tasks, stop: watch.stop };
    // The recording goes into the closure, so that no client waits for it once that has ended.
    let (checked, failures) = with_clients(crew, tracks, move || {
        watch.follow(checking, |records, others_wait| {
            let is_held_up = others_wait && recording.is_held_up();
            Ok(if is_held_up { recording.progress() } else { recording.drain(records) })
        })
    })?;
    checked.map(|()| failures)
}

fn run_children(
    entry: &Entry,
    site: &Site,
    tasks: &[TaskId],
    watch: &mut Watch<'_>,
    checking: &mut Checking,
) -> Result<Failures, StressError> {
    let Load { workload, seed, clients, processes, binary, .. } = watch.load;
    let first_of = |process: usize| process * clients / processes;
    let start = |process: usize| {
        let (first, next) = (first_of(process), first_of(process + 1));
        let orders = Orders {
            store: entry.name.to_owned(),
            directory: site.directory.clone(),
            url: site.url.clone(),
            namespace: site.namespace.clone(),
            workload: workload.text.clone(),
            seed: *seed,
            first: u32::try_from(first).unwrap_or(u32::MAX),
            clients: next - first,
            tasks: tasks.to_vec(),
        };
        Helper::start(binary, &orders)
    };
    let mut children = Children((0..*processes).map(start).collect::<Result<_, _>>()?);
    children.0.iter_mut().try_for_each(Helper::wait_until_ready)?;
    children.0.iter_mut().try_for_each(Helper::begin)?;
    watch.began = Instant::now();
    let stop = watch.stop;
    watch.follow(checking, |records, others_wait| {
        if stop.is_said() || children.has_ended() {
            stop.say();
            children.stop();
        }
        children.drain(records, others_wait)
    })?;
    Ok(children.failures())
}
