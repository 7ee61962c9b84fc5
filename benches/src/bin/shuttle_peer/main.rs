//! shuttle on the scenario and the store that everybody in the comparison runs.
//!
//! In a binary of its own, because shuttle replaces the panic hook of the whole process. Called by
//! the bench `explorer`: `shuttle_peer all MILLISECONDS` runs every schedule, again and again, for
//! so long; `shuttle_peer dfs|random|pct SEED` looks for the first lost update. Either prints a
//! line of JSON.

mod runtime;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use lab_scenario::{Execution, Judgement, Reliable, Scenario, Size, Told, play};
use lab_store::{Entry, ScenarioName, Site, StoreError};
use lab_task::{Filter, TaskId};
use racelab_benches::Ran;
use shuttle::scheduler::{DfsScheduler, PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, Runner};

use crate::runtime::Shuttle;

/// After so many schedules without a lost update something is wrong.
const SCHEDULES_MAX: usize = 10_000;
/// The depth of a lost update, as the explorer's own PCT has it.
const DEPTH: usize = 2;

#[expect(clippy::print_stdout, reason = "the answer")]
fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [how, number] = &arguments[..] else { bail!("expected HOW and NUMBER") };
    let number: u64 = number.parse().context("the second argument is no number")?;
    let ran = match how.as_str() {
        "all" => all(Duration::from_millis(number))?,
        "dfs" => first(DfsScheduler::new(Some(SCHEDULES_MAX), false))?,
        "random" => first(RandomScheduler::new_from_seed(number, SCHEDULES_MAX))?,
        "pct" => first(PctScheduler::new_from_seed(number, DEPTH, SCHEDULES_MAX))?,
        other => bail!("{other:?} is no way to look"),
    };
    println!("{}", serde_json::to_string(&ran)?);
    Ok(())
}

fn all(time: Duration) -> Result<Ran> {
    let store = store()?;
    let start = Instant::now();
    let mut schedules = 0;
    while start.elapsed() < time {
        let runner = Runner::new(DfsScheduler::new(None, false), Config::new());
        schedules += runner.run(move || drop(play_once(&store)));
    }
    Ok(Ran::of(schedules, start.elapsed()))
}

fn first(scheduler: impl Scheduler + 'static) -> Result<Ran> {
    let store = store()?;
    let schedules = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&schedules);
    let start = Instant::now();
    let found = catch_unwind(AssertUnwindSafe(|| {
        Runner::new(scheduler, Config::new()).run(move || {
            count.fetch_add(1, Ordering::Relaxed);
            assert_eq!(play_once(&store), Ok(Judgement::Kept));
        })
    }));
    let time = start.elapsed();
    ensure!(found.is_err(), "no lost update in {SCHEDULES_MAX} schedules");
    Ok(Ran::of(schedules.load(Ordering::Relaxed), time))
}

fn store() -> Result<Entry> {
    store_memory::entries::<Shuttle>().into_iter().next().context("no store keeps tasks in memory")
}

fn play_once(entry: &Entry) -> Result<Judgement, StoreError> {
    let scenario = Scenario::sized(Size::usual(ScenarioName::LogTime));
    let store = (entry.open)(&Site::default())?;
    let mut session = store.session()?;
    for task in &scenario.tasks {
        session.create(task, None)?;
    }
    let before = session.list(&Filter::ALL)?;
    let ids: Vec<TaskId> = before.iter().map(|task| task.id).collect();
    let mut clients = Vec::new();
    for process in &scenario.processes {
        let (process, ids, mut session) = (process.clone(), ids.clone(), store.session()?);
        clients.push(shuttle::thread::spawn(move || {
            let mut told: Vec<Told> = Vec::new();
            play(&process, &mut *session, &ids, &Reliable, |one| told.push(one));
            told
        }));
    }
    let told = clients.into_iter().map(|client| client.join());
    let told: Vec<Vec<Told>> =
        told.map(|told| told.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect();
    let after = session.list(&Filter::ALL);
    Ok(scenario.judge(&Execution::uncounted(&before, &told, &after)))
}
