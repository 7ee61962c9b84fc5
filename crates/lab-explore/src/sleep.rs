//! Depth-first search that leaves out what would lead to nothing new: of schedules that differ only
//! in the order of steps that commute, one is enough.
//!
//! Two rules do that. When all that begins with a step of one process has been run, that process
//! sleeps in what is left to be run from the same state, until somebody takes a step that touches
//! what it would touch (Godefroid, "Partial-Order Methods for the Verification of Concurrent
//! Systems", LNCS 1032, 1996). And another process is tried in a state only where a race of the
//! steps that were run asks for it (Abdulla, Aronis, Jonsson, Sagonas, "Optimal Dynamic Partial
//! Order Reduction", POPL 2014: source sets), see `race.rs`. No final state is lost. Two steps
//! commute if neither changes an object that the other touches; what a step touches is recorded
//! while it is taken.

use lab_store::StoreError;

use crate::arena::Arena;
use crate::outcome::outcome;
use crate::race::{Clock, want_reversals};
use crate::run::{Asleep, Cut, Plan, Run, Step, commute};
use crate::search::Search;

/// A state on the path that is being explored.
pub(crate) struct Node {
    pub(crate) enabled: u16,
    /// Who sleeps in this state.
    pub(crate) asleep: Vec<Asleep>,
    /// Whose step was taken here last, and what it touched.
    pub(crate) taken: Asleep,
    /// Whose step is to be taken here, one bit each.
    pub(crate) wanted: u16,
    /// What came before the step that was taken here, and had to.
    pub(crate) clock: Clock,
}

/// Runs one schedule of each kind, up to `runs_max` runs. The result has no schedules in the order
/// of preemptions: it is complete or it says nothing of a bound.
///
/// # Errors
/// The store cannot be opened or seeded.
pub fn explore_reduced(arena: &mut Arena, runs_max: usize) -> Result<Search, StoreError> {
    let mut search = Search::default();
    let mut path: Vec<Node> = Vec::new();
    for runs in 1..=runs_max {
        let run = arena.run(plan(&path))?;
        let known = path.len();
        extend(&mut path, &run);
        if arena.waits_in_server() || !is_understood(&run) {
            path.iter_mut().for_each(|node| node.wanted = node.enabled);
        } else {
            want_reversals(&mut path, known.saturating_sub(1), run.left_out);
        }
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

/// Whether the races of the run's steps are all that could have gone otherwise: who waits in a
/// deadlock has a step before him that was not taken.
fn is_understood(run: &Run) -> bool {
    matches!(run.cut, None | Some(Cut::Asleep))
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
        let (enabled, taken) = (step.enabled, taken(step));
        path.push(Node { enabled, asleep, wanted: 0, clock: Clock::default(), taken });
    }
}

fn taken(step: &Step) -> Asleep {
    Asleep { process: u8::try_from(step.process).unwrap_or(u8::MAX), touches: step.touches.clone() }
}

/// Goes back to the last state in which somebody is awake whose step is wanted and was not taken
/// yet, and takes it; `false` if there is none.
fn go_back(path: &mut Vec<Node>) -> bool {
    while let Some(node) = path.last_mut() {
        let done = node.taken.clone();
        node.asleep.push(done);
        let is_open = |process: &u8| {
            node.enabled & node.wanted & 1 << process != 0
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
