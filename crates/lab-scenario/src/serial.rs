//! Judges any program: some order of its units, one after the other, must explain every answer
//! and what is stored afterwards.
//!
//! A unit that was answered before another one began comes before it. So with requests as units
//! this is linearizability (Herlihy and Wing, TOPLAS 12(3), 1990) against the store's sequential
//! meaning; with a whole operation as the unit it is strict serializability of programs in which
//! opening and saving belong together. All orders are tried: programs are small.

mod blame;
mod unit;

use lab_task::{
    Change, NewTask, Operation, Outcome, Refusal, Response, Spec, Status, Task, Version,
};

use crate::serial::unit::{Part, Piece, units};
use crate::{Execution, Judgement, Scenario, Unit};

pub(crate) fn judge_requests(scenario: &Scenario, execution: &Execution<'_>) -> Judgement {
    judge(scenario, execution, Unit::Request)
}

pub(crate) fn judge_ops(scenario: &Scenario, execution: &Execution<'_>) -> Judgement {
    judge(scenario, execution, Unit::Op)
}

fn judge(scenario: &Scenario, execution: &Execution<'_>, unit: Unit) -> Judgement {
    let after = match execution.after() {
        Ok(tasks) => tasks,
        Err(judgement) => return judgement,
    };
    let pieces = units(execution, unit);
    let orders = Orders::new(execution, after, &pieces);
    if orders.explain(0, Eye::Sharp) {
        return execution.errors().unwrap_or(Judgement::Kept);
    }
    blame::judgement(scenario, execution, &pieces, &orders)
}

/// All orders of some units.
pub(crate) struct Orders<'a> {
    start: Spec,
    after: &'a [Task],
    units: &'a [Piece],
}

/// How closely an order must explain what was told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Eye {
    /// To the letter.
    Sharp,
    /// But for versions and limits: they look also at what was lost.
    Blind,
}

impl<'a> Orders<'a> {
    fn new(execution: &Execution<'_>, after: &'a [Task], units: &'a [Piece]) -> Self {
        let mut start = Spec::new(execution.rules);
        for task in execution.before {
            // The tasks are as they were created, so the specification cannot refuse them.
            let (title, description) = (task.title.clone(), task.description.clone());
            let new = NewTask { title, description };
            let _ = start.step(&Operation::Create { new, key: None }, &Response::Created(task.id));
        }
        Self { start, after, units }
    }

    /// Whether some order of the units that are not in the set `left_out`, one bit each, explains
    /// their answers and what is stored.
    pub(crate) fn explain(&self, left_out: u32, eye: Eye) -> bool {
        self.go_on(&self.start, left_out, eye)
    }

    fn go_on(&self, spec: &Spec, done: u32, eye: Eye) -> bool {
        let left = || (0..self.units.len()).filter(|at| done & 1 << at == 0);
        let Some(answered_first) = left().map(|at| self.units[at].last).min() else {
            return match eye {
                Eye::Sharp => spec.tasks().eq(self.after),
                Eye::Blind => spec.tasks().map(unversioned).eq(self.after.iter().map(unversioned)),
            };
        };
        left().any(|at| {
            let unit = &self.units[at];
            let is_next = left().all(|other| !unit.comes_after(&self.units[other]));
            is_next && unit.first <= answered_first && {
                let mut after = spec.clone();
                let fits = |part: &Part| explains(&mut after, part, eye);
                unit.parts.iter().all(fits) && self.go_on(&after, done | 1 << at, eye)
            }
        })
    }
}

/// Takes the step, if it is answered like this.
fn explains(spec: &mut Spec, part: &Part, eye: Eye) -> bool {
    let Part { operation, response, .. } = part;
    match (eye, operation, response) {
        (Eye::Sharp, ..) | (_, Operation::Create { .. }, _) => {
            spec.step(operation, response).is_ok()
        }
        (Eye::Blind, _, Response::Done(Outcome::Refused(refusal))) if is_by_count(refusal) => true,
        (Eye::Blind, Operation::Start { id, .. }, _) => {
            let start = Operation::Edit(*id, Change::Status(Status::InProgress));
            spec.respond(&start).map(blurred) == Some(blurred(response.clone()))
        }
        (Eye::Blind, Operation::Save(copy), _) => {
            let current = spec.tasks().find(|task| task.id == copy.id).map(|task| task.version);
            let version = current.unwrap_or(copy.version);
            let save = Operation::Save(Task { version, ..copy.clone() });
            spec.respond(&save).map(blurred) == Some(blurred(response.clone()))
        }
        (Eye::Blind, ..) => spec.respond(operation).map(blurred) == Some(blurred(response.clone())),
    }
}

/// Whether a count that may include what was lost is the reason.
fn is_by_count(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Stale { .. } | Refusal::LimitReached { .. })
}

fn blurred(response: Response) -> Response {
    match response {
        Response::Got(task) => Response::Got(task.as_ref().map(unversioned)),
        Response::Listed(tasks) => Response::Listed(tasks.iter().map(unversioned).collect()),
        Response::Done(Outcome::Applied(_)) => Response::Done(Outcome::Applied(Version::FIRST)),
        other => other,
    }
}

fn unversioned(task: &Task) -> Task {
    Task { version: Version::FIRST, ..task.clone() }
}

pub(crate) fn applied(response: &Response) -> bool {
    matches!(response, Response::Done(Outcome::Applied(_)))
}

#[cfg(test)]
mod tests;
