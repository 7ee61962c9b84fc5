//! What helps against a witness, proved: its schedule once more, on each store that may help.

use lab_explore::{Followed, Stepped, Token, Turn, follow, replay, turns};
use lab_scenario::{Action, Answer, Judgement, Scenario, Script, Told};
use lab_sites::Sites;
use lab_store::{Claim, Entry, Needs, Promise, ScenarioName};
use lab_task::{Anomaly, Outcome};
use lab_witness::{Cell, Evidence, Witness};

use crate::expected::Expected;
use crate::select::find;
use crate::stand::Stand;
use crate::study::{Effort, StudyError, study};

/// As [`add_cures`], where the cells may say too little: then what may help is explored first, in
/// the scenario of the witness.
///
/// # Errors
/// There is no place for a store, it cannot be opened, or it does not do the same twice.
pub fn find_cures(
    cells: &[Cell],
    witnesses: &mut [Witness],
    effort: Effort,
    sites: &Sites,
) -> Result<(), StudyError> {
    let mut cells = cells.to_vec();
    for witness in witnesses.iter().filter(|one| one.anomaly.is_some()) {
        let Ok(token) = witness.token.parse::<Token>() else { continue };
        let Ok(sick) = find::<Stepped>(&token.store) else { continue };
        for candidate in candidates(&sick, &token.scenario) {
            let is_known = |cell: &Cell| cell.store == candidate.name && is_about(cell, witness);
            if !cells.iter().any(is_known) {
                let effort = Effort { sample: None, ..effort };
                let stand = &mut Stand::new(candidate, sites);
                cells.push(study(stand, token.scenario.clone(), effort)?.cell);
            }
        }
    }
    add_cures(&cells, witnesses, sites)
}

/// The stores whose cells tell what would help against a witness of `entry`: the first that holds,
/// of its family or else of another that needs no server; the one of its family that holds most,
/// since the first may lose in a part of what it holds; and one of its family that protects each
/// operation and holds no more than that.
fn candidates(entry: &Entry, script: &Script) -> Vec<Entry> {
    let all = lab_catalog::entries::<Stepped>();
    let expected = |other: &Entry| Expected::of(&other.guarantee, script);
    let holds = |other: &&Entry| expected(other).is_some_and(|expected| expected.holds());
    let is_half = |other: &&Entry| {
        protects_operations(other)
            && expected(other).is_some_and(|expected| expected.admits == [Anomaly::LostUpdate])
    };
    let mut family = all.iter().filter(|other| other.family == entry.family);
    let mut near = all.iter().filter(|other| other.family.needs != Needs::Postgres);
    let half = family.clone().find(is_half);
    // The last of several equal ones would be the least like the others.
    let most = family.clone().filter(holds).rev().max_by_key(|other| promises_kept(other));
    let helps = family.find(holds).or_else(|| near.find(holds));
    let mut candidates: Vec<Entry> = Vec::new();
    for candidate in [helps, most, half].into_iter().flatten() {
        let is_known = candidates.iter().any(|known| known.name == candidate.name);
        if candidate.name != entry.name && !is_known {
            candidates.push(*candidate);
        }
    }
    candidates
}

/// In how many scenarios it promises to hold.
fn promises_kept(entry: &Entry) -> usize {
    let holds = |name: &ScenarioName| entry.guarantee.promise(*name) == Some(Promise::Holds);
    ScenarioName::ALL.iter().filter(|name| holds(name)).count()
}

fn protects_operations(entry: &Entry) -> bool {
    entry.guarantee.promise(ScenarioName::LogTime) == Some(Promise::Holds)
}

/// Says for each witness of which that is not said yet what helps and what does not, as far as the
/// cells show: the first two stores of its family that help, and the first that does not. Where
/// none of its family helps, one of another family does. The witness's schedule is followed on each
/// store that helps.
///
/// # Errors
/// There is no place for a store, or it cannot be opened.
pub fn add_cures(
    cells: &[Cell],
    witnesses: &mut [Witness],
    sites: &Sites,
) -> Result<(), StudyError> {
    for witness in witnesses.iter_mut().filter(|one| one.cures.is_empty()) {
        let Some(anomaly) = witness.anomaly else { continue };
        let others = cells.iter().filter(|cell| {
            is_about(cell, witness) && cell.store != witness.store && cell.broken.is_none()
        });
        let (own, foreign): (Vec<&Cell>, Vec<&Cell>) =
            others.partition(|cell| family(&cell.store) == family(&witness.store));
        let no_help = own.iter().find_map(|cell| no_cure(anomaly, cell));
        let course = course(witness, sites)?;
        let mut cures = proved(&own, 2, course.as_ref(), sites)?;
        if cures.is_empty() {
            cures = proved(&foreign, 1, course.as_ref(), sites)?;
        }
        cures.extend(no_help);
        witness.cures = cures;
    }
    Ok(())
}

