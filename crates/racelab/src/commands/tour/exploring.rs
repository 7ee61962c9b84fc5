//! What the tour explores of a family: its stores, as many at a time as there are processors.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use lab_scenario::Size;
use lab_sites::Sites;
use lab_store::{Entry, Needs, Promise, ScenarioName};
use lab_witness::{Cell, Evidence, Mutation, Results};

use crate::commands::not_run;
use crate::mutation::{SCHEDULES_MAX as MUTANT_SCHEDULES_MAX, mutants_of, mutate};
use crate::output::Output;
use crate::stand::Stand;
use crate::study::{Effort, Study, StudyError, study};

/// Of the budget of a scenario with two processes, the part that one with three gets where it must
/// hold: mostly one schedule of each kind is not more than that.
const SHARE_OF_THREE: usize = 4;
/// The part that it gets where something is admitted, which the first few schedules show.
const SHARE_OF_THREE_ADMITTED: usize = 16;

/// More would each want a server of its own.
const WORKERS_MAX: usize = 4;

/// Every scenario on each of the stores, and on each of their mutants.
///
/// # Errors
/// A store cannot be opened, or a server is missing and may not be.
pub(super) fn explore(
    entries: Vec<Entry>,
    sites: &Sites,
    budget: usize,
    output: &Output,
) -> anyhow::Result<Results> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some((at, entry)) = take(&next, &entries) {
            let found = explore_store(entry, sites, budget, output);
            done.push((at, found));
        }
        done
    };
    let mut found = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers(&entries)).map(|_| scope.spawn(work)).collect();
        let done = workers.into_iter().map(|worker| worker.join());
        done.flat_map(|done| done.unwrap_or_else(|panic| resume_unwind(panic))).collect::<Vec<_>>()
    });
    // As if they had been explored one after the other.
    found.sort_by_key(|(at, _)| *at);
    let mut results = Results::default();
    for (_, found) in found {
        results.append(found?);
    }
    Ok(results)
}

fn take<'a>(next: &AtomicUsize, entries: &'a [Entry]) -> Option<(usize, &'a Entry)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    entries.get(at).map(|entry| (at, entry))
}

/// As many as there are processors, but one where all would meet on one server.
fn workers(entries: &[Entry]) -> usize {
    let needs_server = entries.iter().any(|entry| entry.family.needs == Needs::Postgres);
    if needs_server && lab_servers::is_postgres_given() {
        return 1;
    }
    thread::available_parallelism().map_or(1, NonZero::get).min(WORKERS_MAX)
}

fn explore_store(
    entry: &Entry,
    sites: &Sites,
    budget: usize,
    output: &Output,
) -> anyhow::Result<Results> {
    let mut results = Results::default();
    let mut stand = Stand::new(*entry, sites);
    for (size, schedules_max) in sizes(entry, budget) {
        output.progress(&format!("exploring {} {size}", entry.name));
        let Study { cell, witnesses, .. } = cell(&mut stand, size, schedules_max)?;
        results.add(cell, witnesses);
    }
    // The server is free for the mutants.
    drop(stand);
    results.mutations = mutations(entry, sites, output)?;
    Ok(results)
}

/// The store without each of its protections; none where a server is missing and may be.
fn mutations(entry: &Entry, sites: &Sites, output: &Output) -> anyhow::Result<Vec<Mutation>> {
    let mut mutations = Vec::new();
    for mutant in mutants_of(entry) {
        output.progress(&format!("exploring {}", mutant.entry.name));
        match mutate(&mutant, sites, MUTANT_SCHEDULES_MAX) {
            Ok(mutation) => mutations.push(mutation),
            Err(StudyError::Site(error)) => {
                not_run(error)?;
                break;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(mutations)
}

/// Every scenario with two processes and then, where there is such a form, with three, each with
/// the most schedules to run.
fn sizes(entry: &Entry, budget: usize) -> impl Iterator<Item = (Size, usize)> {
    let of_two = ScenarioName::ALL.map(|name| (Size::usual(name), budget));
    let of_three = ScenarioName::ALL.into_iter().filter_map(Size::of_three).map(move |size| {
        let holds = entry.guarantee.promise(size.name) == Some(Promise::Holds);
        let share = if holds { SHARE_OF_THREE } else { SHARE_OF_THREE_ADMITTED };
        (size, budget / share)
    });
    of_two.into_iter().chain(of_three)
}

/// One cell; where a server is missing and may be, one that says so.
fn cell(stand: &mut Stand, size: Size, schedules_max: usize) -> anyhow::Result<Study> {
    match study(stand, size, Effort::exhaustive(schedules_max)) {
        Ok(study) => Ok(study),
        Err(StudyError::Site(error)) => {
            let evidence = Evidence::NotRun { why: not_run(error)? };
            let entry = stand.entry();
            let admits = entry.guarantee.promise(size.name);
            let admits = admits.map_or(Vec::new(), |promise| promise.admitted().to_vec());
            let (store, scenario) = (entry.name.to_owned(), size.to_string());
            let cell = Cell { store, scenario, admits, evidence, broken: None };
            Ok(Study { cell, witnesses: Vec::new(), has_faults: false })
        }
        Err(error) => Err(error.into()),
    }
}
