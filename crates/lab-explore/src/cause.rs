//! One sentence of cause, computed from what was read and when it was overwritten.

use lab_runtime::Kind;
use lab_scenario::{Action, Answer, Judgement, Scenario, Script};
use lab_task::{Anomaly, Outcome, Task};

use crate::run::{Run, Step};

/// Why it came to the anomaly of this run; `None` if nobody could see it.
pub(crate) fn cause(scenario: &Scenario, run: &Run) -> Option<String> {
    let Judgement::Anomaly { anomaly, victim, .. } = &run.judgement else {
        return None;
    };
    match (anomaly, victim) {
        (Anomaly::TornRead, _) => torn(scenario, run),
        (Anomaly::WriteSkew, _) => skewed(scenario, run),
        (Anomaly::DuplicateCreate, _) => retried(run),
        (Anomaly::DivergentInstances, _) => {
            Some("each instance keeps its tasks to itself, in its own memory".to_owned())
        }
        // Which of several changes is the one that was lost does not show in what is stored.
        (_, Some(victim)) if changes(scenario, *victim) > 1 => None,
        (_, Some(victim)) if run.steps.iter().any(|step| step.stored.is_some()) => {
            overwritten(scenario, run, *victim)
        }
        (_, Some(victim)) => told(scenario, run, *victim),
        (_, None) => None,
    }
}

fn changes(scenario: &Scenario, process: usize) -> usize {
    let actions = scenario.processes[process].actions.iter();
    actions.filter(|action| matches!(action, Action::Edit(..) | Action::SaveCopy(_))).count()
}

/// From the states that were seen between the steps.
fn overwritten(scenario: &Scenario, run: &Run, victim: usize) -> Option<String> {
    let shows = |tasks: &[Task]| scenario.shows(victim, &run.before, tasks);
    let does = |step: &Step| step.stored.as_deref().is_some_and(shows);
    let does_not = |step: &Step| step.stored.as_deref().is_some_and(|tasks| !shows(tasks));
    let Some(written) = run.steps.iter().position(does) else {
        return never_seen(scenario, run, victim);
    };
    let gone = written + run.steps[written..].iter().position(does_not)?;
    let by = run.steps[gone].process;
    let read = read_before(scenario, run, by, gone)?;
    Some(format!(
        "{} wrote at step {} what it had read at step {}, before {}'s write at step {}",
        scenario.processes.get(by - 1)?.name,
        gone + 1,
        read + 1,
        scenario.processes[victim].name,
        written + 1
    ))
}

/// The step at which `process` read what it wrote at the step `written`.
fn read_before(scenario: &Scenario, run: &Run, process: usize, written: usize) -> Option<usize> {
    let client = process - 1;
    let opens = |action: &Action| matches!(action, Action::Open(_));
    let is_edit_delete = matches!(
        &scenario.script,
        Script::Named(size) if size.name == lab_store::ScenarioName::EditDelete
    );
    let is_stale_copy =
        scenario.processes.get(client)?.actions.iter().any(opens) && !is_edit_delete;
    if is_stale_copy {
        let opened = run.told[client].iter().rev();
        let mut opened = opened.filter(|(_, told)| matches!(told.answer, Ok(Answer::Opened(_))));
        return opened.find(|(step, _)| *step < written).map(|(step, _)| *step);
    }
    run.steps[..written].iter().rposition(|step| step.process == process && reads(step))
}

/// A SELECT reads also where it locks.
fn reads(step: &Step) -> bool {
    step.kind == Kind::Read || step.label == "lock" || step.label.starts_with("SELECT")
}

/// Where the victim's write never took: it changed nothing that anybody saw.
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
        let mut told = run.told[*process].iter().rev();
        let applied =
            told.find(|(_, told)| matches!(told.answer, Ok(Answer::Changed(Outcome::Applied(_)))));
        applied.map(|(step, _)| *step)
    };
    let others = (0..scenario.processes.len()).filter(|process| *process != victim);
    let by = others.max_by_key(applied)?;
    Some(format!(
        "{} wrote last, from a copy that it had read before {}'s write",
        scenario.processes[by].name, scenario.processes[victim].name
    ))
}

/// Decisions that were all made before the first of them was written.
fn skewed(scenario: &Scenario, run: &Run) -> Option<String> {
    let mut before = run.before.as_slice();
    let mut first_write = None;
    for (at, step) in run.steps.iter().enumerate() {
        let Some(now) = step.stored.as_deref() else { continue };
        if now != before && first_write.is_none() {
            first_write = Some(at);
        }
        before = now;
    }
    let write = first_write?;
    let looked: Vec<String> = (1..=scenario.processes.len())
        .filter_map(|process| {
            let read = |step: &Step| step.process == process && reads(step);
            let at = run.steps[..write].iter().rposition(read)?;
            Some(format!("{} looked at step {}", scenario.processes[process - 1].name, at + 1))
        })
        .collect();
    Some(format!("{}: all before the first write, at step {}", looked.join(", "), write + 1))
}

/// The first try had taken effect when its answer was lost.
fn retried(run: &Run) -> Option<String> {
    let tries = run.told.first()?.iter();
    let mut tries = tries.filter(|(_, told)| matches!(told.action, Action::CreateRetried(..)));
    let (first, (second, _)) = (tries.next()?.0, tries.next()?);
    Some(format!(
        "the first create had taken effect when its answer was lost at step {}; the store did \
         not know the second, at step {}, for the same request",
        first + 1,
        second + 1
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
