//! One sentence of cause, computed from what was read and when it was overwritten.

use std::collections::BTreeMap;

use lab_scenario::{Action, Answer, Asked, Judgement, Scenario, Told};
use lab_task::{Anomaly, Outcome, Task};

use crate::run::{Run, Step};
use crate::sight::Sight;

/// Why it came to the anomaly of this run; `None` if nobody could see it.
pub(crate) fn cause(scenario: &Scenario, run: &Run) -> Option<String> {
    let Judgement::Anomaly { anomaly, victim, .. } = &run.judgement else {
        return None;
    };
    match (anomaly, *victim) {
        (Anomaly::TornRead, _) => torn(scenario, run),
        (Anomaly::WriteSkew, _) => skewed(scenario, run),
        (Anomaly::DuplicateCreate, _) => retried(run),
        (Anomaly::DivergentInstances, Some(victim)) => divergent(scenario, run, victim),
        (Anomaly::ReadSkew, Some(victim)) => changed_between(scenario, run, victim),
        (_, Some(victim)) if run.steps.iter().any(|step| step.stored.is_some()) => {
            overwritten(scenario, run, victim)
        }
        (_, Some(victim)) => told(scenario, run, victim),
        (_, None) => None,
    }
}

fn asked(run: &Run, Asked { process, nth }: Asked) -> Option<&(usize, Told)> {
    run.told.get(process)?.get(nth)
}

/// From the states that were seen between the steps.
fn overwritten(scenario: &Scenario, run: &Run, victim: Asked) -> Option<String> {
    let (_, Told { action, .. }) = asked(run, victim)?;
    let shows = |tasks: &[Task]| scenario.shows(victim.process, action, &run.before, tasks);
    let does = |step: &Step| step.stored.as_deref().is_some_and(shows);
    let does_not = |step: &Step| step.stored.as_deref().is_some_and(|tasks| !shows(tasks));
    let Some(written) = run.steps.iter().position(does) else {
        return never_seen(scenario, run, victim);
    };
    let gone = written + run.steps[written..].iter().position(does_not)?;
    let by = run.steps[gone].process;
    let read = read_before(run, by, gone, matches!(action, Action::Delete(_)))?;
    Some(format!(
        "{} wrote at step {} what it had read at step {}, before {}'s write at step {}",
        scenario.processes.get(by - 1)?.name,
        gone + 1,
        read + 1,
        scenario.processes[victim.process].name,
        written + 1
    ))
}

/// The step at which `process` read what it wrote at the step `written`. Whoever saves a copy had
/// read it when it was opened; but a copy of what `was_deleted` is refused, unless the store read
/// it before that.
fn read_before(run: &Run, process: usize, written: usize, was_deleted: bool) -> Option<usize> {
    let told = &run.told[process - 1];
    let request = told.iter().find(|(after, _)| *after >= written);
    let saves = request.is_some_and(|(_, told)| matches!(told.action, Action::SaveCopy(_)));
    if saves && !was_deleted {
        let mut opened = told.iter().rev();
        let is_opened = |told: &Told| matches!(told.answer, Ok(Answer::Opened(_)));
        return opened.find(|(at, told)| *at < written && is_opened(told)).map(|(at, _)| *at);
    }
    let sight = Sight::new(run);
    run.steps[..written].iter().rposition(|step| step.process == process && sight.reads_tasks(step))
}

/// Where the victim's write never took: it changed nothing that anybody saw.
fn never_seen(scenario: &Scenario, run: &Run, victim: Asked) -> Option<String> {
    let (answered, _) = asked(run, victim)?;
    Some(format!(
        "{}'s change was acknowledged at step {} and never stored",
        scenario.processes[victim.process].name,
        answered + 1
    ))
}

