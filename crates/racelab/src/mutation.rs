//! Detector power: the lab's suites on a store that lacks one of its protections.
//!
//! Only a search that finds what is missing has shown anything where it finds nothing.

use lab_explore::{
    Arena, Digest, ReplayError, Run, Search, Stepped, Token, explore, replay, transcript,
};
use lab_scenario::{Judgement, Scenario, Size};
use lab_sites::Sites;
use lab_store::{Entry, Mutant, Promise, ScenarioName, StoreError};
use lab_task::Anomaly;
use lab_witness::{Caught, Mutation};

use crate::checks::{Check, CheckError};
use crate::stand::Stand;
use crate::study::StudyError;

/// How many schedules a mutant gets in one scenario, unless one says otherwise: several times what
/// the hardest catch takes. What is missing shows early or hardly ever.
pub const SCHEDULES_MAX: usize = 200;

/// The mutants that are made of one store.
pub fn mutants_of(entry: &Entry) -> impl Iterator<Item = Mutant> + use<> {
    let store = entry.name;
    lab_catalog::mutants::<Stepped>().into_iter().filter(move |mutant| mutant.of == store)
}

/// Runs every scenario in its usual size, up to so many schedules each, and every check, on a store
/// that lacks one protection.
///
/// # Errors
/// There is no place for the store, it cannot be opened, or a schedule does not do the same twice.
pub fn mutate(
    mutant: &Mutant,
    sites: &Sites,
    schedules_max: usize,
) -> Result<Mutation, StudyError> {
    let mut mutation = Mutation {
        store: mutant.of.to_owned(),
        mutant: mutant.entry.name.to_owned(),
        without: mutant.lacked.without().to_owned(),
        caught: Vec::new(),
        survived: Vec::new(),
        unseen: mutant.unseen.map(ToOwned::to_owned),
    };
    let mut stand = Stand::new(mutant.entry, sites);
    for suite in Suite::of(&mutant.entry) {
        match suite.run(&mut stand, schedules_max)? {
            Some(caught) => mutation.caught.push(caught),
            None => mutation.survived.push(suite.name()),
        }
    }
    Ok(mutation)
}

/// What can notice that a store does not keep its promises.
#[derive(Clone, Copy)]
pub enum Suite {
    /// Every schedule of a scenario in which the store promises this.
    Scenario(ScenarioName, Promise),
    /// A check.
    Check(Check),
}

impl Suite {
    /// The suites that say something of a store.
    pub fn of(entry: &Entry) -> impl Iterator<Item = Self> {
        let promised = |name| entry.guarantee.promise(name).map(|it| Self::Scenario(name, it));
        let checks = Check::ALL.into_iter().filter(|check| (check.applies)(entry));
        ScenarioName::ALL.into_iter().filter_map(promised).chain(checks.map(Self::Check))
    }

    fn name(&self) -> String {
        match self {
            Self::Scenario(name, _) => Size::usual(*name).to_string(),
            Self::Check(check) => check.name.to_owned(),
        }
    }

    /// Runs it, up to so many schedules; what it noticed.
    ///
    /// # Errors
    /// There is no place for the store, or a schedule does not do the same twice.
    pub fn run(
        &self,
        stand: &mut Stand,
        schedules_max: usize,
    ) -> Result<Option<Caught>, StudyError> {
        match self {
            Self::Scenario(name, promise) => {
                in_scenario(stand, Size::usual(*name), *promise, schedules_max)
            }
            Self::Check(check) => in_check(check, stand.entry(), stand.sites()),
        }
    }
}

fn in_check(check: &Check, entry: &Entry, sites: &Sites) -> Result<Option<Caught>, StudyError> {
    let what = match check.run(entry, sites) {
        Ok(()) => return Ok(None),
        Err(CheckError::Site(error)) => return Err(error.into()),
        Err(error) => error.to_string(),
    };
    let suite = check.name.to_owned();
    Ok(Some(Caught { suite, what, found_after: None, token: None }))
}

/// What the whole store does not admit, if some schedule shows it.
fn in_scenario(
    stand: &mut Stand,
    size: Size,
    promise: Promise,
    schedules_max: usize,
) -> Result<Option<Caught>, StudyError> {
    let entry = *stand.entry();
    let store = entry.name;
    let arena = stand.arena(&Scenario::sized(size))?;
    let search = explore(arena, schedules_max).map_err(|why| StudyError::of(&entry, why))?;
    let Some(Broken { schedule, anomaly, found_after }) = broken(&search, promise) else {
        return Ok(None);
    };
    let shown = shown(arena, &schedule, anomaly);
    let (what, digest) = shown.map_err(|why| StudyError::Replay { store, why })?;
    let token = Token { store: store.to_owned(), scenario: size.into(), schedule, digest };
    let (suite, token) = (size.to_string(), Some(token.to_string()));
    Ok(Some(Caught { suite, what, found_after: Some(found_after), token }))
}

/// The first schedule that breaks a promise.
struct Broken {
    schedule: Vec<u8>,
    /// None where the store failed in another way.
    anomaly: Option<Anomaly>,
    found_after: usize,
}

fn broken(search: &Search, promise: Promise) -> Option<Broken> {
    let is_admitted = |anomaly: &Anomaly| promise.admitted().contains(anomaly);
    let anomaly = search.found.iter().find(|found| !is_admitted(&found.anomaly));
    let anomaly = anomaly.map(|found| Broken {
        schedule: found.schedule.clone(),
        anomaly: Some(found.anomaly),
        found_after: found.after_schedules,
    });
    let failure = search.failure.as_ref().map(|(schedule, _)| {
        let before = search.schedules.iter().position(|one| one.schedule == *schedule);
        let found_after = before.unwrap_or(search.schedules.len()) + 1;
        Broken { schedule: schedule.clone(), anomaly: None, found_after }
    });
    [anomaly, failure].into_iter().flatten().min_by_key(|one| one.found_after)
}

/// What the schedule shows when it is run again, and what was observed then.
fn shown(
    arena: &mut Arena,
    schedule: &[u8],
    anomaly: Option<Anomaly>,
) -> Result<(String, Option<Digest>), ReplayError> {
    let run = match replay(arena, schedule) {
        Ok(run) => run,
        // A deadlock or a panic is what was found.
        Err(ReplayError::Cut(cut)) if anomaly.is_none() => {
            return Ok((ReplayError::Cut(cut).to_string(), None));
        }
        Err(error) => return Err(error),
    };
    let what = match (&run.judgement, anomaly) {
        (Judgement::Anomaly { anomaly: shown, .. }, Some(anomaly)) if *shown == anomaly => {
            anomaly.to_string()
        }
        (Judgement::Failed(_), None) => {
            refused(&run).unwrap_or_else(|| transcript(arena, &run).consequence)
        }
        _ => return Err(ReplayError::Otherwise(run.judgement)),
    };
    Ok((what, Some(Digest::of(arena, &run))))
}

/// The first error that a client was told, without the place, which is another in each run.
fn refused(run: &Run) -> Option<String> {
    let answers = run.told.iter().flatten();
    let why = match answers.filter_map(|(_, told)| told.answer.as_ref().err()).next()? {
        StoreError::Contended { attempts: 1, .. } => return Some("gives up at once".to_owned()),
        StoreError::Contended { attempts, .. } => {
            return Some(format!("gives up after {attempts} attempts"));
        }
        StoreError::Unavailable { why, .. }
        | StoreError::Corrupt { why, .. }
        | StoreError::Indefinite { why, .. } => why,
    };
    // What follows is the next step, for whoever has the store.
    Some(format!("fails: {}", why.split(';').next().unwrap_or(why)))
}
