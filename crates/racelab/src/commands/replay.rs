//! `racelab replay TOKEN`: one schedule again.

use std::slice;

use lab_explore::{Arena, Stepped, Token, add_shares, explore_faults, fault_of, replay, retold};
use lab_scenario::Judgement;
use lab_sites::Sites;
use lab_witness::Witness;

use crate::cli::Form;
use crate::commands::race::site_first;
use crate::cure::find_cures;
use crate::exit::{Exit, UsageError};
use crate::expected::{DOES_NOT_APPLY, Expected};
use crate::output::Output;
use crate::select::find;
use crate::stand::Stand;
use crate::study::{Effort, StudyError};

pub(super) fn run(
    token: &Token,
    form: Option<Form>,
    sites: &Sites,
    budget: usize,
    output: &mut Output,
) -> anyhow::Result<Exit> {
    let entry = find::<Stepped>(&token.store)?;
    let expected = Expected::of(&entry.guarantee, &token.scenario);
    let does_not_apply =
        || UsageError(format!("{} {}: {DOES_NOT_APPLY}", entry.name, token.scenario));
    let expected = expected.ok_or_else(does_not_apply)?;
    let mut stand = Stand::new(entry, sites);
    let arena = stand.arena(&token.scenario.scenario())?;
    let run = replay(arena, &token.schedule)?;
    let mut witness = retold(arena, token, &run);
    if !witness.has_failed {
        output.progress(&format!("exploring {} {}", entry.name, token.scenario));
        explain(arena, token, &mut witness, sites, budget).map_err(site_first)?;
    }
    match form {
        _ if output.is_json() => output.json(&witness)?,
        None => output.witness(&witness)?,
        Some(form) => output.document(&form.of(&witness))?,
    }
    Ok(match run.judgement {
        Judgement::Kept => Exit::Met,
        Judgement::Anomaly { anomaly, .. } if expected.allows(anomaly) => Exit::Met,
        Judgement::Anomaly { .. } | Judgement::Failed(_) => Exit::Broken,
    })
}

/// Adds how many of the schedules that begin as this one does still lose, and what helps.
fn explain(
    arena: &mut Arena,
    token: &Token,
    witness: &mut Witness,
    sites: &Sites,
    budget: usize,
) -> Result<(), StudyError> {
    let entry = *arena.entry();
    let faults_max = token.schedule.iter().filter(|choice| fault_of(**choice).is_some()).count();
    let search = explore_faults(arena, budget, faults_max);
    add_shares(witness, &search.map_err(|why| StudyError::of(&entry, why))?, &token.schedule);
    let effort = Effort { faults_max, ..Effort::exhaustive(budget) };
    find_cures(&[], slice::from_mut(witness), effort, sites)
}
