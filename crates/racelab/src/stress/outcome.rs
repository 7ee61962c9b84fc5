//! What came of a stress, as data.

use std::time::Duration;

use lab_history::{Ending, Function, Record};
use lab_order::Core;
use lab_store::Entry;
use lab_task::Anomaly;
use serde::Serialize;

use super::Load;
use super::checking::Checked;
use super::client::FAILURES_IN_A_ROW_MAX;
use super::expected::{Expected, Standing};
use super::failures::Failures;
use super::shown::grouped;

/// What came of a stress.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// `family/mechanism`.
    pub store: &'static str,
    /// As it was asked for.
    pub workload: String,
    /// What that means.
    pub mix: String,
    /// How many clients there were.
    pub clients: usize,
    /// In how many processes.
    pub processes: usize,
    /// Where the steps came from.
    pub seed: u64,
    /// How long they worked.
    pub elapsed_s: f64,
    /// Why they worked no longer, where that is shorter than was asked for.
    pub ended_early: Option<String>,
    /// What the places of all operations are.
    pub places: Unit,
    /// How many operations were recorded and checked.
    pub operations: u64,
    /// Changes of which nobody knows whether they happened.
    pub unknown: u64,
    /// Whether an anomaly was found.
    pub verdict: Verdict,
    /// Which, how often, and what proves the first instance.
    pub anomalies: Vec<Found>,
    /// The largest age of an old read, each of its figures for itself.
    pub oldest: Option<Age>,
    /// What nothing decided, where no anomaly was found: versions do not, and to search all orders
    /// of a run takes more than the run.
    pub left_open: Vec<&'static str>,
    /// Changes that the store said it had applied.
    pub acknowledged: u64,
    /// How many of them, at least, did not survive.
    pub lost: u64,
    /// The same for a thousand.
    pub lies_per_1000: f64,
    /// Tasks that were deleted, and of which more changes may have been lost than is known.
    pub unjudged_tasks: u64,
    /// Acknowledged changes that survived, per second.
    pub survived_per_s: f64,
    /// Operations that got no answer.
    pub failures: Failures,
    /// Whether the store could be read in the end.
    pub is_readable: bool,
    /// What is at odds with the store's promises, if anything is.
    pub broken: Option<String>,
}

/// Whether an anomaly was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// None in this run.
    NotSeen,
    /// At least one.
    Witnessed,
    /// Nothing can be said: not one operation was answered.
    Unknown,
}

/// What the places of operations are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Numbers of one sequence of invocations and answers, which all threads of a process share.
    Events,
    /// Nanoseconds of a clock that all processes share.
    Ns,
}

/// How old what was read is, at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Age {
    /// In versions that were made since.
    pub versions: u64,
    /// From the answer that showed a newer one until it was asked for, in [`Outcome::places`].
    pub since: u64,
}

/// One anomaly by name.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// Its name.
    pub anomaly: Anomaly,
    /// How often it was found.
    pub count: u64,
    /// Whether the store admits it here.
    pub standing: Standing,
    /// The contradiction in the first instance.
    pub sentence: String,
    /// The operations that prove it, as few as can be.
    pub steps: Vec<Step>,
    /// Pairs of these, by place: the proof needs that the first ended before the second began.
    pub orders: Vec<(usize, usize)>,
    /// Whether they prove it alone, and none can be left out; if not, it rests on the whole run.
    pub core_is_minimal: bool,
    /// Of an old read: how old the first instance is.
    pub age: Option<Age>,
    /// Of a lost update: who made what was overwritten, where the proof does not need it.
    pub overwritten: Vec<Step>,
}

/// One operation of a proof.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// Whose.
    pub client: u32,
    /// What it asked.
    pub function: &'static str,
    /// Of which task; for a list, how many tasks it gave.
    pub task: u64,
    /// On what it says that it is based.
    pub based_on: Option<u64>,
    /// The version that was made or seen.
    pub version: Option<u64>,
    /// The minutes that a read saw.
    pub minutes: Option<u64>,
    /// Where it was asked, in [`Outcome::places`].
    pub invoked: u64,
    /// Where it was answered.
    pub answered: u64,
}

/// What a run gives to judge it by.
pub(super) struct Run<'a> {
    pub(super) entry: &'a Entry,
    pub(super) load: &'a Load,
    pub(super) elapsed: Duration,
    pub(super) checked: Checked,
    pub(super) failures: Failures,
    pub(super) is_readable: bool,
}

