//! A schedule in the making: where everybody stands after its first steps, and who can go next.

use lab_task::Task;
use lab_witness::Witness;

use crate::arena::Arena;
use crate::replay::ReplayError;
use crate::row::intent;
use crate::run::{Cut, Plan, Run};
use crate::search::Search;
use crate::witness::{add_shares, transcript};

/// Where everybody stands after the first steps of a schedule.
#[derive(Clone, Debug)]
pub struct Position {
    /// The steps so far, with no more than could be seen when the last of them was taken.
    pub run: Run,
    /// How it can go on.
    pub next: Next,
}

/// How a schedule can go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// One of these takes the next step.
    Choice(Vec<Move>),
    /// Not at all: every client has done its part.
    Over,
    /// Not at all: nobody can go.
    Stuck(Cut),
}

/// A step that could be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// By whom; clients count from 1, threads of the store come after them.
    pub process: u8,
    /// What it would do, without what would come of it.
    pub does: String,
}

impl Position {
    /// Runs `schedule` and stops there. Each move is looked up by a run that makes it.
    ///
    /// # Errors
    /// The store cannot be opened, or the schedule does not fit its code.
    pub fn after(arena: &mut Arena, schedule: &[u8]) -> Result<Self, ReplayError> {
        let run = run_up_to(arena, schedule)?;
        let ahead = arena.run(Plan { choices: schedule.to_vec(), ..Plan::default() })?;
        let next = match (ahead.steps.get(schedule.len()), ahead.cut) {
            (Some(step), _) => Next::Choice(moves(arena, schedule, &run, step.enabled)?),
            (None, None) => Next::Over,
            (None, Some(cut)) => Next::Stuck(cut),
        };
        Ok(Self { run, next })
    }

    /// The steps so far in lanes, with what the search says of the schedules that begin like this.
    pub fn witness(&self, arena: &Arena, search: &Search) -> Witness {
        let mut witness = transcript(arena, &self.run);
        add_shares(&mut witness, search, &self.run.schedule());
        witness
    }
}

/// The schedule and not a step more: a run that went on would tell in the rows of processes that
/// wait what they are answered later.
fn run_up_to(arena: &mut Arena, schedule: &[u8]) -> Result<Run, ReplayError> {
    let choices = schedule.to_vec();
    let plan = Plan { choices, is_complete: true, ..Plan::default() };
    let run = arena.run(Plan { describe: true, look_inside: true, ..plan })?;
    match &run.cut {
        Some(cut) if run.steps.len() < schedule.len() => Err(ReplayError::Cut(cut.clone())),
        _ => Ok(run),
    }
}

fn moves(
    arena: &mut Arena,
    schedule: &[u8],
    run: &Run,
    enabled: u16,
) -> Result<Vec<Move>, ReplayError> {
    let before = stored(run).to_vec();
    let processes = (0..16_u8).filter(|process| enabled & 1 << process != 0);
    let moves = processes.map(|process| {
        let run = run_up_to(arena, &[schedule, &[process]].concat())?;
        let does = run.steps.last().map_or(String::new(), |step| intent(step, &before));
        Ok(Move { process, does })
    });
    moves.collect()
}

/// The stored tasks as they were seen last.
fn stored(run: &Run) -> &[Task] {
    run.steps.iter().rev().find_map(|step| step.stored.as_deref()).unwrap_or(&run.before)
}

#[cfg(test)]
mod tests {
    use lab_scenario::{Judgement, Scenario};
    use lab_store::Site;

    use super::*;
    use crate::stepped::Stepped;

    fn after(store: &str, scenario: &str, schedule: &[u8]) -> Result<Position, ReplayError> {
        let entries = store_memory::entries::<Stepped>();
        let entry = entries.into_iter().find(|entry| entry.name == store).unwrap();
        let scenario = Scenario::sized(scenario.parse().unwrap());
        Position::after(&mut Arena::new(entry, &scenario, Site::default()), schedule)
    }

    fn moves(position: &Position) -> Vec<(u8, &str)> {
        match &position.next {
            Next::Choice(moves) => moves.iter().map(|one| (one.process, &*one.does)).collect(),
            Next::Over | Next::Stuck(_) => Vec::new(),
        }
    }

    #[test]
    fn it_is_known_who_can_go_and_what_each_would_do() {
        let position = after("memory/naive_vec", "log_time", &[]).unwrap();
        assert_eq!(moves(&position), [(1, "read"), (2, "read")]);
        let position = after("memory/naive_vec", "log_time", &[1, 2]).unwrap();
        assert_eq!(moves(&position), [(1, "write"), (2, "write")]);
        assert_eq!(position.run.schedule(), [1, 2]);
        let position = after("memory/naive_vec", "log_time", &[1, 2, 2]).unwrap();
        assert_eq!(moves(&position), [(1, "write")]);
    }

    #[test]
    fn a_whole_schedule_is_over_and_judged() {
        let position = after("memory/naive_vec", "log_time", &[1, 2, 2, 1]).unwrap();
        assert_eq!(position.next, Next::Over);
        assert!(matches!(position.run.judgement, Judgement::Anomaly { .. }));
    }

    #[test]
    fn a_position_tells_nothing_of_what_comes_later() {
        for store in store_memory::entries::<Stepped>() {
            let position = after(store.name, "two_editors", &[1]).unwrap();
            assert_eq!(position.run.steps.len(), 1);
            let told_later = position.run.told.iter().flatten().any(|(step, _)| *step > 0);
            assert!(!told_later && position.run.told[1].is_empty(), "{}", store.name);
        }
    }

    #[test]
    fn a_schedule_that_nobody_can_run_is_refused() {
        let refused = after("memory/mutex", "log_time", &[1, 1]);
        assert!(matches!(refused, Err(ReplayError::Cut(Cut::Diverged { step: 1 }))));
    }
}
