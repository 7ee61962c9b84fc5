//! The sentence of cause for a data race.

use lab_explore::Step;
use lab_runtime::Kind;
use lab_scenario::Scenario;

/// Which access the last step meets, if it is one to a cell: the last by another process, of which
/// one of the two writes. Between them no order was made, or loom would not have stopped.
pub(crate) fn cause(scenario: &Scenario, steps: &[Step]) -> Option<String> {
    let last = steps.last()?;
    let touch = last.touches.first()?;
    let meets = |step: &Step| {
        let same = step.touches.iter().find(|other| other.object == touch.object);
        step.process != last.process && same.is_some_and(|one| one.is_write || touch.is_write)
    };
    let before = steps.iter().rposition(meets)?;
    let (one, other) = (name(scenario, last)?, name(scenario, &steps[before])?);
    let (does, did) = (verb(last), noun(&steps[before]));
    let (now, then) = (steps.len(), before + 1);
    let cause = format!(
        "{one} {does} at step {now}, and nothing orders that after {other}'s {did} at step {then}"
    );
    let publishes = |step: &&Step| {
        step.process == steps[before].process
            && step.kind == Kind::Write
            && step.label.ends_with("(Relaxed)")
    };
    let relaxed = steps[before..].iter().position(|step| publishes(&step));
    Some(relaxed.map_or(cause.clone(), |after| {
        format!("{cause}: the store at step {} is Relaxed and publishes only itself", then + after)
    }))
}

fn name<'a>(scenario: &'a Scenario, step: &Step) -> Option<&'a str> {
    Some(&scenario.processes.get(step.process - 1)?.name)
}

fn verb(step: &Step) -> &'static str {
    if step.kind == Kind::Read { "reads" } else { "writes" }
}

fn noun(step: &Step) -> &'static str {
    if step.kind == Kind::Read { "read" } else { "write" }
}
