//! Each operation of a session, as often as criterion asks for. What has to be made or taken away
//! so that the store stays as large as it is is not timed.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use lab_store::Session;
use lab_task::{Change, Filter, Outcome, TaskId, Version};
use racelab_benches::{Filled, new_task};

/// One operation.
#[derive(Clone, Copy)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    /// Carries it out so many times; how long that took.
    pub(crate) time: fn(&mut Filled, u64) -> Result<Duration>,
    /// Whether its answer holds every task.
    pub(crate) is_of_all_tasks: bool,
}

/// Those that change nothing come first.
pub(crate) const OPERATIONS: [Operation; 8] = [
    of_one("get", get),
    Operation { name: "list", time: list, is_of_all_tasks: true },
    of_one("summary", summary),
    of_one("edit", edit),
    of_one("save", save),
    of_one("start", start),
    of_one("create", create),
    of_one("delete", delete),
];

const fn of_one(name: &'static str, time: fn(&mut Filled, u64) -> Result<Duration>) -> Operation {
    Operation { name, time, is_of_all_tasks: false }
}

fn get(filled: &mut Filled, count: u64) -> Result<Duration> {
    in_turn(filled, count, |session, id| {
        ensure!(black_box(session.get(id)?).is_some(), "{id} is gone");
        Ok(())
    })
}

fn list(filled: &mut Filled, count: u64) -> Result<Duration> {
    let tasks = filled.tasks();
    in_turn(filled, count, |session, _| {
        let found = black_box(session.list(&Filter::ALL)?).len();
        ensure!(found == tasks, "{found} tasks of {tasks}");
        Ok(())
    })
}

fn summary(filled: &mut Filled, count: u64) -> Result<Duration> {
    in_turn(filled, count, |session, _| {
        black_box(session.summary()?);
        Ok(())
    })
}

fn edit(filled: &mut Filled, count: u64) -> Result<Duration> {
    in_turn(filled, count, |session, id| {
        applied(session.edit(id, &Change::AddMinutes(1))?).map(drop)
    })
}

/// One task again and again: each copy is based on what the save before it made.
fn save(filled: &mut Filled, count: u64) -> Result<Duration> {
    let (session, id) = filled.take_turn();
    let mut copy = session.get(id)?.context("the task is gone")?;
    let begin = Instant::now();
    for _ in 0..count {
        copy.version = applied(session.save(&copy)?)?;
    }
    Ok(begin.elapsed())
}

fn start(filled: &mut Filled, count: u64) -> Result<Duration> {
    in_turn(filled, count, |session, id| applied(session.start(id, u32::MAX)?).map(drop))
}

fn create(filled: &mut Filled, count: u64) -> Result<Duration> {
    in_batches(filled, count, |session, batch| {
        let begin = Instant::now();
        let ids = create_all(session, batch)?;
        let time = begin.elapsed();
        delete_all(session, &ids)?;
        Ok(time)
    })
}

fn delete(filled: &mut Filled, count: u64) -> Result<Duration> {
    in_batches(filled, count, |session, batch| {
        let ids = create_all(session, batch)?;
        let begin = Instant::now();
        delete_all(session, &ids)?;
        Ok(begin.elapsed())
    })
}

fn create_all(session: &mut dyn Session, count: u64) -> Result<Vec<TaskId>> {
    let new = new_task()?;
    (0..count).map(|_| Ok(session.create(&new, None)?)).collect()
}

fn delete_all(session: &mut dyn Session, ids: &[TaskId]) -> Result<()> {
    ids.iter().try_for_each(|id| applied(session.delete(*id, None)?).map(drop))
}

/// So many operations, on one task after the other.
fn in_turn(
    filled: &mut Filled,
    count: u64,
    mut operate: impl FnMut(&mut dyn Session, TaskId) -> Result<()>,
) -> Result<Duration> {
    let begin = Instant::now();
    for _ in 0..count {
        let (session, id) = filled.take_turn();
        operate(session, id)?;
    }
    Ok(begin.elapsed())
}

/// So many operations in parts, none of which makes the store more than a tenth larger.
fn in_batches(
    filled: &mut Filled,
    count: u64,
    mut time: impl FnMut(&mut dyn Session, u64) -> Result<Duration>,
) -> Result<Duration> {
    let batch_max = (filled.tasks() as u64 / 10).max(1);
    let (mut left, mut all) = (count, Duration::ZERO);
    while left > 0 {
        let batch = left.min(batch_max);
        all += time(filled.take_turn().0, batch)?;
        left -= batch;
    }
    Ok(all)
}

fn applied(outcome: Outcome) -> Result<Version> {
    match outcome {
        Outcome::Applied(version) => Ok(version),
        Outcome::Refused(refusal) => anyhow::bail!("{refusal:?}"),
    }
}
