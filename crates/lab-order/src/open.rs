//! What the order of versions cannot decide.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lab_history::{Ending, Function, Record};
use lab_task::Status;

/// Why versions alone do not decide a history in which they contradict nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Open {
    /// A change of which nobody knows whether it happened, nor which version it made.
    Unknown,
    /// Tasks were counted, or listed by status, while one changed.
    Counts,
    /// A task was not found while it was created and deleted.
    Absence,
    /// A version was seen with another status than it was given.
    Statuses,
    /// A list asked for titles: what it lacks cannot be judged without them.
    Titles,
}

impl Open {
    /// In a few words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "changes of which nobody knows whether they happened",
            Self::Counts => "counts, and lists by status, while tasks changed",
            Self::Absence => "tasks that were not found while they were created and deleted",
            Self::Statuses => "versions that were seen with another status than they were given",
            Self::Titles => "what lists by title lack",
        }
    }
}

/// What [`crate::OrderChecker`] leaves open of a whole history where it finds nothing.
pub fn left_open(records: &[Record]) -> BTreeSet<Open> {
    let mut open = BTreeSet::new();
    let changes = Changes::of(records);
    let lives = Lives::of(records);
    let given = given_statuses(records);
    for record in records {
        let Record { function, ending, .. } = *record;
        if function.is_change() && ending == Ending::Info {
            open.insert(Open::Unknown);
        }
        if matches!(ending, Ending::Fail | Ending::Info) {
            continue;
        }
        let is_list = function == Function::List;
        let counts = function == Function::Summary
            || ending == Ending::LimitReached
            || function == Function::Start && ending == Ending::Ok && record.based_on != 0
            || is_list && record.status.is_some();
        if counts && changes.are_beside(record) {
            open.insert(Open::Counts);
        }
        let given = given.get(&(record.task, record.version));
        let is_look = matches!(function, Function::Get | Function::Listed) && ending == Ending::Ok;
        if is_look && given.is_some_and(|it| record.status.is_some_and(|seen| seen != *it)) {
            open.insert(Open::Statuses);
        }
        if is_list && record.based_on != 0 {
            open.insert(Open::Titles);
        }
        if is_list && lives.is_any_beside(record)
            || ending == Ending::NotFound && lives.is_beside(record)
        {
            open.insert(Open::Absence);
        }
    }
    open
}

/// The status of each version whose maker says it.
fn given_statuses(records: &[Record]) -> HashMap<(u64, u64), Status> {
    let made = records.iter().filter(|it| is_applied(it) && it.function != Function::Delete);
    let given = made.filter_map(|it| {
        let version = if it.function == Function::Create { 1 } else { it.version };
        Some(((it.task, version), it.status?))
    });
    given.collect()
}

/// When changes were asked for and when they were answered, each sorted.
struct Changes {
    invoked: Vec<u64>,
    answered: Vec<u64>,
}

impl Changes {
    fn of(records: &[Record]) -> Self {
        let changes = || records.iter().filter(|it| is_applied(it));
        let mut invoked: Vec<u64> = changes().map(|change| change.invoked).collect();
        let mut answered: Vec<u64> = changes().map(|change| change.answered).collect();
        invoked.sort_unstable();
        answered.sort_unstable();
        Self { invoked, answered }
    }

    /// Whether one was under way beside `record`.
    fn are_beside(&self, record: &Record) -> bool {
        let begun = self.invoked.partition_point(|invoked| *invoked <= record.answered);
        let over = self.answered.partition_point(|answered| *answered < record.invoked);
        begun - over > usize::from(is_applied(record))
    }
}

fn is_applied(record: &Record) -> bool {
    record.function.is_change() && record.ending == Ending::Ok
}

/// When creates were answered and when the deletion of the same task was asked for.
struct Lives {
    of_task: BTreeMap<u64, (u64, u64)>,
    /// When deletions were asked for, with the last answer to a create among those up to it.
    deleted: Vec<(u64, u64)>,
}

impl Lives {
    fn of(records: &[Record]) -> Self {
        let mut of_task = BTreeMap::new();
        let created = |it: &&Record| is_applied(it) && it.function == Function::Create;
        for create in records.iter().filter(created) {
            of_task.insert(create.task, (create.answered, u64::MAX));
        }
        let deleted = |it: &&Record| is_applied(it) && it.function == Function::Delete;
        for delete in records.iter().filter(deleted) {
            let (_, deleted) = of_task.entry(delete.task).or_insert((u64::MAX, u64::MAX));
            *deleted = delete.invoked.min(*deleted);
        }
        let mut deleted: Vec<(u64, u64)> = of_task
            .values()
            .filter(|(_, deleted)| *deleted != u64::MAX)
            .map(|(created, deleted)| (*deleted, *created))
            .collect();
        deleted.sort_unstable();
        let mut last = 0;
        for (_, created) in &mut deleted {
            last = last.max(*created);
            *created = last;
        }
        Self { of_task, deleted }
    }

    fn is_beside(&self, missed: &Record) -> bool {
        let life = self.of_task.get(&missed.task);
        life.is_some_and(|(created, deleted)| {
            *created >= missed.invoked && *deleted <= missed.answered
        })
    }

    fn is_any_beside(&self, list: &Record) -> bool {
        let until = self.deleted.partition_point(|(deleted, _)| *deleted <= list.answered);
        until.checked_sub(1).is_some_and(|last| self.deleted[last].1 >= list.invoked)
    }
}
