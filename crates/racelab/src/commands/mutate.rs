//! `racelab mutate [STORE]`: each protection taken away, to see whether the lab notices.

use lab_explore::Stepped;
use lab_scenario::Size;
use lab_sites::Sites;
use lab_store::{Entry, ScenarioName};
use lab_witness::{Caught, Mutation, Results};

use crate::commands::not_run;
use crate::commands::race::site_first;
use crate::exit::Exit;
use crate::mutation::{mutants_of, mutate};
use crate::output::Output;
use crate::select::select;
use crate::stand::Stand;
use crate::study::{Effort, study};

pub(super) fn run(
    store: Option<&str>,
    sites: &Sites,
    budget: usize,
    tries: usize,
    output: &mut Output,
) -> anyhow::Result<Exit> {
    let entries = match store {
        Some(name) => select::<Stepped>(name)?,
        None => lab_catalog::entries::<Stepped>(),
    };
    let mut results = Results::default();
    for entry in &entries {
        let found = match examine(entry, sites, budget, tries, output) {
            Ok(found) => found,
            // Who asks for everything gets what is there.
            Err(error) if store.is_none() => {
                output.note(&format!("{}: {}", entry.name, not_run(error.downcast()?)?));
                continue;
            }
            Err(error) => return Err(error),
        };
        if !output.is_json() {
            show(entry, &found, output)?;
        }
        results.append(found);
    }
    if output.is_json() {
        output.json(&results)?;
    } else if !results.mutations.is_empty() {
        output.line(&results.mutations_counted())?;
        output
            .line("Next: `racelab replay TOKEN`, or `racelab race STORE~PROTECTION SCENARIO`.")?;
    }
    let is_as_declared = results.mutations.iter().all(Mutation::is_as_declared);
    Ok(if is_as_declared { Exit::Met } else { Exit::Broken })
}

/// The whole store in each scenario, and then each of its mutants.
fn examine(
    entry: &Entry,
    sites: &Sites,
    budget: usize,
    tries: usize,
    output: &Output,
) -> anyhow::Result<Results> {
    let mut results = Results::default();
    let mut mutants = mutants_of(entry).peekable();
    if mutants.peek().is_none() {
        return Ok(results);
    }
    let mut stand = Stand::new(*entry, sites);
    for name in ScenarioName::ALL {
        output.progress(&format!("exploring {} {name}", entry.name));
        let found = study(&mut stand, Size::usual(name), Effort::exhaustive(budget));
        results.cells.push(found.map_err(site_first)?.cell);
    }
    for mutant in mutants {
        output.progress(&format!("exploring {}", mutant.entry.name));
        results.mutations.push(mutate(&mutant, sites, tries).map_err(site_first)?);
    }
    Ok(results)
}

fn show(entry: &Entry, results: &Results, output: &mut Output) -> anyhow::Result<()> {
    output.title(entry.name)?;
    if results.mutations.is_empty() {
        return output.line("  declares no protection that could be taken away\n");
    }
    for mutation in &results.mutations {
        show_mutation(mutation, output)?;
    }
    let unproven = results.cells.iter().filter(|cell| results.is_unproven_power(cell));
    let unproven: Vec<&str> = unproven.map(|cell| cell.scenario.as_str()).collect();
    if !unproven.is_empty() {
        let unproven = unproven.join(", ");
        output.line(&format!("  ! PROVEN, but no mutant fails there: {unproven}"))?;
    }
    output.line("")
}

fn show_mutation(mutation: &Mutation, output: &mut Output) -> anyhow::Result<()> {
    let (word, protection, without) = (mutation.word(), mutation.protection(), &mutation.without);
    output.line(&format!("  {word:<8}  {protection}: {without}"))?;
    if let Some(why) = &mutation.unseen {
        output.line(&format!("            no suite can see that yet: {why}"))?;
    }
    for Caught { suite, what, found_after, token } in &mutation.caught {
        let after = found_after.map_or(String::new(), |after| format!(", schedule {after}"));
        let token = token.as_deref().unwrap_or_default();
        let line = format!("            {suite:<18}  {:<34}  {token}", format!("{what}{after}"));
        output.line(line.trim_end())?;
    }
    Ok(())
}