/// From what the clients were told, where nobody could look between the steps: who saved last had
/// got its copy before the victim was told that its change is saved.
fn told(scenario: &Scenario, run: &Run, victim: Asked) -> Option<String> {
    let (victim_saved, _) = asked(run, victim)?;
    let is_applied = |told: &Told| matches!(told.answer, Ok(Answer::Changed(Outcome::Applied(_))));
    let is_opened = |told: &Told| matches!(told.answer, Ok(Answer::Opened(Some(_))));
    let others = (0..run.told.len()).filter(|process| *process != victim.process);
    let last = |process: usize| {
        let saved = run.told[process].iter().rev().find(|(_, told)| is_applied(told))?.0;
        let opened = run.told[process].iter().rev().find(|(_, told)| is_opened(told))?.0;
        (opened < *victim_saved).then_some((saved, opened, process))
    };
    let (saved, opened, by) = others.filter_map(last).max()?;
    Some(format!(
        "{}'s copy is from step {}, and was saved by step {}; meanwhile, at step {}, {} was told \
         that its own is saved",
        scenario.processes[by].name,
        opened + 1,
        saved + 1,
        victim_saved + 1,
        scenario.processes[victim.process].name
    ))
}

/// Whose instance has not got what another one has.
fn divergent(scenario: &Scenario, run: &Run, victim: Asked) -> Option<String> {
    let (at, _) = asked(run, victim)?;
    // Who finds nothing may not even come to a step.
    let took_it = run.steps[*at].process == victim.process + 1;
    let when = if took_it { format!(" at step {}", at + 1) } else { String::new() };
    Some(format!(
        "the task was created through instance 1; {} asked instance {}{when}, and what one \
         instance keeps does not reach the other",
        scenario.processes[victim.process].name,
        victim.process % scenario.instances + 1,
    ))
}

/// A reader that looked more than once, and what was written in between.
fn changed_between(scenario: &Scenario, run: &Run, reader: Asked) -> Option<String> {
    let (answered, _) = asked(run, reader)?;
    let begun =
        reader.nth.checked_sub(1).map_or(0, |before| run.told[reader.process][before].0 + 1);
    let own = (begun..=*answered).filter(|at| run.steps[*at].process == reader.process + 1);
    let sight = Sight::new(run);
    let looks: Vec<usize> = own.filter(|at| sight.reads_tasks(&run.steps[*at])).collect();
    let (first, last) = (*looks.first()?, *looks.last()?);
    let mut known = run.steps[first].stored.as_deref()?;
    let mut writes = Vec::new();
    for (at, step) in run.steps.iter().enumerate().take(last).skip(first + 1) {
        let Some(now) = step.stored.as_deref() else { continue };
        if now != known {
            let name = &scenario.processes.get(step.process - 1)?.name;
            writes.push(format!("{name} wrote at step {}", at + 1));
        }
        known = now;
    }
    if writes.is_empty() {
        return None;
    }
    Some(format!(
        "{} looked at step {} and at step {}, and in between {}",
        scenario.processes[reader.process].name,
        first + 1,
        last + 1,
        writes.join(" and ")
    ))
}

/// Decisions that were all made before the first of them was written, or in a snapshot from then.
fn skewed(scenario: &Scenario, run: &Run) -> Option<String> {
    let writes = writes(run);
    let first_write = *writes.first()?;
    let mut sight = Sight::new(run);
    let mut looked: BTreeMap<usize, (usize, Option<usize>)> = BTreeMap::new();
    for (at, step) in run.steps.iter().enumerate() {
        let saw = sight.of(at, step);
        // What it decides on was seen before its own write.
        let has_written =
            writes.iter().any(|write| *write <= at && run.steps[*write].process == step.process);
        if (saw.is_some() || sight.reads_tasks(step)) && !has_written {
            looked.insert(step.process, (at, sight.snapshot(step.process)));
        }
    }
    let words = looked.into_iter().filter_map(|(process, (at, snapshot))| {
        let name = &scenario.processes.get(process - 1)?.name;
        let looked = format!("{name} looked at step {}", at + 1);
        match snapshot.filter(|taken| at > first_write && *taken < first_write) {
            Some(taken) => Some(format!("{looked}, in its snapshot of step {}", taken + 1)),
            None => (at < first_write).then_some(looked),
        }
    });
    let words: Vec<String> = words.collect();
    let when = format!("before the first write, at step {}", first_write + 1);
    Some(format!("{}: all as it was {when}", words.join("; ")))
}

/// The steps at which the stored tasks changed.
fn writes(run: &Run) -> Vec<usize> {
    let mut known = run.before.as_slice();
    let mut writes = Vec::new();
    for (at, step) in run.steps.iter().enumerate() {
        let Some(now) = step.stored.as_deref() else { continue };
        if now != known {
            writes.push(at);
        }
        known = now;
    }
    writes
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
