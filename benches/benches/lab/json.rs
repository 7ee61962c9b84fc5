//! How much processor time an edit takes in the stores that keep one JSON file, beside the loop
//! that reads, changes and writes it with serde_json and nothing else.

use anyhow::{Context, Result, bail};
use lab_catalog::entries;
use lab_measure::{Contender, How, contenders_of};
use lab_peers::peers_of;
use lab_runtime::Threads;
use lab_sites::{OwnSite, Sites};
use lab_stats::{Interval, paired_ratio};
use lab_store::{Session, Store};
use lab_task::{Change, TaskId};
use racelab_benches::new_task;
use rustix::time::{ClockId, clock_gettime};

/// How many tasks are in the file.
pub(crate) const TASKS: usize = 1_000;
const ROUNDS: usize = 31;
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
        .map(|store| Ok((store.subject.name.clone(), WithTasks::open(store, &sites)?, Vec::new())))
        .collect::<Result<Vec<_>>>()?;
    let mut peer = WithTasks::open(&json_loop()?, &sites)?;
    for _ in 0..ROUNDS {
        let of_peer = peer.edits_ns()?;
        for (_, store, pairs) in &mut stores {
            pairs.push((of_peer, store.edits_ns()?));
        }
    }
    let saved = |(store, _, pairs): (String, WithTasks, Vec<(f64, f64)>)| {
        let times = paired_ratio(&pairs, SEED).context("the processor's clock stands still")?;
        Ok(Saved { store, times })
    };
    stores.into_iter().map(saved).collect()
}

fn json_loop() -> Result<Contender> {
    let of_all = lab_catalog::FAMILIES.iter().flat_map(|family| peers_of(*family));
    let mut of_all = of_all.filter(|peer| peer.subject.name == "peer/json_loop");
    of_all.next().context("there is no peer/json_loop")
}

/// A store with its tasks in it.
struct WithTasks {
    session: Box<dyn Session>,
    ids: Vec<TaskId>,
    // After the session: fields are dropped in this order.
    _store: Box<dyn Store>,
    _site: OwnSite,
}

impl WithTasks {
    fn open(contender: &Contender, sites: &Sites) -> Result<Self> {
        let How::Sessions(open) = contender.how else {
            bail!("{} has no sessions", contender.subject.name);
        };
        let site = sites.make(contender.needs)?;
        let store = open(&site)?;
        let (mut session, new) = (store.session()?, new_task()?);
        let ids = (0..TASKS).map(|_| session.create(&new, None)).collect::<Result<_, _>>()?;
        Ok(Self { session, ids, _store: store, _site: site })
    }

    /// The time that all threads of this process take together.
    fn edits_ns(&mut self) -> Result<f64> {
        let begin = processor_ns();
        for nth in 0..EDITS {
            self.session.edit(self.ids[nth * TASKS / EDITS], &Change::AddMinutes(1))?;
        }
        Ok(processor_ns() - begin)
    }
}

fn processor_ns() -> f64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec as f64 * 1e9 + now.tv_nsec as f64
}
