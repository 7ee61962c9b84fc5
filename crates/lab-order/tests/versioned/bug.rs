//! What went wrong in a simulated store, and whether a history shows it for certain.

use std::collections::BTreeSet;

use lab_history::{Ending, Function, Record};
use lab_task::Anomaly;

/// How the store went wrong, and about which task.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bug {
    pub(crate) name: Anomaly,
    pub(crate) task: u64,
    pub(crate) place: u64,
}

impl Bug {
    /// Whether what went wrong was shown to somebody, so far that its name is certain.
    pub(crate) fn is_visible(self, records: &[Record]) -> bool {
        let about = || records.iter().filter(|it| it.task == self.task);
        let after = about().filter(|it| it.invoked > self.place);
        let is_then = |it: &&Record| it.invoked <= self.place && it.answered >= self.place;
        let is_clear = about().find(is_then).is_none_or(|wrong| {
            let is_beside =
                |it: &&Record| it.invoked <= wrong.answered && it.answered >= wrong.invoked;
            about().filter(is_beside).count() == 1
        });
        if !is_clear && !matches!(self.name, Anomaly::LostUpdate | Anomaly::WriteSkew) {
            return false;
        }
        match self.name {
            Anomaly::LostCreate => {
                let created = records.iter().find(|it| {
                    (it.function, it.ending, it.task) == (Function::Create, Ending::Ok, self.task)
                });
                created.is_some_and(|created| {
                    let mut after = after.filter(|it| it.invoked > created.answered);
                    after.any(|it| it.ending == Ending::NotFound)
                })
            }
            Anomaly::WriteSkew => is_surely_over_limit(self, records),
            Anomaly::DivergentInstances => records.iter().any(|it| {
                let mut deletes = records.iter().filter(|it| it.function == Function::Delete);
                lives_twice(it, records) && !deletes.any(|delete| delete.task == it.task)
            }),
            Anomaly::DuplicateCreate => {
                let created = |it: &&Record| {
                    (it.function, it.ending) == (Function::Create, Ending::Ok) && it.based_on != 0
                };
                let first = records.iter().find(|it| created(it) && it.task == self.task);
                let Some(first) = first else { return false };
                let is_deleted = |task| {
                    let mut deletes = records.iter().filter(|it| it.function == Function::Delete);
                    deletes.any(|delete| delete.task == task)
                };
                let mut again = records.iter().filter(created);
                again.any(|it| {
                    it.based_on == first.based_on
                        && it.task != first.task
                        && !is_deleted(it.task)
                        && !is_deleted(first.task)
                })
            }
            _ => records.iter().any(|it| {
                it.answered > self.place && it.task == self.task && it.ending == Ending::Ok
            }),
        }
    }
}

/// Whether more tasks than the limit of the wrong start are in progress when that is answered, of
/// which each was started before and was not set, saved or deleted by anybody since. Where others
/// may have left progress meanwhile, an order of the operations may keep the limit.
fn is_surely_over_limit(bug: Bug, records: &[Record]) -> bool {
    let starts = || {
        let is_start = |it: &&Record| it.function == Function::Start && it.ending == Ending::Ok;
        records.iter().filter(is_start)
    };
    let is_wrong =
        |it: &&Record| it.task == bug.task && it.invoked <= bug.place && it.answered >= bug.place;
    let Some(wrong) = starts().find(is_wrong) else { return false };
    let may_leave = |start: &Record| {
        let mut others = records.iter().filter(|it| {
            it.task == start.task
                && (matches!(it.function, Function::Save | Function::Delete) || it.status.is_some())
                && !matches!(it.function, Function::Get | Function::Listed | Function::List)
                && it.function != Function::Start
                && it.ending == Ending::Ok
        });
        others.any(|it| it.answered >= start.invoked && it.invoked <= wrong.answered)
    };
    let together = starts().filter(|it| it.answered <= wrong.answered && !may_leave(it));
    let together: BTreeSet<u64> = together.map(|it| it.task).collect();
    together.contains(&wrong.task) && together.len() as u64 > wrong.based_on
}

/// Whether two creates gave one id, and when both were answered each task was seen.
fn lives_twice(made: &Record, records: &[Record]) -> bool {
    let is_same =
        |it: &Record| it.ending == Ending::Ok && (it.task, it.version) == (made.task, made.version);
    let is_made =
        |it: &&Record| is_same(it) && it.function.is_change() && it.function != Function::Delete;
    let makers: Vec<&Record> = records.iter().filter(is_made).collect();
    if !is_made(&made) || makers.len() != 2 || made.version != 1 {
        return false;
    }
    // A create under the same id begins another life, in which the version is made again.
    let first = makers.iter().map(|it| it.invoked).min().unwrap();
    let is_reborn = |it: &Record| {
        it.function == Function::Create && it.task == made.task && it.answered > first
    };
    if records.iter().any(|it| is_reborn(it) && !makers.contains(&it)) {
        return false;
    }
    let end = makers.iter().map(|it| it.answered).max().unwrap();
    let is_read = |it: &&Record| matches!(it.function, Function::Get | Function::Listed);
    let reads = records.iter().filter(is_read).filter(|it| is_same(it) && it.invoked > end);
    let contents: BTreeSet<u64> = reads.map(|it| it.content).collect();
    contents.len() == 2
}
