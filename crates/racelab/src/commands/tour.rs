//! `racelab`: finds, shows and explains a lost update on each family, prints the grid, and writes
//! a report.

use std::path::Path;

use lab_explore::Stepped;
use lab_scenario::Size;
use lab_servers::Prerequisite;
use lab_sites::Sites;
use lab_store::{Entry, Promise, ScenarioName};
use lab_witness::{Cell, Evidence, Mutation, Results};

use crate::chances::chances;
use crate::commands::{make_folder, not_run, race, races};
use crate::cure::add_cures;
use crate::exit::Exit;
use crate::mutation::{SCHEDULES_MAX as MUTANT_SCHEDULES_MAX, mutants_of, mutate};
use crate::output::Output;
use crate::stand::Stand;
use crate::study::{Effort, Study, StudyError, study};

/// Of the budget of a scenario with two processes, the part that one with three gets where it must
/// hold: mostly one schedule of each kind is not more than that.
const SHARE_OF_THREE: usize = 4;
/// The part that it gets where something is admitted, which the first few schedules show.
const SHARE_OF_THREE_ADMITTED: usize = 16;

pub(super) fn run(
    sites: &Sites,
    budget: usize,
    trials: usize,
    out: &Path,
    output: &mut Output,
) -> anyhow::Result<Exit> {
    if lab_servers::required()?.contains(&Prerequisite::Postgres) {
        // What must be there is asked for before anything is explored, and not after.
        lab_servers::postgres()?;
    }
    // So must the place of the report.
    make_folder(out)?;
    let entries = lab_catalog::entries::<Stepped>();
    let mut results = Results::default();
    let mut shown = None;
    if !output.is_json() {
        output.title(
            "A lost update of each family, on the real thing, with its shortest witness\n",
        )?;
    }
    for family in lab_catalog::FAMILIES {
        let own = entries.iter().filter(|entry| entry.family == family);
        let mut found = explore_family(own, sites, budget, output)?;
        add_cures(&found.cells, &mut found.witnesses, sites)?;
        if !output.is_json() {
            shown = show_witness(&found, shown.as_deref(), output)?.or(shown);
        }
        results.append(found);
    }
    // What no store of the family helps against, one of another may.
    add_cures(&results.cells, &mut results.witnesses, sites)?;
    results.chances = chances(None, sites, trials, output)?;
    if output.is_json() {
        output.json(&results)?;
    } else {
        show_grid(&results, output)?;
    }
    races::write_all(&results, out, output)?;
    if !results.mutations.iter().all(Mutation::is_as_declared) {
        return Ok(Exit::Broken);
    }
    let run: Vec<Cell> = results.cells.into_iter().filter(race::was_run).collect();
    Ok(race::exit(&run))
}

fn explore_family<'a>(
    entries: impl Iterator<Item = &'a Entry>,
    sites: &Sites,
    budget: usize,
    output: &Output,
) -> anyhow::Result<Results> {
    let mut results = Results::default();
    for entry in entries {
        let mut stand = Stand::new(*entry, sites);
        for (size, schedules_max) in sizes(entry, budget) {
            output.progress(&format!("exploring {} {size}", entry.name));
            let Study { cell, witnesses, .. } = explore(&mut stand, size, schedules_max)?;
            results.add(cell, witnesses);
        }
        results.mutations.extend(mutations(entry, sites, output)?);
    }
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
fn explore(stand: &mut Stand, size: Size, schedules_max: usize) -> anyhow::Result<Study> {
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

/// Shows one witness of the family's results, of another scenario than `before` if there is one,
/// and says of which.
fn show_witness(
    found: &Results,
    before: Option<&str>,
    output: &mut Output,
) -> anyhow::Result<Option<String>> {
    let other = found.witnesses.iter().find(|one| Some(one.scenario.as_str()) != before);
    let Some(witness) = other.or(found.witnesses.first()) else {
        return Ok(None);
    };
    output.line(&format!("{}.", capitalised(&witness.story)))?;
    output.witness(witness)?;
    Ok(Some(witness.scenario.clone()))
}

fn show_grid(results: &Results, output: &mut Output) -> anyhow::Result<()> {
    output.title("Every store")?;
    output.line(&lab_report::grid(results))?;
    let mut reasons: Vec<&str> = Vec::new();
    for cell in &results.cells {
        if let Evidence::NotRun { why } = &cell.evidence
            && !reasons.contains(&why.as_str())
        {
            reasons.push(why);
        }
        if let Some(broken) = &cell.broken {
            output.note(&format!("broken promise: {} {}: {broken}", cell.store, cell.scenario));
        }
    }
    for reason in reasons {
        output.line(reason)?;
    }
    output.line(&format!("{}; `racelab mutate` shows them.", results.mutations_counted()))?;
    output.line(
        "Next: `racelab race STORE SCENARIO` for a cell, `racelab replay TOKEN` for a witness.\n",
    )
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
