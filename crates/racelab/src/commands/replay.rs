//! `racelab replay TOKEN`: one schedule again.

use lab_explore::{Stepped, Token, replay, retold};
use lab_scenario::Judgement;
use lab_sites::Sites;

use crate::cli::Form;
use crate::exit::{Exit, UsageError};
use crate::expected::{DOES_NOT_APPLY, Expected};
use crate::output::Output;
use crate::select::find;
use crate::stand::Stand;

pub(super) fn run(
    token: &Token,
    form: Option<Form>,
    sites: &Sites,
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
    let witness = retold(arena, token, &run);
    match form {
        _ if output.is_json() => output.json(&witness)?,
        None => output.witness(&witness)?,
        Some(Form::Mermaid) => output.document(&witness.to_mermaid())?,
        Some(Form::Svg) => output.document(&witness.to_svg())?,
    }
    Ok(match run.judgement {
        Judgement::Kept => Exit::Met,
        Judgement::Anomaly { anomaly, .. } if expected.allows(anomaly) => Exit::Met,
        Judgement::Anomaly { .. } | Judgement::Failed(_) => Exit::Broken,
    })
}
