//! Whether the operations of a finding contradict each other, from these alone.

use lab_history::{Ending, Function, Record};
use lab_task::Anomaly;

use crate::certificate::linearize;
use crate::checker::is_over_limit;
use crate::finding::Finding;

/// Holds the steps of a finding against the definition of its name, without the checker.
///
/// # Errors
/// Says that they do not show it.
pub fn verify_finding(finding: &Finding) -> Result<(), String> {
    let steps = &finding.steps;
    let last = steps.last().ok_or("a finding without a step")?;
    let first = &steps[0];
    let is_shown = match finding.anomaly {
        Anomaly::StaleRead | Anomaly::NonMonotonicRead => {
            is_before(first, last) && is_older(last, first)
        }
        Anomaly::LostCreate => is_missed(steps),
        Anomaly::TornList => is_one_operation(first, last) || is_missed(steps),
        Anomaly::NonRepeatableRead => {
            is_one_operation(first, last) && first.version != last.version
        }
        Anomaly::FutureRead => is_before(first, last) && first.version >= last.version,
        Anomaly::DirtyRead => steps.len() == 1 || !is_applied(first),
        Anomaly::TornRead => is_same_version(first, last) && first.content != last.content,
        Anomaly::LostUpdate => is_lost(first, last),
        Anomaly::DuplicateId => is_made(last) && first.task == last.task,
        Anomaly::DuplicateCreate => first.based_on == last.based_on && first.task != last.task,
        Anomaly::ResurrectedDelete => {
            steps.len() == 1 || is_before(first, last) || last.version > first.version
        }
        Anomaly::DivergentInstances => {
            let [.., one, other] = steps.as_slice() else { return Err("too few steps".to_owned()) };
            is_same_version(one, other) && one.content != other.content
        }
        // That a count was never true takes the whole history to see.
        Anomaly::ReadSkew => steps.len() == 1 || linearize(steps).is_err(),
        Anomaly::WriteSkew => is_over_limit(steps),
    };
    if is_shown { Ok(()) } else { Err(format!("these are no {}: {steps:?}", finding.anomaly)) }
}

fn is_before(a: &Record, b: &Record) -> bool {
    a.answered < b.invoked
}

fn is_older(read: &Record, newer: &Record) -> bool {
    read.task == newer.task && (is_absent(read) || read.version < newer.version)
}

fn is_absent(record: &Record) -> bool {
    record.ending == Ending::NotFound || record.function == Function::List
}

/// It was not found after somebody had been told of it, or in a list that shows later things.
fn is_missed(steps: &[Record]) -> bool {
    match steps {
        [told, missed] => is_before(told, missed) && is_absent(missed),
        _ => linearize(steps).is_err(),
    }
}

fn is_applied(record: &Record) -> bool {
    record.ending == Ending::Ok
}

fn is_made(record: &Record) -> bool {
    is_applied(record) && record.function.is_change()
}

fn is_one_operation(a: &Record, b: &Record) -> bool {
    (a.process, a.invoked, a.task) == (b.process, b.invoked, b.task)
}

fn is_same_version(a: &Record, b: &Record) -> bool {
    (a.task, a.version) == (b.task, b.version)
}

/// Two made one version, or the last one was applied on top of what it had not seen.
fn is_lost(first: &Record, last: &Record) -> bool {
    let unseen = match last.function {
        Function::Delete => last.version,
        _ => last.version - 1,
    };
    let is_blind = last.based_on != 0 && last.based_on < unseen;
    let is_removal = last.function == Function::Delete && first.version >= last.version;
    let is_again = first != last && first.task == last.task && first.version >= last.version;
    is_made(last) && (is_again || is_removal || is_blind && last.function != Function::Start)
}
