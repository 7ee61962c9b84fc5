//! What no order explains: whose answers must be left out so that one does.

use lab_task::{Anomaly, Operation, Outcome, Response, Status, Task};

use crate::serial::unit::{Part, Piece};
use crate::serial::{Eye, Orders, applied};
use crate::{Asked, Execution, Judgement, Scenario};

/// Names the anomaly after the fewest units without which some order explains the rest, and after
/// changes sooner than after reads: who saw what was overwritten saw nothing wrong.
pub(crate) fn judgement(
    scenario: &Scenario,
    execution: &Execution<'_>,
    units: &[Piece],
    orders: &Orders<'_>,
) -> Judgement {
    let after: &[Task] = execution.after.as_deref().unwrap_or(&[]);
    if let Some(judgement) = given_twice(scenario, units, after) {
        return judgement;
    }
    if let Some(judgement) = too_many_started(units, after) {
        return judgement;
    }
    if orders.explain(0, Eye::Blind) {
        let sentence = "two changes count as one: no order explains the versions".to_owned();
        return Judgement::anomaly_seen(Anomaly::LostUpdate, sentence);
    }
    let mut sets: Vec<u32> = (1..1_u32 << units.len()).collect();
    let changes = (0..units.len()).filter(|at| is_change(&units[*at]));
    let changes = changes.fold(0_u32, |set, at| set | 1 << at);
    sets.sort_by_key(|set| (set.count_ones(), set & changes == 0));
    let Some(set) = sets.into_iter().find(|set| orders.explain(*set, Eye::Blind)) else {
        return Judgement::Failed("what is stored afterwards was never written".to_owned());
    };
    let blamed = units.iter().enumerate().filter(|(at, _)| set & 1 << at != 0);
    let mut blamed: Vec<&Piece> = blamed.map(|(_, unit)| unit).collect();
    blamed.sort_by_key(|unit| !is_change(unit));
    let names: Vec<&str> =
        blamed.iter().map(|unit| scenario.processes[unit.process].name.as_str()).collect();
    match blamed.first().and_then(|unit| Some((unit, unit.parts.last()?))) {
        Some((unit, part)) => name(names[0], unit.process, part, after),
        None => Judgement::Failed("no order explains the answers".to_owned()),
    }
}

fn name(who: &str, process: usize, part: &Part, after: &[Task]) -> Judgement {
    let asked = Asked { process, nth: part.nth };
    let is_there = |id| after.iter().find(|task| task.id == id);
    match (&part.operation, &part.response) {
        (Operation::Create { .. }, Response::Created(id)) => {
            let sentence = format!("{who} was told \"created {id}\"; there is no such task");
            Judgement::anomaly_of(Anomaly::LostCreate, asked, sentence)
        }
        (Operation::Delete(id, _), Response::Done(Outcome::Applied(_)))
            if is_there(*id).is_some() =>
        {
            let sentence = format!("{who} was told \"deleted\"; the task is there again");
            Judgement::anomaly_of(Anomaly::ResurrectedDelete, asked, sentence)
        }
        (_, Response::Done(Outcome::Applied(version))) => {
            let sentence = format!(
                "{who} was told \"saved {version}\"; what is stored is explained only without that"
            );
            Judgement::anomaly_of(Anomaly::LostUpdate, asked, sentence)
        }
        (_, Response::Done(Outcome::Refused(refusal))) => {
            let sentence = format!("{who} was refused ({refusal}), which no order explains");
            Judgement::Failed(sentence)
        }
        (_, Response::Got(_) | Response::Listed(_) | Response::Counted(_)) => {
            let sentence = format!("{who} saw tasks as no order of the operations makes them");
            Judgement::anomaly_of(Anomaly::ReadSkew, asked, sentence)
        }
        (_, Response::Created(_)) => Judgement::Failed("an id for no create".to_owned()),
    }
}

fn is_change(unit: &Piece) -> bool {
    unit.parts
        .iter()
        .any(|part| applied(&part.response) || matches!(part.response, Response::Created(_)))
}

/// More tasks in progress than any of those allow that were started.
fn too_many_started(units: &[Piece], after: &[Task]) -> Option<Judgement> {
    let limit = |part: &Part| match part.operation {
        Operation::Start { wip_limit, .. } if applied(&part.response) => Some(wip_limit),
        _ => None,
    };
    let limit = units.iter().flat_map(|unit| &unit.parts).filter_map(limit).max()?;
    let started = after.iter().filter(|task| task.status == Status::InProgress).count();
    let sentence = format!("{started} tasks are in progress where {limit} may be");
    (started > limit as usize).then(|| Judgement::anomaly_seen(Anomaly::WriteSkew, sentence))
}

/// Two creates that were given one id.
fn given_twice(scenario: &Scenario, units: &[Piece], after: &[Task]) -> Option<Judgement> {
    let created: Vec<_> = units.iter().filter_map(created).collect();
    let (at, (second, id, title)) = created
        .iter()
        .enumerate()
        .find(|(at, (_, id, _))| created[..*at].iter().any(|(_, other, _)| other == id))?;
    let first = created[..at].iter().find(|(_, other, _)| other == id)?.0;
    let keeps = after.iter().any(|task| task.id == *id && task.title == *title);
    let victim = if keeps { first } else { *second };
    let names = [first, *second].map(|asked| &scenario.processes[asked.process].name);
    let sentence = format!("{} and {} were both told \"created {id}\"", names[0], names[1]);
    Some(Judgement::anomaly_of(Anomaly::DuplicateId, victim, sentence))
}

fn created(unit: &Piece) -> Option<(Asked, lab_task::TaskId, lab_task::Title)> {
    match unit.parts.first().map(|part| (&part.operation, &part.response, part.nth)) {
        Some((Operation::Create { new, .. }, Response::Created(id), nth)) => {
            Some((Asked { process: unit.process, nth }, *id, new.title.clone()))
        }
        _ => None,
    }
}