impl Run<'_> {
    pub(super) fn judge(self) -> Outcome {
        let Run { entry, load, elapsed, checked, failures, is_readable } = self;
        let (acknowledged, lost) = (checked.survival.acknowledged, checked.survival.lost());
        let expected = Expected::of(&entry.guarantee, load);
        let anomalies = found(&checked, &failures, &expected);
        let verdict = match anomalies.is_empty() {
            false => Verdict::Witnessed,
            true if failures.gave_up as usize == load.clients => Verdict::Unknown,
            true => Verdict::NotSeen,
        };
        let broken = broken(&expected, &anomalies);
        let open = checked.open.iter().filter(|_| anomalies.is_empty());
        let left_open = open.map(|open| open.as_str()).collect();
        let elapsed_s = elapsed.as_secs_f64();
        let ended_early = ended_early(load, elapsed, &failures, is_readable);
        let oldest = checked.findings.oldest();
        Outcome {
            store: entry.name,
            workload: load.workload.text.clone(),
            mix: load.workload.describe(),
            clients: load.clients,
            processes: load.processes,
            seed: load.seed,
            elapsed_s,
            ended_early,
            places: if load.processes > 1 { Unit::Ns } else { Unit::Events },
            operations: checked.operations,
            unknown: checked.unknown,
            verdict,
            anomalies,
            oldest: age(oldest),
            left_open,
            acknowledged,
            lost,
            lies_per_1000: lost as f64 * 1000.0 / (acknowledged.max(1)) as f64,
            unjudged_tasks: checked.survival.unjudged,
            survived_per_s: (acknowledged - lost) as f64 / elapsed_s,
            failures,
            is_readable,
            broken,
        }
    }
}

/// What the checker found, and then what it cannot see: what is missing in the end, and data that
/// clients could not read.
fn found(checked: &Checked, failures: &Failures, expected: &Expected) -> Vec<Found> {
    let Checked { findings, survival, .. } = checked;
    let named = |anomaly, count, sentence: &str, core: Core| Found {
        anomaly,
        count,
        standing: expected.standing(anomaly),
        sentence: sentence.to_owned(),
        steps: core.steps.iter().map(Step::from).collect(),
        orders: core.orders,
        core_is_minimal: core.is_minimal,
        age: None,
        overwritten: core.overwritten.iter().map(Step::from).collect(),
    };
    // What is missing in the end is shown by nothing that was recorded before.
    let of_the_run = |steps| Core { steps, ..Core::default() };
    let mut all: Vec<Found> = findings
        .iter()
        .map(|one| {
            let (core, count) = (Core::of(one), findings.count(one.anomaly));
            Found { age: age(one.age), ..named(one.anomaly, count, &one.sentence, core) }
        })
        .collect();
    for (anomaly, loss) in &survival.losses {
        if findings.count(*anomaly) == 0 {
            let shown = survival.shown.filter(|_| *anomaly == Anomaly::LostUpdate);
            let core = of_the_run(shown.into_iter().collect());
            all.push(named(*anomaly, loss.count, &loss.sentence, core));
        }
    }
    if let Some(first) = &failures.first_torn
        && findings.count(Anomaly::TornRead) == 0
    {
        all.push(named(Anomaly::TornRead, failures.damages(), first, of_the_run(Vec::new())));
    }
    all
}

/// Why a run ended before its time; nothing where that was asked for.
fn ended_early(
    load: &Load,
    elapsed: Duration,
    failures: &Failures,
    is_readable: bool,
) -> Option<String> {
    let (gave_up, asked) = (failures.gave_up, load.budget.time);
    if gave_up == 0 || elapsed >= asked {
        return None;
    }
    let clients = if gave_up == 1 { "1 client".to_owned() } else { format!("{gave_up} clients") };
    let why = match (failures.stays_torn, is_readable) {
        (true, false) => ": what is stored stayed damaged",
        (true, true) => ": all that they read was damaged",
        (false, _) => "",
    };
    Some(format!(
        "after {:.1} of {:.1} s, since {clients} of {} gave up after {} errors in a row{why}",
        elapsed.as_secs_f64(),
        asked.as_secs_f64(),
        load.clients,
        grouped(FAILURES_IN_A_ROW_MAX.into())
    ))
}

/// Of what is no old read it is nothing.
fn age(age: lab_order::Age) -> Option<Age> {
    (age.versions > 0).then_some(Age { versions: age.versions, since: age.places })
}

/// What is at odds with the store's promises.
fn broken(expected: &Expected, anomalies: &[Found]) -> Option<String> {
    let unexpected = anomalies.iter().filter(|one| one.standing == Standing::Unexpected);
    let unexpected: Vec<&str> = unexpected.map(|one| one.anomaly.as_str()).collect();
    if !unexpected.is_empty() {
        return Some(format!("it does not admit {}", unexpected.join(", ")));
    }
    let is_missed = expected.is_to_be_found && anomalies.is_empty();
    is_missed.then(|| "it admits a lost update here, and none was found".to_owned())
}

impl From<&Record> for Step {
    fn from(record: &Record) -> Self {
        let is_based = matches!(record.function, Function::Save | Function::Delete);
        let is_read = matches!(record.function, Function::Get | Function::Listed);
        let is_versioned = matches!(record.ending, Ending::Ok | Ending::Stale);
        Self {
            client: record.process,
            function: record.function.as_str(),
            task: record.task,
            based_on: Some(record.based_on).filter(|version| is_based && *version > 0),
            version: Some(record.version).filter(|version| is_versioned && *version > 0),
            minutes: Some(record.based_on).filter(|_| is_read && is_versioned),
            invoked: record.invoked,
            answered: record.answered,
        }
    }
}
