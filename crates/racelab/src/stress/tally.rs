//! Acknowledged changes, and those of them that did not survive.
//!
//! Every edit and every save of a workload adds one minute to its task and counts its version up,
//! so the task itself tells in the end how many of them are in it. Both figures are lower bounds of
//! what was lost: a change whose outcome is unknown may have added a minute. The larger one counts.

use std::collections::HashMap;

use lab_history::{Ending, Function, Record};
use lab_task::Task;

/// What was acknowledged, task by task.
#[derive(Debug, Default)]
pub(super) struct Tally {
    tasks: HashMap<u64, Acknowledged, foldhash::fast::FixedState>,
    acknowledged: u64,
    lost: u64,
    creates_unknown: u64,
}

/// What was acknowledged of one task since its creation.
#[derive(Clone, Copy, Debug, Default)]
struct Acknowledged {
    changes: u64,
    minutes: u64,
}

/// Acknowledged changes in the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Survival {
    /// How many were acknowledged.
    pub(super) acknowledged: u64,
    /// How many of them, at least, are not there.
    pub(super) lost: u64,
}

impl Tally {
    pub(super) fn push(&mut self, record: &Record) {
        match (record.function, record.ending) {
            (Function::Create, Ending::Ok) => {
                self.acknowledged += 1;
                let before = self.tasks.insert(record.task, Acknowledged::default());
                // Two tasks were given one id, and one of them is all that can be there.
                self.lost += before.map_or(0, |before| 1 + before.changes);
            }
            (Function::Create, Ending::Info) => self.creates_unknown += 1,
            (Function::Edit | Function::Save | Function::Start, Ending::Ok) => self.change(record),
            (Function::Delete, Ending::Ok) => {
                self.acknowledged += 1;
                if let Some(task) = self.tasks.remove(&record.task) {
                    self.lost += task.lost_by_version(record.version);
                }
            }
            _ => {}
        }
    }

    /// A change of a task that somebody else has deleted meanwhile is nowhere to be seen, and does
    /// not count.
    fn change(&mut self, record: &Record) {
        if let Some(task) = self.tasks.get_mut(&record.task) {
            self.acknowledged += 1;
            task.changes += 1;
            // A start and the edit that finishes a task set its status.
            let adds_minute = record.function == Function::Save || record.status.is_none();
            task.minutes += u64::from(adds_minute);
        }
    }

    /// What survived, when `tasks` are all that is there; `None` if that cannot be read.
    pub(super) fn survival(mut self, tasks: Option<&[Task]>) -> Survival {
        for task in tasks.unwrap_or_default() {
            match self.tasks.remove(&task.id.0) {
                Some(told) => {
                    let by_minutes = told.minutes.saturating_sub(u64::from(task.minutes));
                    self.lost += by_minutes.max(told.lost_by_version(task.version.0));
                }
                // Nobody created it, or somebody was told that it is deleted.
                None if self.creates_unknown > 0 => self.creates_unknown -= 1,
                None => self.lost += 1,
            }
        }
        self.lost += self.tasks.values().map(|missing| 1 + missing.changes).sum::<u64>();
        Survival { acknowledged: self.acknowledged, lost: self.lost.min(self.acknowledged) }
    }
}

impl Acknowledged {
    fn lost_by_version(self, version: u64) -> u64 {
        self.changes.saturating_sub(version.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use lab_task::{Description, NewTask, TaskId, Title, Version};

    use super::*;

    fn record(function: Function, task: u64, version: u64) -> Record {
        Record {
            invoked: 0,
            answered: 0,
            process: 0,
            function,
            ending: Ending::Ok,
            status: None,
            task,
            based_on: 0,
            version,
            content: 0,
        }
    }

    fn task(id: u64, minutes: u32, version: u64) -> Task {
        let new = NewTask { title: Title::new("x").unwrap(), description: Description::default() };
        Task { minutes, version: Version(version), ..new.into_task(TaskId(id)) }
    }

    fn survival(records: &[Record], tasks: &[Task]) -> (u64, u64) {
        let mut tally = Tally::default();
        records.iter().for_each(|record| tally.push(record));
        let Survival { acknowledged, lost } = tally.survival(Some(tasks));
        (acknowledged, lost)
    }

    use Function::{Create, Delete, Edit, Save};

    #[test]
    fn a_minute_that_is_missing_in_the_end_was_lost() {
        let told = [record(Create, 1, 1), record(Edit, 1, 2), record(Save, 1, 3)];
        assert_eq!(survival(&told, &[task(1, 2, 3)]), (3, 0));
        assert_eq!(survival(&told, &[task(1, 1, 3)]), (3, 1), "overwritten by an old copy");
        assert_eq!(survival(&told, &[task(1, 1, 2)]), (3, 1), "put back twice");
        assert_eq!(survival(&told, &[]), (3, 3), "the task itself is gone");
    }

    #[test]
    fn an_id_that_was_given_twice_is_a_lost_create() {
        let told = [record(Create, 1, 1), record(Create, 1, 1)];
        assert_eq!(survival(&told, &[task(1, 0, 1)]), (2, 1));
    }

    #[test]
    fn a_deleted_task_takes_its_changes_with_it_and_does_not_come_back() {
        let told = [record(Create, 1, 1), record(Edit, 1, 2), record(Delete, 1, 2)];
        assert_eq!(survival(&told, &[]), (3, 0));
        assert_eq!(survival(&told, &[task(1, 1, 2)]), (3, 1));
        let told = [record(Create, 1, 1), record(Edit, 1, 2), record(Delete, 1, 1)];
        assert_eq!(survival(&told, &[]), (3, 1), "the delete did not see the edit");
    }

    #[test]
    fn where_nothing_can_be_read_nothing_survived() {
        let mut tally = Tally::default();
        tally.push(&record(Create, 1, 1));
        tally.push(&record(Edit, 1, 2));
        assert_eq!(tally.survival(None), Survival { acknowledged: 2, lost: 2 });
    }

    #[test]
    fn what_may_have_happened_is_no_loss() {
        let unknown = Record { ending: Ending::Info, ..record(Create, 0, 0) };
        assert_eq!(survival(&[unknown], &[task(1, 0, 1)]), (0, 0));
        let unknown = Record { ending: Ending::Info, ..record(Edit, 1, 0) };
        assert_eq!(survival(&[record(Create, 1, 1), unknown], &[task(1, 1, 2)]), (1, 0));
    }
}
