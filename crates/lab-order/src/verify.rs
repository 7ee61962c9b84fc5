//! Whether the operations of a finding contradict each other, from these alone.

use lab_history::{Ending, Function, Record};
use lab_task::Anomaly;

use crate::certificate::linearize;
use crate::checker::is_over_limit;
use crate::finding::Finding;
use crate::judge::{is_failed_write_of, may_be_failed_write_of};

/// Holds the steps of a finding against the definition of its name, without the checker.
///
/// # Errors
/// Says that they do not show it.
pub fn verify_finding(finding: &Finding) -> Result<(), String> {
    let Finding { anomaly, steps, .. } = finding;
    // What is about one operation rests on all the others.
    let is_of_all = steps.len() == 1
        && matches!(anomaly, Anomaly::DirtyRead | Anomaly::ResurrectedDelete | Anomaly::ReadSkew);
    // Whether it was left by what failed nobody knows, but nothing else was asked to write it.
    let may_be_left = matches!((anomaly, &steps[..]), (Anomaly::DirtyRead, [failed, saw])
        if may_be_failed_write_of(failed, saw));
    if is_of_all || may_be_left || is_proved(*anomaly, steps) {
        return Ok(());
    }
    Err(format!("these are no {anomaly}: {steps:?}"))
}

/// Whether these operations alone, whatever others did, meet the definition of `anomaly`.
pub(crate) fn is_proved(anomaly: Anomaly, steps: &[Record]) -> bool {
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else { return false };
    match anomaly {
        Anomaly::StaleRead | Anomaly::NonMonotonicRead => {
            is_before(first, last) && is_older(last, first)
        }
        Anomaly::LostCreate => is_missed(steps),
        Anomaly::TornList => is_twice_in_one(steps) || is_missed(steps),
        Anomaly::NonRepeatableRead => {
            is_one_operation(first, last) && first.version != last.version
        }
        Anomaly::FutureRead => is_before(first, last) && first.version >= last.version,
        Anomaly::DirtyRead => steps.len() > 1 && is_failed_write_of(first, last),
        Anomaly::TornRead => is_same_version(first, last) && is_other(first, last),
        Anomaly::LostUpdate => is_lost(first, last),
        Anomaly::DuplicateId => steps.len() > 1 && is_made(last) && first.task == last.task,
        Anomaly::DuplicateCreate => first.based_on == last.based_on && first.task != last.task,
        Anomaly::ResurrectedDelete => is_before(first, last) || last.version > first.version,
        Anomaly::DivergentInstances => lives_on_twice(steps),
        Anomaly::ReadSkew => linearize(steps).is_err(),
        Anomaly::WriteSkew => is_over_limit(steps),
    }
}

/// Two made one version, and when both had been answered two contents of it were seen.
fn lives_on_twice(steps: &[Record]) -> bool {
    let [makers @ .., one, other] = steps else { return false };
    let are_before = |read: &Record| makers.iter().all(|made| is_before(made, read));
    makers.len() == 2
        && makers.iter().all(|made| is_made(made) && is_same_version(made, one))
        && are_before(one)
        && are_before(other)
        && is_same_version(one, other)
        && one.content != other.content
}

/// One list has a task twice.
fn is_twice_in_one(steps: &[Record]) -> bool {
    matches!(steps, [one, other] if is_one_operation(one, other))
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

/// Two contents, or two statuses.
fn is_other(a: &Record, b: &Record) -> bool {
    let (one, other) = (a.status, b.status);
    a.content != b.content || one.is_some() && other.is_some() && one != other
}

/// Two made one version, or the last one was applied on top of what it had not seen.
fn is_lost(first: &Record, last: &Record) -> bool {
    let unseen = match last.function {
        Function::Delete => last.version,
        _ => last.version - 1,
    };
    let is_blind = last.based_on != 0 && last.based_on < unseen;
    let is_removal = last.function == Function::Delete && first.version >= last.version;
    let are_removals = [first, last].iter().all(|it| it.function == Function::Delete);
    let is_gone_twice = are_removals && first != last && first.task == last.task && is_made(first);
    let is_again = first != last && first.task == last.task && first.version >= last.version;
    let is_blind = is_blind && last.function != Function::Start;
    is_made(last) && (is_again || is_removal || is_gone_twice || is_blind)
}
