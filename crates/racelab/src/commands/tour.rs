//! `racelab`: finds, shows and explains a lost update on each family, prints the grid, and writes
//! a report.

mod exploring;

use std::path::Path;

use lab_explore::Stepped;
use lab_servers::Prerequisite;
use lab_sites::Sites;
use lab_witness::{Cell, Evidence, Mutation, Results};

use crate::chances::chances;
use crate::commands::tour::exploring::explore;
use crate::commands::{make_folder, race, races};
use crate::cure::add_cures;
use crate::exit::Exit;
use crate::output::Output;

pub(super) fn run(
    sites: &Sites,
    budget: usize,
    trials: usize,
    out: &Path,
    output: &mut Output,
) -> anyhow::Result<Exit> {
    if lab_servers::required()?.contains(&Prerequisite::Postgres) {
        // What must be there is asked for before anything is explored, and not after.
        lab_servers::postgres_alone()?;
    }
    // So must the place of the report.
    make_folder(out)?;
    let sites = &sites.clone().alone();
    let entries = lab_catalog::entries::<Stepped>();
    let mut results = Results::default();
    let mut shown = None;
    if !output.is_json() {
        output.title(
            "A lost update of each family, on the real thing, with its shortest witness\n",
        )?;
    }
    for family in lab_catalog::FAMILIES {
        let own = entries.iter().copied().filter(|entry| entry.family == family);
        let mut found = explore(own.collect(), sites, budget, output)?;
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
