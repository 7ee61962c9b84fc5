//! `racelab race STORE [SCENARIO]`: every schedule of a scenario.

use lab_explore::Stepped;
use lab_scenario::{Script, Size};
use lab_sites::Sites;
use lab_store::{Entry, ScenarioName};
use lab_witness::{Cell, Evidence, Results, Witness};

use crate::cure::follow_cures;
use crate::exit::Exit;
use crate::output::Output;
use crate::select::select;
use crate::stand::Stand;
use crate::study::{Effort, Study, StudyError, add_cures, cure_candidates, study};

pub(super) fn run(
    store: &str,
    script: Option<&Script>,
    sites: &Sites,
    effort: Effort,
    output: &mut Output,
) -> anyhow::Result<Exit> {
    let entries = select::<Stepped>(store)?;
    let all = || ScenarioName::ALL.map(|name| Size::usual(name).into()).to_vec();
    if effort.faults_max > 0 {
        output.note(&format!("with up to {} faults in each schedule", effort.faults_max));
    }
    let mut results = Results::default();
    for script in script.map_or_else(all, |script| vec![script.clone()]) {
        results.append(race(&entries, &script, sites, effort, output)?);
    }
    if output.is_json() {
        output.json(&results)?;
    } else {
        show(&results, output)?;
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
    let mut candidates: Vec<Entry> = Vec::new();
    for entry in entries {
        output.progress(&format!("exploring {} {script}", entry.name));
        let stand = &mut Stand::new(*entry, sites);
        let Study { cell, witnesses } = study(stand, script.clone(), effort).map_err(site_first)?;
        if let Script::Named(size) = script
            && !witnesses.is_empty()
        {
            candidates.extend(cure_candidates(entry, size.name));
        }
        results.add(cell, witnesses);
    }
    let asked_for = results.cells.len();
    for candidate in candidates {
        if results.cells.iter().all(|cell| cell.store != candidate.name) {
            output.progress(&format!("exploring {} {script}", candidate.name));
            let stand = &mut Stand::new(candidate, sites);
            results.cells.push(study(stand, script.clone(), effort).map_err(site_first)?.cell);
        }
    }
    add_cures(&mut results, &lab_catalog::entries::<Stepped>());
    results.cells.truncate(asked_for);
    follow_cures(&mut results, sites).map_err(site_first)?;
    Ok(results)
}

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
            let word = cell.evidence.word();
            let line = format!("{word}  {}  {}    {}", cell.store, cell.scenario, cell.evidence);
            output.line(&format!("{line}; shrunk:"))?;
        }
        witnesses.iter().try_for_each(|witness| output.witness(witness))?;
        if witnesses.is_empty() {
            let word = cell.evidence.word();
            output
                .line(&format!("{word}  {}  {}    {}", cell.store, cell.scenario, cell.evidence))?;
        }
        if let Some(broken) = &cell.broken {
            output.note(&format!("broken promise: {} {}: {broken}", cell.store, cell.scenario));
        }
    }
    Ok(())
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
