//! What was asked and answered, cut into the units that must look whole.

use lab_store::StoreError;
use lab_task::{Operation, Outcome, Refusal, Response, Task};

use crate::{Action, Answer, Execution, Told, Unit};

/// One unit: what was asked and answered, and when.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    /// Who asked, from 0.
    pub(crate) process: usize,
    /// What, in order.
    pub(crate) parts: Vec<Part>,
    /// The first step of it.
    pub(crate) first: usize,
    /// The step after which it was answered.
    pub(crate) last: usize,
    /// Which of its process it is.
    nth: usize,
}

/// One request and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) operation: Operation,
    pub(crate) response: Response,
    /// Which of its process's answers that is.
    pub(crate) nth: usize,
}

impl Piece {
    /// Whether the same process did this one later.
    pub(crate) fn comes_after(&self, other: &Self) -> bool {
        self.process == other.process && self.nth > other.nth
    }
}

/// The units of an execution. What certainly did not happen (an error that says so, a change that
/// a lease kept out) is none.
pub(crate) fn units(execution: &Execution<'_>, unit: Unit) -> Vec<Piece> {
    let processes = execution.told.iter().enumerate();
    processes.flat_map(|(process, told)| of_process(execution, process, told, unit)).collect()
}

fn of_process(execution: &Execution<'_>, process: usize, told: &[Told], unit: Unit) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut copy = None;
    for (nth, told) in told.iter().enumerate() {
        let Some(part) = part(execution, told, nth, &mut copy) else { continue };
        let (first, last) = execution.span(process, nth);
        let is_second_half =
            unit == Unit::Op && matches!(told.action, Action::SaveCopy(_)) && is_applied(&part);
        match pieces.last_mut().filter(|_| is_second_half) {
            Some(opened) => {
                opened.parts.push(part);
                opened.last = last;
            }
            None => pieces.push(Piece { process, parts: vec![part], first, last, nth }),
        }
    }
    pieces
}

fn is_applied(part: &Part) -> bool {
    super::applied(&part.response)
}

fn part(
    execution: &Execution<'_>,
    told: &Told,
    nth: usize,
    copy: &mut Option<Task>,
) -> Option<Part> {
    let id = |slot: &usize| execution.before.get(*slot).map(|task| task.id);
    let answer = match &told.answer {
        Ok(Answer::Changed(Outcome::Refused(Refusal::Held { .. } | Refusal::Fenced { .. }))) => {
            return None;
        }
        Ok(answer) => answer,
        Err(StoreError::Unavailable { .. } | StoreError::Corrupt { .. }) => return None,
        Err(StoreError::Contended { .. } | StoreError::Indefinite { .. }) => return None,
    };
    let operation = match &told.action {
        Action::Edit(slot, change) => Operation::Edit(id(slot)?, change.clone()),
        Action::Open(slot) => Operation::Get(id(slot)?),
        Action::SaveCopy(change) => {
            let mut copy = copy.clone()?;
            change.apply_to_copy(&mut copy);
            Operation::Save(copy)
        }
        Action::Create(new) => Operation::Create { new: new.clone(), key: None },
        Action::Delete(slot) => Operation::Delete(id(slot)?, None),
        Action::List => Operation::List(lab_task::Filter::ALL),
        Action::Start(slot, limit) => Operation::Start { id: id(slot)?, wip_limit: *limit },
        Action::CreateRetried(..) | Action::CutWire => return None,
    };
    let response = match answer {
        Answer::Opened(task) => {
            copy.clone_from(task);
            Response::Got(task.clone())
        }
        Answer::Changed(outcome) => Response::Done(outcome.clone()),
        Answer::Created(id) => Response::Created(*id),
        Answer::Listed(tasks) => Response::Listed(tasks.clone()),
        Answer::Claimed(_) | Answer::Unanswered | Answer::Cut => return None,
    };
    Some(Part { operation, response, nth })
}
