//! The cure, proved: the schedule of a witness once more, on the store that is said to help.

use lab_explore::{Followed, Stepped, Token, follow, replay, turns};
use lab_scenario::{Action, Answer, Judgement, Scenario, Told};
use lab_sites::Sites;
use lab_store::{Claim, Entry};
use lab_task::Outcome;
use lab_witness::{Results, Witness};

use crate::select::find;
use crate::stand::Stand;
use crate::study::StudyError;

/// Follows the schedule of each witness on the first store that helps against it, and says what
/// happens there.
///
/// # Errors
/// There is no place for a store, or it cannot be opened.
pub fn follow_cures(results: &mut Results, sites: &Sites) -> Result<(), StudyError> {
    for witness in &mut results.witnesses {
        let Some(cure) = witness.cures.first().and_then(|line| line.split_once(": ")) else {
            continue;
        };
        let Ok(entry) = find::<Stepped>(cure.0) else { continue };
        if let Some(sentence) = follow_on(witness, entry, sites)? {
            witness.cures[0] = format!("{}: {sentence}; {}", cure.0, cure.1);
        }
    }
    Ok(())
}

/// What the witness's schedule leads to on the store of `cure`; `None` where it cannot be said.
fn follow_on(witness: &Witness, cure: Entry, sites: &Sites) -> Result<Option<String>, StudyError> {
    let Ok(token) = witness.token.parse::<Token>() else { return Ok(None) };
    let Ok(sick) = find::<Stepped>(&token.store) else { return Ok(None) };
    let scenario = token.scenario.scenario();
    let again = |why| StudyError::Replay { store: sick.name, why };
    let run = replay(Stand::new(sick, sites).arena(&scenario)?, &token.schedule).map_err(again)?;
    let failed = |why| StudyError::of(&cure, why);
    let followed =
        follow(Stand::new(cure, sites).arena(&scenario)?, &turns(&run)).map_err(failed)?;
    Ok(sentence(&scenario, &followed))
}

/// What is different, in a sentence.
fn sentence(scenario: &Scenario, followed: &Followed) -> Option<String> {
    let run = &followed.run;
    if run.cut.is_some() || run.judgement != Judgement::Kept {
        return None;
    }
    let schedule = match followed.fits {
        true => "the same schedule there",
        false => "the same schedule, as far as it goes there,",
    };
    let mut answers = run
        .told
        .iter()
        .enumerate()
        .flat_map(|(client, told)| told.iter().map(move |(_, told)| (client, told)));
    let refused = answers.find_map(|(client, told)| Some((client, refusal(told)?)));
    let waits = run.steps.iter().find(|step| step.is_client && step.waited);
    let name = |client: usize| &scenario.processes[client].name;
    Some(match (refused, waits) {
        (Some((client, why)), _) => format!("{schedule} refuses {}'s {why}", name(client)),
        (None, Some(step)) => format!("{schedule} has {} wait", name(step.process - 1)),
        (None, None) => format!("{schedule} keeps every change"),
    })
}

/// What was refused, and why.
fn refusal(told: &Told) -> Option<String> {
    let what = match &told.action {
        Action::SaveCopy(_) => "save",
        Action::Open(_) => "claim",
        Action::Edit(..) => "edit",
        Action::Delete(_) => "delete",
        Action::Start(..) => "start",
        Action::Create(_) | Action::CreateRetried(..) => "create",
        Action::List | Action::CutWire => return None,
    };
    match &told.answer {
        Ok(Answer::Changed(Outcome::Refused(why)) | Answer::Claimed(Claim::Refused(why))) => {
            Some(format!("{what} ({why})"))
        }
        _ => None,
    }
}
