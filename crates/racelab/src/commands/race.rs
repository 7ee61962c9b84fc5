//! `racelab race STORE [SCENARIO]`: every schedule of a scenario.

use lab_explore::Stepped;
use lab_scenario::{Script, Size};
use lab_sites::Sites;
use lab_store::{Entry, ScenarioName};
use lab_witness::{Cell, Evidence, Results, Witness};

use crate::cli::Form;
use crate::cure::find_cures;
use crate::exit::{Exit, UsageError};
use crate::output::Output;
use crate::select::select;
use crate::stand::Stand;
use crate::study::{Effort, StudyError, study};

pub(super) fn run(
    store: &str,
    script: Option<&Script>,
    sites: &Sites,
    effort: Effort,
    form: Option<Form>,
    output: &mut Output,
) -> anyhow::Result<Exit> {
    let entries = select::<Stepped>(store)?;
    let all = || ScenarioName::ALL.map(|name| Size::usual(name).into()).to_vec();
    if effort.faults_max > 0 {
        let faults = if effort.faults_max == 1 { "fault" } else { "faults" };
        output.note(&format!("with up to {} {faults} in each schedule", effort.faults_max));
    }
    let mut results = Results::default();
    for script in script.map_or_else(all, |script| vec![script.clone()]) {
        results.append(race(&entries, &script, sites, effort, output)?);
    }
    match form {
        _ if output.is_json() => output.json(&results)?,
        None => show(&results, output)?,
        Some(form) => draw(&results, form, output)?,
    }
    Ok(exit(&results.cells))
}

/// One scenario on each of the stores, with what helps where one of them fails.
fn race(
    entries: &[Entry],
    script: &Script,
    sites: &Sites,
    effort: Effort,
    output: &Output,
) -> anyhow::Result<Results> {
    let mut results = Results::default();
    for entry in entries {
        output.progress(&format!("exploring {} {script}", entry.name));
        let stand = &mut Stand::new(*entry, sites);
        let study = study(stand, script.clone(), effort).map_err(site_first)?;
        if effort.faults_max > 0 && !study.has_faults && was_run(&study.cell) {
            output.note(&format!("{} {script}: {NO_FAULT}", entry.name));
        }
        results.add(study.cell, study.witnesses);
    }
    output.progress(&format!("exploring what helps in {script}"));
    find_cures(&results.cells, &mut results.witnesses, effort, sites).map_err(site_first)?;
    Ok(results)
}

/// Why no schedule has a fault though some were allowed.
const NO_FAULT: &str = "no step there can fail in a way that the lab knows: SQLite can be \
                        busy, and Postgres can raise 40001 or lose an answer";

/// A missing server is the error itself, for the exit code to see.
pub(super) fn site_first(error: StudyError) -> anyhow::Error {
    match error {
        StudyError::Site(error) => error.into(),
        error => error.into(),
    }
}

fn show(results: &Results, output: &mut Output) -> anyhow::Result<()> {
    for cell in &results.cells {
        let witnesses: Vec<&Witness> = results.witnesses_of(cell).collect();
        let is_shrunk = witnesses.iter().any(|one| one.scenario != cell.scenario);
        if is_shrunk {
            output.line(&format!("{}; shrunk:", verdict(cell)))?;
        }
        witnesses.iter().try_for_each(|witness| output.witness(witness))?;
        if witnesses.is_empty() {
            output.line(&verdict(cell))?;
        }
        if let Some(broken) = &cell.broken {
            output.note(&format!("broken promise: {} {}: {broken}", cell.store, cell.scenario));
        }
    }
    Ok(())
}

fn verdict(cell: &Cell) -> String {
    format!("{}  {}  {}    {}", cell.evidence.word(), cell.store, cell.scenario, cell.evidence)
}

/// Whether the scenario applies to the store and the server is there.
pub(super) fn was_run(cell: &Cell) -> bool {
    !matches!(cell.evidence, Evidence::NotRun { .. })
}

/// Every witness in that form, one after the other; nothing else on stdout.
fn draw(results: &Results, form: Form, output: &mut Output) -> anyhow::Result<()> {
    if results.witnesses.len() > 1 && matches!(form, Form::Svg) {
        let tokens =
            results.witnesses.iter().map(|one| format!("racelab replay {} --form svg", one.token));
        let tokens: Vec<String> = tokens.collect();
        let why = "a picture has one witness, and there are more; each alone:";
        return Err(UsageError(format!("{why}\n{}", tokens.join("\n"))).into());
    }
    for cell in results.cells.iter().filter(|cell| results.witnesses_of(cell).next().is_none()) {
        output.note(&verdict(cell));
    }
    results.witnesses.iter().try_for_each(|witness| output.document(&form.of(witness)))
}

/// The worst that any cell says.
pub(super) fn exit(cells: &[Cell]) -> Exit {
    let of = |cell: &Cell| match (&cell.broken, &cell.evidence) {
        (Some(_), _) => Exit::Broken,
        (None, Evidence::Unknown { .. }) => Exit::Unknown,
        (None, _) => Exit::Met,
    };
    cells.iter().map(of).max().unwrap_or(Exit::Met)
}
