//! One scenario on one store: explored, explained, and held against what the store promises.

use lab_explore::{
    Arena, Ordered, ReplayError, Sampler, Search, explain, explain_failure, explore,
    explore_faults, explore_reduced, fault_of, sample, shrink, shrink_size,
};
use lab_scenario::{Judgement, Program, Scenario, Script, Size, Unit};
use lab_sites::SiteError;
use lab_store::{Entry, Needs, StoreError};
use lab_task::Anomaly;
use lab_witness::{Cell, Draw, Evidence, Schedules, Share, Witness};

use crate::expected::{DOES_NOT_APPLY, Expected};
use crate::stand::Stand;

/// How many schedules a search runs before it gives up, unless one says otherwise.
pub const SCHEDULES_MAX: usize = 6_000;

/// Where a store promises to hold, the part of the budget for seeing whether all in order fit in.
const ORDERED_SHARE: usize = 8;

/// How many schedules of each smaller program are tried where one is shrunk.
const SHRINK_SCHEDULES_MAX: usize = 500;

/// With fewer preemptions explored than this, nothing is called proven.
const PREEMPTIONS_MIN: usize = 2;

/// Why there is no result at all.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// There is no place for the store.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// The store cannot be opened or seeded.
    #[error("{store}: {why}")]
    Store {
        /// Which one.
        store: &'static str,
        /// Why not.
        why: StoreError,
    },
    /// The server is there and does not let us in.
    #[error("{store}: {why}")]
    Server {
        /// Which store wanted it.
        store: &'static str,
        /// Why not.
        why: StoreError,
    },
    /// A schedule that was found does not do the same again.
    #[error("{store}: {why}")]
    Replay {
        /// Which store.
        store: &'static str,
        /// What it did instead.
        why: ReplayError,
    },
}

impl StudyError {
    /// What it means that `entry` failed outside of a schedule.
    pub(crate) fn of(entry: &Entry, why: StoreError) -> Self {
        let store = entry.name;
        match why {
            StoreError::Unavailable { .. } if entry.family.needs == Needs::Postgres => {
                Self::Server { store, why }
            }
            why => Self::Store { store, why },
        }
    }
}

/// How hard to look.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// The most schedules to run.
    pub schedules_max: usize,
    /// The most faults (a lock that is kept, a lost answer) in one schedule.
    pub faults_max: usize,
    /// Random schedules, by that sampler from that seed, instead of all in order.
    pub sample: Option<(Sampler, u64)>,
}

impl Effort {
    /// All schedules in order, up to so many.
    pub fn exhaustive(schedules_max: usize) -> Self {
        Self { schedules_max, faults_max: 0, sample: None }
    }
}

/// What came of one scenario on one store.
#[derive(Clone, Debug)]
pub struct Study {
    /// The verdict.
    pub cell: Cell,
    /// The shortest witness of each anomaly.
    pub witnesses: Vec<Witness>,
    /// Whether something failed in a schedule because the scheduler let it.
    pub has_faults: bool,
}

/// Explores the scenario on the store and explains each anomaly that it finds.
///
/// # Errors
/// There is no place for the store, it cannot be opened, or it does not do the same twice.
pub fn study(
    stand: &mut Stand,
    script: impl Into<Script>,
    effort: Effort,
) -> Result<Study, StudyError> {
    let script = script.into();
    let Some(expected) = Expected::of(&stand.entry().guarantee, &script) else {
        return Ok(does_not_apply(stand.entry().name, &script));
    };
    let mut study = match effort.sample {
        None => study_all(stand, &script, &expected, effort)?,
        Some((sampler, seed)) => {
            study_sample(stand, &script, &expected, (sampler, seed, effort.schedules_max))?
        }
    };
    for witness in &mut study.witnesses {
        witness.found_in = vec![study.cell.scenario.clone()];
    }
    Ok(study)
}

/// All schedules, in order.
fn study_all(
    stand: &mut Stand,
    script: &Script,
    expected: &Expected,
    Effort { schedules_max, faults_max, .. }: Effort,
) -> Result<Study, StudyError> {
    let entry = *stand.entry();
    let store = entry.name;
    let arena = stand.arena(&script.scenario())?;
    let failed = |why| StudyError::of(&entry, why);
    let (search, is_reduced) = match expected.holds() && faults_max == 0 {
        true => search_for_proof(arena, schedules_max),
        false => explore_faults(arena, schedules_max, faults_max).map(|all| (all, false)),
    }
    .map_err(failed)?;
    let explained = search.found.iter().map(|found| explain(arena, &search, found));
    let witnesses = explained.collect::<Result<Vec<_>, _>>();
    let witnesses = witnesses.map_err(|why| StudyError::Replay { store, why })?;
    let failure = explain_failure(arena, &search).map_err(failed)?;
    let evidence = evidence(&search, expected, is_reduced);
    let cell = cell(store, script, expected, &search, evidence);
    let smaller = |witness: Witness| shrunk(stand, script, witness, faults_max);
    let mut witnesses = witnesses.into_iter().map(smaller).collect::<Result<Vec<_>, _>>()?;
    witnesses.extend(failure);
    let mut choices = search.schedules.iter().flat_map(|one| &one.schedule);
    let has_faults = choices.any(|choice| fault_of(*choice).is_some());
    Ok(Study { cell, witnesses, has_faults })
}

