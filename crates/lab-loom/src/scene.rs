//! A scenario on a store under every schedule and memory order, and the failure in lanes.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lab_explore::{Arena, Run, Stepped, readable, replay};
use lab_runtime::Kind;
use lab_scenario::{Execution, Judgement, Scenario, Told, Wire, play};
use lab_store::{Site, Store, StoreError};
use lab_task::{Filter, TaskId};
use lab_witness::Witness;
use loom::sync::atomic::AtomicBool;

use crate::record::Record;
use crate::{Bound, explore, race, record, spawned};

/// The most threads that loom models.
const THREADS_MAX: usize = 5;

/// Opens a store of the loom runtime.
pub type Open = fn(&Site) -> Result<Box<dyn Store>, StoreError>;

/// Plays the scenario on the store that `open` opens, under every schedule within `bound`, and
/// gives the number of executions. loom has five threads: one for the start and the end, the
/// clients, and those of the store.
///
/// # Errors
/// The first execution that shows an anomaly, or that loom stops, step by step. `store` is what the
/// witness calls the store; where that is a name of the catalogue and the explorer can take the
/// same steps, the witness has a token.
pub fn search(
    store: &str,
    open: Open,
    scenario: &Scenario,
    bound: Bound,
) -> Result<usize, Box<Witness>> {
    let body = {
        let scenario = scenario.clone();
        move || {
            let judgement = play_once(open, &scenario);
            assert!(judgement == Ok(Judgement::Kept), "{}", in_words(&judgement));
        }
    };
    explore(bound, body.clone()).map_err(|message| {
        let record = record::of_the_last(|| {
            // loom is deterministic and knows nothing of the record: it fails as before.
            let _ = explore(bound, body);
        });
        Box::new(witness(store, scenario, record, &message))
    })
}

/// Whether loom has as many threads as the scenario takes on such a store.
pub fn fits(open: Open, scenario: &Scenario) -> bool {
    let own = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&own);
    let opened = explore(Bound::preemptions(0), move || {
        let before = spawned();
        drop(open(&Site::default()));
        count.store(spawned() - before, Ordering::Relaxed);
    });
    let own = own.load(Ordering::Relaxed) * scenario.instances;
    opened.is_ok() && 1 + scenario.processes.len() + own <= THREADS_MAX
}

fn in_words(judgement: &Result<Judgement, StoreError>) -> String {
    match judgement {
        Ok(Judgement::Kept) => "kept".to_owned(),
        Ok(Judgement::Anomaly { anomaly, consequence, .. }) => format!("{anomaly}: {consequence}"),
        Ok(Judgement::Failed(why)) => why.clone(),
        Err(error) => error.to_string(),
    }
}

/// One execution, within [`explore`]. Every store is closed when this returns: one with a thread of
/// its own cannot wait for it while a panic unwinds.
///
/// # Errors
/// The store cannot be opened or filled.
pub fn play_once(open: Open, scenario: &Scenario) -> Result<Judgement, StoreError> {
    let stores = (0..scenario.instances).map(|_| open(&Site::default()));
    let stores = stores.collect::<Result<Vec<_>, _>>()?;
    let mut session = stores[0].session()?;
    for task in &scenario.tasks {
        session.create(task, None)?;
    }
    let before = session.list(&Filter::ALL)?;
    let ids: Vec<TaskId> = before.iter().map(|task| task.id).collect();
    record::begin(scenario.processes.len(), &before, || stores[0].session().ok());
    let wire = Arc::new(LoomWire(AtomicBool::new(false)));
    let mut clients = Vec::new();
    for (client, process) in scenario.processes.iter().cloned().enumerate() {
        let mut session = stores[client % stores.len()].session()?;
        let (ids, wire) = (ids.clone(), Arc::clone(&wire));
        clients.push(loom::thread::spawn(move || {
            record::client_begins(client);
            let mut told: Vec<Told> = Vec::new();
            play(&process, session.as_mut(), &ids, &*wire, |answer| {
                record::client_was_told(client, &answer);
                told.push(answer);
            });
            told
        }));
    }
    let told = clients.into_iter().map(|client| client.join());
    let told: Vec<Vec<Told>> =
        told.map(|told| told.unwrap_or_else(|panic| resume_unwind(panic))).collect();
    record::close();
    let after = session.list(&Filter::ALL);
    let judgement = scenario.judge(&Execution::uncounted(&before, &told, &after));
    record::ended(&after, &judgement);
    Ok(judgement)
}

/// One cut loses one answer; loom decides when.
struct LoomWire(AtomicBool);

impl Wire for LoomWire {
    fn answer_arrives(&self) -> bool {
        let arrives = !self.0.swap(false, Ordering::SeqCst);
        record::step(Kind::Write, "answer");
        arrives
    }

    fn cut(&self) {
        self.0.store(true, Ordering::SeqCst);
        record::step(Kind::Write, "cut the wire");
    }
}

fn witness(store: &str, scenario: &Scenario, record: Record, message: &str) -> Witness {
    let cause = race::cause(scenario, &record.steps);
    let run = record.into_run(message);
    let mut witness = readable(store, scenario, &run);
    if !replays(store, scenario, &run) {
        witness.token.clear();
    }
    witness.cause = cause.or(witness.cause);
    witness
}

/// Whether the explorer can take the same steps to the same end: not where loom gave a thread an
/// old value, or stopped it within a step.
fn replays(store: &str, scenario: &Scenario, run: &Run) -> bool {
    let entry = store_memory::entries::<Stepped>().into_iter().find(|entry| entry.name == store);
    entry.is_some_and(|entry| {
        let mut arena = Arena::new(entry, scenario, Site::default());
        let again = replay(&mut arena, &run.schedule());
        again.is_ok_and(|again| again.judgement == run.judgement)
    })
}
