//! The same schedule on another store: as each store has steps of its own, what is followed is who
//! goes and up to which answer, and only within a request how many steps.

use lab_store::StoreError;

use crate::arena::Arena;
use crate::run::{Plan, Run, Step};

/// One process goes until somebody else does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Who; clients count from 1.
    pub process: usize,
    /// Until it has had so many answers.
    pub answers: usize,
    /// And then for so many steps of its next request.
    pub steps_more: usize,
}

/// What came of following a schedule.
#[derive(Clone, Debug)]
pub struct Followed {
    /// The run.
    pub run: Run,
    /// Whether every turn could be taken as it was.
    pub fits: bool,
}

/// The turns of the clients of a run that was described.
pub fn turns(run: &Run) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    for (at, step) in run.steps.iter().enumerate().filter(|(_, step)| step.is_client) {
        let answers = answered(run, step.process, at + 1);
        let begin = last_answer(run, step.process, at + 1);
        let steps_more = own_steps(&run.steps[begin..=at], step.process);
        let turn = Turn { process: step.process, answers, steps_more };
        match turns.last_mut().filter(|last| last.process == step.process) {
            Some(last) => *last = turn,
            None => turns.push(turn),
        }
    }
    turns
}

/// Runs the arena's scenario in these turns, described step by step.
///
/// # Errors
/// The store cannot be opened or seeded.
pub fn follow(arena: &mut Arena, turns: &[Turn]) -> Result<Followed, StoreError> {
    let mut choices: Vec<u8> = Vec::new();
    let mut fits = true;
    for turn in turns {
        let Ok(choice) = u8::try_from(turn.process) else { continue };
        loop {
            let run = up_to(arena, &choices)?;
            if is_taken(&run, turn, choices.len()) {
                // What is in its middle there may be one step here.
                fits &= answered(&run, turn.process, choices.len()) == turn.answers;
                break;
            }
            let next = run.steps.get(choices.len());
            if next.is_none_or(|step| step.enabled & 1 << turn.process == 0) {
                fits = false;
                break;
            }
            choices.push(choice);
        }
    }
    Ok(Followed { run: up_to(arena, &choices)?, fits })
}

/// A run that goes on as it likes after these choices.
fn up_to(arena: &mut Arena, choices: &[u8]) -> Result<Run, StoreError> {
    arena.run(Plan { choices: choices.to_vec(), describe: true, ..Plan::default() })
}

/// How many steps of `process` there are among these. To begin a transaction is none: it sees
/// nothing yet, and not every store has one.
fn own_steps(steps: &[Step], process: usize) -> usize {
    let own = steps.iter().filter(|step| step.process == process);
    own.filter(|step| !step.label.starts_with("BEGIN")).count()
}

fn is_taken(run: &Run, turn: &Turn, steps: usize) -> bool {
    let answers = answered(run, turn.process, steps);
    if answers != turn.answers {
        return answers > turn.answers;
    }
    let begin = last_answer(run, turn.process, steps);
    own_steps(&run.steps[begin..steps], turn.process) >= turn.steps_more
}

/// How many answers `process` had after the first `steps` steps.
fn answered(run: &Run, process: usize, steps: usize) -> usize {
    let told = run.told.get(process - 1).into_iter().flatten();
    told.filter(|(after, _)| *after < steps).count()
}

/// The step after the one that brought the last of these answers.
fn last_answer(run: &Run, process: usize, steps: usize) -> usize {
    let told = run.told.get(process - 1).into_iter().flatten();
    told.filter(|(after, _)| *after < steps).map(|(after, _)| after + 1).max().unwrap_or(0)
}