/// All schedules in order where they are few, which a first part of the budget shows, else one of
/// each kind, and where even these are too many, as many as possible in order. And whether it was
/// one of each kind.
fn search_for_proof(arena: &mut Arena, schedules_max: usize) -> Result<(Search, bool), StoreError> {
    let mut ordered = Ordered::default();
    ordered.go_on(arena, schedules_max / ORDERED_SHARE, |_| false)?;
    let search = &ordered.search;
    if !search.is_complete && search.found.is_empty() && search.failure.is_none() {
        let reduced = explore_reduced(arena, schedules_max)?;
        if reduced.is_complete || !reduced.found.is_empty() {
            return Ok((reduced, true));
        }
    }
    ordered.go_on(arena, schedules_max, |_| false)?;
    Ok((ordered.search, false))
}

/// Random schedules instead of all. What they show is shrunk: the witness is that of the smallest
/// part of the scenario that shows the same, and only where none shows it in order, what was drawn.
fn study_sample(
    stand: &mut Stand,
    script: &Script,
    expected: &Expected,
    (sampler, seed, runs): (Sampler, u64, usize),
) -> Result<Study, StudyError> {
    let entry = *stand.entry();
    let store = entry.name;
    let arena = stand.arena(&script.scenario())?;
    let search = sample(arena, sampler, seed, runs);
    let search = search.map_err(|why| StudyError::of(&entry, why))?;
    let mut witnesses = Vec::new();
    for found in &search.found {
        let arena = stand.arena(&script.scenario())?;
        witnesses.push(match script {
            Script::Named(size) => {
                let drawn = explain(arena, &search, found);
                let drawn = drawn.map_err(|why| StudyError::Replay { store, why })?;
                match smallest(stand, *size, found.anomaly, 0)? {
                    Some(witness) => witness,
                    None => in_order(stand, *size, found.anomaly, 0)?.unwrap_or(drawn),
                }
            }
            Script::Program(program) => smallest_program(arena, program, Unit::Op, found.anomaly)?,
        });
    }
    let draw = Draw { sampler: sampler.as_str().to_owned(), seed };
    let evidence = match search.found.is_empty() {
        true => Evidence::NotDrawn { schedules: search.schedules.len(), draw },
        false => witnessed(&search, Schedules::Drawn(draw)),
    };
    let cell = cell(store, script, expected, &search, evidence);
    Ok(Study { cell, witnesses, has_faults: false })
}

/// The witness, or that of the smallest part of its scenario that shows the same, where there is
/// one.
fn shrunk(
    stand: &mut Stand,
    script: &Script,
    witness: Witness,
    faults_max: usize,
) -> Result<Witness, StudyError> {
    match (script, witness.anomaly) {
        (Script::Named(size), Some(anomaly)) => {
            let smallest = smallest(stand, *size, anomaly, faults_max)?;
            Ok(smallest.unwrap_or(witness))
        }
        (Script::Program(program), Some(anomaly)) if faults_max == 0 => {
            let arena = stand.arena(&script.scenario())?;
            smallest_program(arena, program, Unit::Op, anomaly).or(Ok(witness))
        }
        _ => Ok(witness),
    }
}

/// The shortest witness of `anomaly` in the smallest part of the scenario, other than all of it,
/// that has one.
fn smallest(
    stand: &mut Stand,
    size: Size,
    anomaly: Anomaly,
    faults_max: usize,
) -> Result<Option<Witness>, StudyError> {
    let entry = *stand.entry();
    let failed = |why| StudyError::of(&entry, why);
    let arena = stand.arena(&Scenario::sized(size))?;
    let effort = (SHRINK_SCHEDULES_MAX, faults_max);
    match shrink_size(arena, size, anomaly, effort).map_err(failed)? {
        Some(part) => in_order(stand, part, anomaly, faults_max),
        None => Ok(None),
    }
}