/// Whether the cell is that of the witness's scenario, or of the larger one in which it was found.
fn is_about(cell: &Cell, witness: &Witness) -> bool {
    cell.scenario == witness.scenario || Some(&cell.scenario) == witness.found_in.first()
}

fn family(store: &str) -> Option<&str> {
    store.split('/').next()
}

/// Why a store that protects each operation on a task does not help where a race takes two of
/// them, or is about two tasks.
fn no_cure(anomaly: Anomaly, cell: &Cell) -> Option<String> {
    let entry = find::<Stepped>(&cell.store).ok()?;
    let is_half =
        matches!(cell.evidence, Evidence::Witnessed { .. }) && protects_operations(&entry);
    let why = match anomaly {
        Anomaly::LostUpdate => "it protects one operation, and this takes two",
        Anomaly::WriteSkew => "it protects one task, and this is about two",
        _ => return None,
    };
    is_half.then(|| format!("{} does not help: {why}", cell.store))
}

/// The scenario of a witness, and who goes how far in it.
type Course = (Scenario, Vec<Turn>);

fn course(witness: &Witness, sites: &Sites) -> Result<Option<Course>, StudyError> {
    let Ok(token) = witness.token.parse::<Token>() else { return Ok(None) };
    let Ok(sick) = find::<Stepped>(&token.store) else { return Ok(None) };
    let scenario = token.scenario.scenario();
    let again = |why| StudyError::Replay { store: sick.name, why };
    let run = replay(Stand::new(sick, sites).arena(&scenario)?, &token.schedule).map_err(again)?;
    Ok(Some((scenario, turns(&run))))
}

/// A line for each of the first stores that hold: what they do of the witness's schedule, if that
/// can be said, and what of all. Who loses in that schedule too does not help: a larger scenario
/// may hold because it hides what its parts show.
fn proved(
    cells: &[&Cell],
    stores_max: usize,
    course: Option<&Course>,
    sites: &Sites,
) -> Result<Vec<String>, StudyError> {
    let mut lines = Vec::new();
    for cell in cells.iter().filter(|cell| matches!(cell.evidence, Evidence::Proven { .. })) {
        let followed = course.map(|course| follow_on(course, &cell.store, sites)).transpose()?;
        let sentence = match (course, followed.flatten()) {
            (_, Some(followed)) if followed.run.judgement.anomaly().is_some() => continue,
            (Some((scenario, _)), Some(followed)) => sentence(scenario, &followed),
            _ => None,
        };
        let sentence = sentence.map_or(String::new(), |sentence| format!("{sentence}; "));
        let is_larger = course.is_some_and(|(one, _)| one.script.to_string() != cell.scenario);
        let of = if is_larger { format!(" in {}", cell.scenario) } else { String::new() };
        lines.push(format!("{}: {sentence}{}{of}", cell.store, cell.evidence));
        if lines.len() == stores_max {
            break;
        }
    }
    Ok(lines)
}

/// What comes of that course on the store called `cure`.
fn follow_on(
    (scenario, turns): &Course,
    cure: &str,
    sites: &Sites,
) -> Result<Option<Followed>, StudyError> {
    let Ok(cure) = find::<Stepped>(cure) else { return Ok(None) };
    let failed = |why| StudyError::of(&cure, why);
    follow(Stand::new(cure, sites).arena(scenario)?, turns).map(Some).map_err(failed)
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
    let retried = run.told.iter().position(|told| told.iter().any(|(_, one)| is_unanswered(one)));
    let name = |client: usize| &scenario.processes[client].name;
    Some(match (refused, waits, retried) {
        (Some((client, why)), ..) => format!("{schedule} refuses {}'s {why}", name(client)),
        (None, Some(step), _) => format!("{schedule} has {} wait", name(step.process - 1)),
        (None, None, Some(client)) => {
            format!("{schedule} recognises {}'s retry and makes no second task", name(client))
        }
        (None, None, None) => format!("{schedule} keeps every change"),
    })
}

/// Whether the answer was lost, after which the client tries again.
fn is_unanswered(told: &Told) -> bool {
    matches!(told.answer, Ok(Answer::Unanswered))
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
