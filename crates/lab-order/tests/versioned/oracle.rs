//! What an order of all operations must keep, tried out order by order: on small histories.

use std::collections::{BTreeMap, HashSet};

use fastrand::Rng;
use lab_history::{Ending, Function, Record};

/// Whether some order that keeps real time explains every answer, as far as versions say it. The
/// lists are of all tasks, and every operation has ended.
pub(crate) fn has_order(records: &[Record]) -> bool {
    let mut operations: Vec<(Record, Vec<Record>)> = Vec::new();
    for record in records {
        match operations.last_mut().filter(|_| record.function == Function::Listed) {
            Some((_, listed)) => listed.push(*record),
            None => operations.push((*record, Vec::new())),
        }
    }
    assert!(operations.len() < 32);
    let mut search = Search { operations, tried: HashSet::new() };
    search.go_on(0, &BTreeMap::new())
}

struct Search {
    operations: Vec<(Record, Vec<Record>)>,
    /// Sets of operations after which there is no way on. The state follows from the set.
    tried: HashSet<u32>,
}

/// The version of every task that was created, none if it is deleted.
type State = BTreeMap<u64, Option<u64>>;

impl Search {
    fn go_on(&mut self, done: u32, state: &State) -> bool {
        let all = self.operations.len();
        if done.count_ones() as usize == all {
            return true;
        }
        if !self.tried.insert(done) {
            return false;
        }
        let is_open = |at: &usize| done & (1 << at) == 0;
        let first = (0..all).filter(is_open).map(|at| self.operations[at].0.answered).min();
        (0..all).filter(is_open).any(|at| {
            let (record, listed) = &self.operations[at];
            if Some(record.invoked) > first {
                return false;
            }
            let after = step(state, record, listed);
            after.is_some_and(|after| self.go_on(done | 1 << at, &after))
        })
    }
}

fn step(state: &State, record: &Record, listed: &[Record]) -> Option<State> {
    let current = state.get(&record.task).copied();
    let mut after = state.clone();
    let is_allowed = match (record.function, record.ending) {
        (Function::Summary, _) | (_, Ending::LimitReached) => true,
        (Function::List, _) => {
            let there = state.iter().filter_map(|(task, version)| Some((*task, (*version)?)));
            there.eq(listed.iter().map(|it| (it.task, it.version)))
        }
        (_, Ending::NotFound) => current.flatten().is_none(),
        (Function::Create, _) => {
            after.insert(record.task, Some(1));
            current.is_none()
        }
        (Function::Get, _) | (_, Ending::Stale) => current == Some(Some(record.version)),
        (Function::Delete, _) => {
            after.insert(record.task, None);
            current == Some(Some(record.version))
        }
        _ => {
            after.insert(record.task, Some(record.version));
            let is_seen =
                record.function != Function::Save || record.based_on + 1 == record.version;
            is_seen && current == Some(Some(record.version - 1))
        }
    };
    is_allowed.then_some(after)
}

/// Makes something else of a few answers: another version, another time, a task less.
pub(crate) fn disturb(records: &mut Vec<Record>, random: &mut Rng) {
    for _ in 0..random.usize(1..3) {
        let at = random.usize(..records.len());
        let Record { process, invoked, .. } = records[at];
        match random.u8(..5) {
            0 if records[at].version > 1 => records[at].version -= 1,
            1 if records[at].version > 0 => records[at].version += 1,
            2 if records[at].function == Function::Listed => {
                records.remove(at);
            }
            _ => {
                let by = random.u64(1..12);
                let is_later = random.bool();
                let of_same = records.iter_mut();
                let of_same = of_same.filter(|it| (it.process, it.invoked) == (process, invoked));
                for record in of_same {
                    if is_later {
                        (record.invoked, record.answered) =
                            (record.invoked + by, record.answered + by);
                    } else {
                        record.invoked = record.invoked.saturating_sub(by);
                        record.answered = record.answered.saturating_sub(by).max(record.invoked);
                    }
                }
            }
        }
    }
    records.sort_by_key(|record| record.answered);
}

/// Whether a task was missed by somebody beside whom it was created and deleted as well: the
/// checker leaves open on which side that was.
pub(crate) fn is_ambiguous(records: &[Record]) -> bool {
    let of = |function: Function| {
        records.iter().filter(move |it| (it.function, it.ending) == (function, Ending::Ok))
    };
    of(Function::Create).any(|create| {
        let mut deletes = of(Function::Delete).filter(|it| it.task == create.task);
        deletes.any(|delete| {
            let is_beside =
                |it: &&Record| it.invoked <= create.answered && it.answered >= delete.invoked;
            records.iter().any(|it| is_beside(&it) && it.function != Function::Delete)
        })
    })
}