/// The first witness of `anomaly` in a scenario of that size, in the order of preemptions.
fn in_order(
    stand: &mut Stand,
    size: Size,
    anomaly: Anomaly,
    faults_max: usize,
) -> Result<Option<Witness>, StudyError> {
    let entry = *stand.entry();
    let arena = stand.arena(&Scenario::sized(size))?;
    let search = explore_faults(arena, SCHEDULES_MAX, faults_max);
    let search = search.map_err(|why| StudyError::of(&entry, why))?;
    let found = search.found.iter().find(|found| found.anomaly == anomaly);
    let witness = found.map(|found| explain(arena, &search, found)).transpose();
    witness.map_err(|why| StudyError::Replay { store: entry.name, why })
}

/// The shortest witness of `anomaly` in the smallest program that shows it as `program` does.
///
/// # Errors
/// The store cannot be opened, or does not do the same twice.
pub(crate) fn smallest_program(
    arena: &mut Arena,
    program: &Program,
    unit: Unit,
    anomaly: Anomaly,
) -> Result<Witness, StudyError> {
    let entry = *arena.entry();
    let failed = |why| StudyError::of(&entry, why);
    shrink(arena, program, unit, anomaly, SHRINK_SCHEDULES_MAX).map_err(failed)?;
    let search = explore(arena, 2 * SHRINK_SCHEDULES_MAX).map_err(failed)?;
    let again = |why| StudyError::Replay { store: entry.name, why };
    let found = search.found.iter().find(|found| found.anomaly == anomaly);
    let kept = || again(ReplayError::Otherwise(Judgement::Kept));
    explain(arena, &search, found.ok_or_else(kept)?).map_err(again)
}

fn cell(
    store: &str,
    script: &Script,
    expected: &Expected,
    search: &Search,
    evidence: Evidence,
) -> Cell {
    let broken = broken(search, &evidence, expected);
    let (store, scenario) = (store.to_owned(), script.to_string());
    Cell { store, scenario, admits: expected.admits.clone(), evidence, broken }
}

fn does_not_apply(store: &str, script: &Script) -> Study {
    let evidence = Evidence::NotRun { why: DOES_NOT_APPLY.to_owned() };
    let (store, scenario) = (store.to_owned(), script.to_string());
    let cell = Cell { store, scenario, admits: Vec::new(), evidence, broken: None };
    Study { cell, witnesses: Vec::new(), has_faults: false }
}

fn evidence(search: &Search, expected: &Expected, is_reduced: bool) -> Evidence {
    if !search.found.is_empty() {
        let run = match (is_reduced, search.is_complete) {
            (true, _) => Schedules::OneOfEachKind,
            (false, true) => Schedules::All,
            (false, false) => Schedules::First,
        };
        return witnessed(search, run);
    }
    let preemptions_max = if search.is_complete { None } else { search.preemptions_complete };
    if !search.is_complete && preemptions_max < Some(PREEMPTIONS_MIN) {
        let why = format!("the budget of {} schedules ran out", search.schedules.len());
        return Evidence::Unknown { why };
    }
    let schedules = match preemptions_max {
        None => search.schedules.len(),
        Some(most) => search.within_preemptions(most),
    };
    if !expected.within_step.is_empty() {
        let within_step = expected.within_step.clone();
        return Evidence::NotSeen { schedules, preemptions_max, within_step };
    }
    let cut_by_server = search.cut_by_server;
    Evidence::Proven { schedules, preemptions_max, is_reduced, cut_by_server }
}

fn witnessed(search: &Search, run: Schedules) -> Evidence {
    Evidence::Witnessed {
        anomalies: search.found.iter().map(|found| found.anomaly).collect(),
        found_after: search.found.first().map_or(0, |first| first.after_schedules),
        lose: Share { part: search.anomalous(), of: search.schedules.len() },
        run,
        cut_by_server: search.cut_by_server,
    }
}

/// How the search contradicts what is expected, if it does.
pub(crate) fn broken(search: &Search, evidence: &Evidence, expected: &Expected) -> Option<String> {
    if let Some((schedule, why)) = &search.failure {
        let steps = schedule.len();
        return Some(format!("fails after {steps} steps: {why}"));
    }
    let seen: Vec<Anomaly> = search.found.iter().map(|found| found.anomaly).collect();
    if let Some(anomaly) = seen.iter().find(|anomaly| !expected.allows(**anomaly)) {
        return Some(format!("shows a {anomaly}, which the store does not admit"));
    }
    let missing = expected.admits.iter().find(|anomaly| !seen.contains(anomaly));
    match (missing, evidence) {
        (None, _) | (_, Evidence::Unknown { .. }) => None,
        _ if !expected.finds_all => None,
        (Some(anomaly), _) => Some(format!("admits a {anomaly}, and none was found")),
    }
}
