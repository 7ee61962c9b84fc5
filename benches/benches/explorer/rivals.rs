//! loom and shuttle on the same store and scenario, each through its own runtime.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use lab_explore::{Arena, Sampler, Stepped, sample};
use lab_loom::{Bound, Loom, explore, play_once};
use lab_scenario::Judgement;
use lab_sites::Sites;
use lab_store::Entry;
use racelab_benches::Ran;

use crate::numbers::Row;
use crate::ours::scenario;

pub(crate) fn rows() -> Result<Vec<Row>> {
    let entry = in_memory(store_memory::entries::<Loom>())?;
    let loom = format!("loom {}, {}", version("loom"), entry.name);
    let shuttle = format!("shuttle {}, {}", version("shuttle"), entry.name);
    Ok(vec![
        Row::new(
            &loom,
            "every schedule and memory order that it tells apart",
            Box::new(move |time| loom_all(entry, time)),
            Box::new(move || loom_first(entry)),
        ),
        Row::new(
            &shuttle,
            "depth first, in a binary of its own",
            Box::new(|time| shuttle_says("all", time.as_millis())),
            Box::new(|| shuttle_says("dfs", 0)),
        ),
    ])
}

/// The store that all peers can run: the first one, a shared `Vec`.
fn in_memory(entries: Vec<Entry>) -> Result<Entry> {
    entries.into_iter().next().context("no store keeps tasks in memory")
}

fn loom_all(entry: Entry, time: Duration) -> Result<Ran> {
    let start = Instant::now();
    let mut executions = 0;
    while start.elapsed() < time {
        let scenario = scenario();
        let run = explore(Bound::NONE, move || drop(play_once(entry.open, &scenario)));
        executions += run.map_err(anyhow::Error::msg)?;
    }
    Ok(Ran::of(executions, start.elapsed()))
}

fn loom_first(entry: Entry) -> Result<Ran> {
    let executions = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&executions);
    let scenario = scenario();
    let start = Instant::now();
    let found = explore(Bound::NONE, move || {
        count.fetch_add(1, Ordering::Relaxed);
        assert_eq!(play_once(entry.open, &scenario), Ok(Judgement::Kept));
    });
    let time = start.elapsed();
    ensure!(found.is_err(), "loom found no lost update");
    Ok(Ran::of(executions.load(Ordering::Relaxed), time))
}

fn shuttle_says(how: &str, number: impl ToString) -> Result<Ran> {
    let mut peer = Command::new(env!("CARGO_BIN_EXE_shuttle_peer"));
    let output = peer.args([how, &number.to_string()]).output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let line = said.lines().last().with_context(|| {
        let stderr = String::from_utf8_lossy(&output.stderr);
        format!("shuttle_peer {how} said nothing: {}", stderr.lines().last().unwrap_or_default())
    })?;
    Ok(serde_json::from_str(line)?)
}

/// How many schedules a random search runs to the first lost update, for each seed.
pub(crate) struct Random {
    pub(crate) name: String,
    pub(crate) schedules: Vec<usize>,
}

/// From a seed to the schedules that it takes.
type Search<'a> = Box<dyn Fn(u64) -> Result<usize> + 'a>;

/// Random searches of ours and of shuttle, in turns.
pub(crate) fn random(sites: &Sites, seeds: u64) -> Result<Vec<Random>> {
    let ours = |sampler| move |seed| our_random(sites, sampler, seed);
    let shuttle = |how: &'static str| move |seed: u64| Ok(shuttle_says(how, seed)?.schedules);
    let all: [(&str, Search<'_>); 4] = [
        ("racelab, random walk", Box::new(ours(Sampler::Random))),
        ("racelab, PCT", Box::new(ours(Sampler::Pct))),
        ("shuttle, random walk", Box::new(shuttle("random"))),
        ("shuttle, PCT", Box::new(shuttle("pct"))),
    ];
    let mut found =
        all.each_ref().map(|(name, _)| Random { name: (*name).to_owned(), schedules: Vec::new() });
    for seed in 1..=seeds {
        for ((_, search), random) in all.iter().zip(&mut found) {
            random.schedules.push(search(seed)?);
        }
    }
    Ok(found.into())
}

fn our_random(sites: &Sites, sampler: Sampler, seed: u64) -> Result<usize> {
    const WALKS: usize = 200;
    let entry = in_memory(store_memory::entries::<Stepped>())?;
    let scenario = scenario();
    let site = sites.make(entry.family.needs)?;
    let mut arena = Arena::new(entry, &scenario, site.clone());
    // Seeds that follow each other draw the walks of one search after the other.
    let search = sample(&mut arena, sampler, seed * WALKS as u64, WALKS)?;
    Ok(search.found.first().context("no walk lost an update")?.after_schedules)
}

/// The version in the lock file that this was built with.
fn version(package: &str) -> &'static str {
    const LOCK: &str = include_str!("../../../Cargo.lock");
    let name = format!("name = \"{package}\"\n");
    let after = LOCK.split_once(&name).map_or("", |(_, after)| after);
    after.split('"').nth(1).unwrap_or("?")
}
