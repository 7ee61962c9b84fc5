//! One sentence of cause, computed from what was read and when it was overwritten.

use lab_runtime::Kind;
use lab_scenario::{Action, Answer, Scenario};
use lab_task::Outcome;

use crate::run::{Run, Step};

/// Why the victim's change is gone, or why a reader met half of something.
pub(crate) fn cause(scenario: &Scenario, run: &Run, victim: Option<usize>) -> Option<String> {
    match victim {
        Some(victim) if run.steps.iter().any(|step| step.stored.is_some()) => {
            overwritten(scenario, run, victim)
        }
        Some(victim) => told(scenario, run, victim),
        None => torn(scenario, run),
    }
}

/// From the states that were seen between the steps.
fn overwritten(scenario: &Scenario, run: &Run, victim: usize) -> Option<String> {
    let shows = |step: &Step| {
        step.stored.as_ref().is_some_and(|task| scenario.shows(victim, &run.before, task))
    };
    let Some(written) = run.steps.iter().position(shows) else {
        return never_seen(scenario, run, victim);
    };
    let is_gone = |step: &Step| step.stored.is_some() && !shows(step);
    let gone = written + run.steps[written..].iter().position(is_gone)?;
    let by = run.steps[gone].process;
    let read = read_before(scenario, run, by, gone)?;
    let seen = run.steps[..read].iter().rev().find_map(|step| step.stored.as_ref());
    let version = seen.unwrap_or(&run.before).version;
    let by = &scenario.processes.get(by - 1)?.name;
    Some(format!(
        "{by} wrote at step {} what it had read at step {} ({version}), before {}'s write at step {}",
        gone + 1,
        read + 1,
        scenario.processes[victim].name,
        written + 1
    ))
}

/// The step at which `process` read what it wrote at the step `written`.
fn read_before(scenario: &Scenario, run: &Run, process: usize, written: usize) -> Option<usize> {
    let client = process - 1;
    if scenario.processes.get(client)?.actions.contains(&Action::Open) {
        let opened = run.told[client].iter().rev();
        let mut opened = opened.filter(|(_, told)| matches!(told.answer, Ok(Answer::Opened(_))));
        return opened.find(|(step, _)| *step < written).map(|(step, _)| *step);
    }
    let reads =
        |step: &Step| step.process == process && (step.kind == Kind::Read || step.label == "lock");
    run.steps[..written].iter().rposition(reads)
}

/// Where the victim's write never took: it waited for another to commit, and changed nothing.
fn never_seen(scenario: &Scenario, run: &Run, victim: usize) -> Option<String> {
    let last = run.steps.iter().rposition(|step| step.process == victim + 1)?;
    Some(format!(
        "{}'s change was acknowledged at step {} and never stored",
        scenario.processes[victim].name,
        last + 1
    ))
}

/// From what the clients were told, where nobody could look between the steps.
fn told(scenario: &Scenario, run: &Run, victim: usize) -> Option<String> {
    let applied = |process: &usize| {
        let told = run.told[*process].iter().rev();
        told.filter(|(_, told)| matches!(told.answer, Ok(Answer::Changed(Outcome::Applied(_)))))
            .map(|(step, _)| *step)
            .next()
    };
    let others = (0..scenario.processes.len()).filter(|process| *process != victim);
    let by = others.max_by_key(applied)?;
    Some(format!(
        "{} wrote last, from a copy that it had read before {}'s write",
        scenario.processes[by].name, scenario.processes[victim].name
    ))
}

/// A reader that came while another process was in the middle of its write.
fn torn(scenario: &Scenario, run: &Run) -> Option<String> {
    let failed = run.told.iter().enumerate().find_map(|(client, told)| {
        let failed = told.iter().find(|(_, told)| told.answer.is_err())?;
        Some((client, failed.0))
    });
    let Some((reader, at)) = failed else {
        return Some("two rewrites overlapped: what is left is neither of them".to_owned());
    };
    let is_other = |step: &Step| step.process != reader + 1;
    let before = run.steps[..at].iter().rposition(is_other)?;
    let writer = run.steps[before].process;
    let after = run.steps[at..].iter().position(|step| step.process == writer);
    let until = after.map_or("the end".to_owned(), |after| format!("step {}", at + after + 1));
    Some(format!(
        "{} read at step {}, while {} was in the middle of its write (from step {} to {until})",
        scenario.processes[reader].name,
        at + 1,
        scenario.processes.get(writer - 1)?.name,
        before + 1
    ))
}
