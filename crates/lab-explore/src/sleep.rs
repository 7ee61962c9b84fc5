//! Depth-first search with sleep sets: of schedules that differ only in the order of steps that
//! commute, one is enough.
//!
//! When all that begins with a step of one process has been run, that process sleeps in what is
//! left to be run from the same state, until somebody takes a step that touches what it would
//! touch (Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems", LNCS
//! 1032, 1996). No final state is lost. Two steps commute if neither changes an object that the
//! other touches; what a step touches is recorded while it is taken.

use lab_store::StoreError;

use crate::arena::Arena;
use crate::outcome::outcome;
use crate::run::{Asleep, Cut, Plan, Run, Step, commute};
use crate::search::Search;

/// A state on the path that is being explored.
struct Node {
    enabled: u16,
    /// Who sleeps in this state.
    asleep: Vec<Asleep>,
    /// Whose step was taken here last, and what it touched.
    taken: Asleep,
}

/// Runs one schedule of each kind, up to `runs_max` runs. The result has no schedules in the order
/// of preemptions: it is complete or it says nothing of a bound.
///
/// # Errors
/// The store cannot be opened or seeded.
pub fn explore_reduced(arena: &mut Arena<'_>, runs_max: usize) -> Result<Search, StoreError> {
    let mut search = Search::default();
    let mut path: Vec<Node> = Vec::new();
    for runs in 1..=runs_max {
        let run = arena.run(plan(&path))?;
        extend(&mut path, &run);
        if run.cut != Some(Cut::Asleep) {
            let outcome = outcome(arena, &run);
            search.take(run, outcome, runs);
        }
        if !go_back(&mut path) {
            search.is_complete = true;
            return Ok(search);
        }
    }
    Ok(search)
}

/// The choices of the path, and who sleeps before the last of them.
fn plan(path: &[Node]) -> Plan {
    Plan {
        choices: path.iter().map(|node| node.taken.process).collect(),
        asleep: path.last().map_or(Vec::new(), |node| node.asleep.clone()),
        ..Plan::default()
    }
}

/// Adds the states of the run that come after the path, and notes what the path's last step
/// touched, which is known only now.
fn extend(path: &mut Vec<Node>, run: &Run) {
    let known = path.len();
    if let (Some(node), Some(step)) = (path.last_mut(), run.steps.get(known.wrapping_sub(1))) {
        node.taken = taken(step);
    }
    for step in run.steps.iter().skip(known) {
        let asleep = path.last().map_or(Vec::new(), |node| {
            let sleeps = |one: &&Asleep| {
                one.process != node.taken.process && commute(&one.touches, &node.taken.touches)
            };
            node.asleep.iter().filter(sleeps).cloned().collect()
        });
        path.push(Node { enabled: step.enabled, asleep, taken: taken(step) });
    }
}

fn taken(step: &Step) -> Asleep {
    Asleep { process: u8::try_from(step.process).unwrap_or(u8::MAX), touches: step.touches.clone() }
}

/// Goes back to the last state in which somebody is awake whose step was not taken yet, and takes
/// it; `false` if there is none.
fn go_back(path: &mut Vec<Node>) -> bool {
    while let Some(node) = path.last_mut() {
        let done = node.taken.clone();
        node.asleep.push(done);
        let is_open = |process: &u8| {
            node.enabled & 1 << process != 0
                && node.asleep.iter().all(|one| one.process != *process)
        };
        if let Some(process) = (0..16).find(is_open) {
            node.taken = Asleep { process, touches: Vec::new() };
            return true;
        }
        path.pop();
    }
    false
}
