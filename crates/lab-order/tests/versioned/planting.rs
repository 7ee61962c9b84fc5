//! Correct histories in which one answer is exchanged for a wrong one.

use fastrand::Rng;
use lab_history::{Ending, Function, Record, content_hash};
use lab_task::{Anomaly, Task, Title};

use crate::simulation::Run;

/// Exchanges one answer, if there is one that can show `anomaly`.
pub(crate) fn plant(anomaly: Anomaly, run: &mut Run, seed: u64) -> bool {
    let mut places: Vec<usize> = (0..run.records.len()).collect();
    Rng::with_seed(seed).shuffle(&mut places);
    places.into_iter().any(|at| match anomaly {
        Anomaly::StaleRead => old_read(run, at, false),
        Anomaly::NonMonotonicRead => old_read(run, at, true),
        Anomaly::FutureRead => future_read(run, at),
        Anomaly::DirtyRead => dirty_read(run, at),
        Anomaly::TornRead => torn_read(run, at),
        Anomaly::TornList => torn_list(run, at),
        Anomaly::NonRepeatableRead => non_repeatable_read(run, at),
        Anomaly::ReadSkew => read_skew(run, at),
        _ => false,
    })
}

fn is_get(record: &Record) -> bool {
    record.function == Function::Get && record.ending == Ending::Ok
}

fn shows(record: &Record, task: u64) -> bool {
    record.task == task
        && (matches!(record.function, Function::Get | Function::Listed)
            || record.function.is_change() && record.function != Function::Create)
        && matches!(record.ending, Ending::Ok | Ending::Stale)
}

fn show(record: &mut Record, task: &Task) {
    record.version = task.version.0;
    record.status = Some(task.status);
    record.content = content_hash(task);
}

/// A read sees the version before the one that somebody, or the reader, was told of.
fn old_read(run: &mut Run, at: usize, is_own: bool) -> bool {
    let read = run.records[at];
    if !is_get(&read) {
        return false;
    }
    let mut told = run.records.iter().filter(|it| {
        shows(it, read.task) && it.answered < read.invoked && it.version == read.version
    });
    let is_told = told.clone().next().is_some();
    let own = told.any(|it| it.process == read.process);
    let Some(old) = run.contents.get(&(read.task, read.version - 1)) else { return false };
    if !is_told || own != is_own {
        return false;
    }
    show(&mut run.records[at], old);
    true
}

/// A read sees what is written by a change that was not yet asked for.
fn future_read(run: &mut Run, at: usize) -> bool {
    let read = run.records[at];
    let is_next = |it: &&Record| {
        it.function.is_change()
            && (it.ending, it.task, it.version) == (Ending::Ok, read.task, read.version + 1)
            && it.function != Function::Delete
            && it.invoked > read.answered
    };
    if !is_get(&read) || !run.records.iter().any(|it| is_next(&it)) {
        return false;
    }
    let next = &run.contents[&(read.task, read.version + 1)];
    show(&mut run.records[at], next);
    true
}

/// A read sees what a save wrote that was refused, and not what its version holds: a save made
/// that, or somebody else saw it. After an edit nobody else can say what it holds.
fn dirty_read(run: &mut Run, at: usize) -> bool {
    let read = run.records[at];
    let is_known = run.records.iter().enumerate().any(|(other, it)| {
        other != at
            && it.content != 0
            && (it.ending, it.task, it.version) == (Ending::Ok, read.task, read.version)
    });
    if !is_known {
        return false;
    }
    let mut refused = run.records.iter().filter(|it| {
        (it.function, it.ending, it.task) == (Function::Save, Ending::Stale, read.task)
            && it.answered < read.invoked
            && it.content != read.content
    });
    let Some(refused) = refused.next().copied() else { return false };
    if !is_get(&read) {
        return false;
    }
    run.records[at].content = refused.content;
    true
}

/// A read sees the title of one version with the rest of another.
fn torn_read(run: &mut Run, at: usize) -> bool {
    let read = run.records[at];
    let same = run.records.iter().filter(|it| {
        matches!(it.function, Function::Get | Function::Listed | Function::Save)
            && (it.ending, it.task, it.version) == (Ending::Ok, read.task, read.version)
    });
    if !is_get(&read) || same.count() < 3 {
        return false;
    }
    let title = Title::new("half of a title").unwrap();
    let torn = Task { title, ..run.contents[&(read.task, read.version)].clone() };
    show(&mut run.records[at], &torn);
    true
}

/// A list lacks a task, or has it twice.
fn torn_list(run: &mut Run, at: usize) -> bool {
    let listed = run.records[at];
    if listed.function != Function::Listed {
        return false;
    }
    let is_list = |it: &Record| {
        (it.function, it.process, it.invoked) == (Function::List, listed.process, listed.invoked)
    };
    let list = run.records.iter().position(is_list).unwrap();
    if at.is_multiple_of(2) {
        run.records.insert(at, listed);
        run.records[list].task += 1;
        return true;
    }
    let is_beside = |it: &Record| it.invoked < listed.answered && it.answered > listed.invoked;
    let about = || run.records.iter().filter(|it| it.task == listed.task);
    let is_there = about().any(|it| shows(it, listed.task) && it.answered < listed.invoked);
    let is_changed =
        about().any(|it| is_beside(it) && it.function.is_change() || it.ending == Ending::Info);
    let is_left = about().any(|it| {
        shows(it, listed.task) && it.invoked > listed.answered && it.ending == Ending::Ok
    });
    if !is_there || is_changed || !is_left {
        return false;
    }
    run.records.remove(at);
    run.records[list].task -= 1;
    true
}

/// A list has a task twice, in two versions.
fn non_repeatable_read(run: &mut Run, at: usize) -> bool {
    let listed = run.records[at];
    if listed.function != Function::Listed || listed.version < 2 {
        return false;
    }
    let Some(old) = run.contents.get(&(listed.task, listed.version - 1)) else { return false };
    let mut second = listed;
    show(&mut second, old);
    run.records.insert(at + 1, second);
    true
}

/// A list sees one task before a change, and another after a later change.
fn read_skew(run: &mut Run, at: usize) -> bool {
    let list = run.records[at];
    if list.function != Function::List {
        return false;
    }
    let is_within = |it: &&Record| {
        matches!(it.function, Function::Edit | Function::Start | Function::Save)
            && it.ending == Ending::Ok
            && it.invoked > list.invoked
            && it.answered < list.answered
    };
    let mut others = run.records.iter();
    let is_other = |it: &Record| {
        matches!(it.function, Function::Create | Function::Delete)
            && it.invoked < list.answered
            && it.answered > list.invoked
    };
    if others.any(is_other) {
        return false;
    }
    let changes: Vec<Record> = run.records.iter().filter(is_within).copied().collect();
    let is_of_list = |it: &Record| {
        (it.function, it.process, it.invoked) == (Function::Listed, list.process, list.invoked)
    };
    let of_list =
        |task: u64, run: &Run| run.records.iter().position(|it| is_of_list(it) && it.task == task);
    for first in &changes {
        for second in changes.iter().filter(|it| it.invoked > first.answered) {
            let (a, b) = (of_list(first.task, run), of_list(second.task, run));
            let (Some(a), Some(b)) = (a, b) else { continue };
            if first.task == second.task || list.status.is_some() {
                continue;
            }
            show(&mut run.records[a], &run.contents[&(first.task, first.version - 1)]);
            show(&mut run.records[b], &run.contents[&(second.task, second.version)]);
            return true;
        }
    }
    false
}
