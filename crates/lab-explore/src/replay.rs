//! Runs one schedule again.

use lab_scenario::Judgement;
use lab_store::StoreError;

use crate::arena::Arena;
use crate::run::{Cut, Plan, Run};

/// A schedule that did not do again what it did before.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The store cannot be opened or seeded.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The schedule does not fit the code as it is now.
    #[error("{}", cut(.0))]
    Cut(Cut),
    /// It runs to its end and shows something else.
    #[error("the schedule runs to its end, and shows something else: {0:?}")]
    Otherwise(Judgement),
}

fn cut(cut: &Cut) -> String {
    match cut {
        Cut::Diverged { step } => format!(
            "the schedule does not fit the store as it is now: it differs from step {} on; if it \
             was typed, compare it letter by letter, else search anew with `racelab race`",
            step + 1
        ),
        Cut::Deadlock => "the schedule ends in a deadlock".to_owned(),
        Cut::ServerDecides => "which session goes on is the server's choice here".to_owned(),
        Cut::Asleep => "the schedule leads to nothing new".to_owned(),
        Cut::Panicked(message) => format!("the store panicked: {message}"),
    }
}

/// Runs `schedule`, to the letter, with an observer who looks after each step. One that ends in a
/// deadlock is a failed run like any other.
///
/// # Errors
/// The store cannot be opened, or the schedule does not fit its code.
pub fn replay(arena: &mut Arena, schedule: &[u8]) -> Result<Run, ReplayError> {
    let choices = schedule.to_vec();
    let plan = Plan { choices, is_complete: true, ..Plan::default() };
    let run = arena.run(Plan { describe: true, look_inside: true, ..plan })?;
    // Its end comes before that of the schedule: those steps are not there.
    let ended = run.steps.len();
    match run.cut {
        None if ended < schedule.len() => Err(ReplayError::Cut(Cut::Diverged { step: ended })),
        None | Some(Cut::Deadlock) => Ok(run),
        Some(cut) => Err(ReplayError::Cut(cut)),
    }
}
