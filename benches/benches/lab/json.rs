//! How much processor time an edit takes in the stores that keep one JSON file, beside the loop
//! that reads, changes and writes it with serde_json and nothing else.

use anyhow::{Context, Result, bail};
use lab_catalog::entries;
use lab_measure::{Contender, How, contenders_of};
use lab_runtime::Threads;
use lab_sites::Sites;
use lab_stats::{Interval, paired_ratio};
use lab_task::Change;
use racelab_benches::Filled;
use rustix::time::{ClockId, clock_gettime};

use crate::goals::{ROUNDS, peer};

/// How many tasks are in the file.
pub(crate) const TASKS: usize = 1_000;
const EDITS: usize = 10;
const SEED: u64 = 11;

/// A store, and how many times as much the loop takes.
pub(crate) struct Saved {
    pub(crate) store: String,
    pub(crate) times: Interval,
}

/// Every store that protects edits; the others are written as the loop is.
pub(crate) fn saved() -> Result<Vec<Saved>> {
    let sites = Sites::fastest();
    let mut stores = contenders_of(&entries::<Threads>());
    stores.retain(|store| store.subject.name.starts_with("file/json") && store.keeps_edits);
    let mut stores = stores
        .iter()
        .map(|store| Ok((store.subject.name.clone(), filled(store, &sites)?, Vec::new())))
        .collect::<Result<Vec<_>>>()?;
    let mut json_loop = filled(&peer("peer/json_loop")?, &sites)?;
    for _ in 0..ROUNDS {
        let of_loop = edits_ns(&mut json_loop)?;
        for (_, store, pairs) in &mut stores {
            pairs.push((of_loop, edits_ns(store)?));
        }
    }
    let saved = |(store, _, pairs): (String, Filled, Vec<(f64, f64)>)| {
        let times = paired_ratio(&pairs, SEED).context("the processor's clock stands still")?;
        Ok(Saved { store, times })
    };
    stores.into_iter().map(saved).collect()
}

fn filled(contender: &Contender, sites: &Sites) -> Result<Filled> {
    let name = &contender.subject.name;
    match contender.how {
        How::Sessions(open) => Filled::of(name, contender.needs, open, sites, TASKS),
        How::External(_) => bail!("{name} has no sessions"),
    }
}

/// The time that all threads of this process take together.
fn edits_ns(store: &mut Filled) -> Result<f64> {
    let begin = processor_ns();
    for _ in 0..EDITS {
        let (session, task) = store.take_turn();
        session.edit(task, &Change::AddMinutes(1))?;
    }
    Ok(processor_ns() - begin)
}

fn processor_ns() -> f64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec as f64 * 1e9 + now.tv_nsec as f64
}
