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
    /// A version was seen with another status than it was given, where that is not named at once.
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
    let mut watch = OpenWatch::new();
    records.iter().for_each(|record| watch.push(record));
    watch.finish()
}

/// [`left_open`] of a history while it goes on. It holds the operations that overlap, and two small
/// entries for each task that is there.
#[derive(Debug, Default)]
pub struct OpenWatch {
    open: BTreeSet<Open>,
    /// What may lie beside an operation that is to be judged, in the order of answers.
    window: Vec<Record>,
    /// How many of them were left at the last time.
    left: usize,
    /// Up to which answer all are judged.
    judged: Option<u64>,
    past: Past,
}

/// What remains of the records that nothing lies beside any more.
#[derive(Debug, Default)]
struct Past {
    /// When the create of each task that is there was answered.
    created: HashMap<u64, u64>,
    /// The last version of each task that was given a status, with that.
    given: HashMap<u64, (u64, Status)>,
}

impl OpenWatch {
    /// Nothing is open.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one record, in about the order of answers; the tasks of a list behind the list.
    pub fn push(&mut self, record: &Record) {
        match record.ending {
            Ending::Info if record.function.is_change() => drop(self.open.insert(Open::Unknown)),
            Ending::Fail | Ending::Info => {}
            _ => self.window.push(*record),
        }
    }

    /// All operations that are still to come are invoked at `invoked_from` or later.
    pub fn settle(&mut self, invoked_from: u64) {
        // Each record is gone through a few times at most, however long one of them takes.
        if self.window.len() >= 2 * self.left {
            self.judge(invoked_from);
        }
    }

    /// No operation is to come.
    pub fn finish(mut self) -> BTreeSet<Open> {
        self.judge(u64::MAX);
        self.open
    }

    /// What is open so far.
    pub fn open(&self) -> &BTreeSet<Open> {
        &self.open
    }

    /// Roughly how many bytes it holds now.
    pub fn bytes(&self) -> usize {
        self.window.capacity() * size_of::<Record>()
            + (self.past.created.capacity() + self.past.given.capacity()) * size_of::<[u64; 4]>()
    }

    fn judge(&mut self, until: u64) {
        let beside = Beside {
            changes: Changes::of(&self.window),
            lives: Lives::of(&self.window, &self.past),
            given: given_statuses(&self.window),
            past: &self.past,
        };
        let is_last = until == u64::MAX;
        let is_judged = |record: &Record| record.answered < until || is_last;
        let is_new = |record: &&Record| {
            self.judged.is_none_or(|judged| record.answered >= judged) && is_judged(record)
        };
        for record in self.window.iter().filter(is_new) {
            beside.judge(record, &mut self.open);
        }
        self.judged = Some(until);
        let open = self.window.iter().filter(|record| !is_judged(record));
        self.forget(open.map(|record| record.invoked).fold(until, u64::min));
        self.left = self.window.len();
    }

    /// Forgets what was answered before `place`; a deletion as long as its create is kept.
    fn forget(&mut self, place: u64) {
        let is_create = |it: &&Record| is_applied(it) && it.function == Function::Create;
        let kept = self.window.iter().filter(|it| it.answered >= place);
        let kept: BTreeSet<u64> = kept.filter(is_create).map(|create| create.task).collect();
        let past = &mut self.past;
        self.window.retain(|record| {
            let is_delete = record.function == Function::Delete;
            let is_kept = record.answered >= place || is_delete && kept.contains(&record.task);
            if !is_kept && is_applied(record) {
                past.take(record);
            }
            is_kept
        });
    }
}

impl Past {
    fn take(&mut self, change: &Record) {
        let task = change.task;
        match change.function {
            Function::Delete => {
                self.created.remove(&task);
                self.given.remove(&task);
                return;
            }
            Function::Create => drop(self.created.insert(task, change.answered)),
            _ => {}
        }
        let version = made_version(change);
        let is_newer = self.given.get(&task).is_none_or(|(before, _)| *before < version);
        if let Some(status) = change.status.filter(|_| is_newer) {
            self.given.insert(task, (version, status));
        }
    }
}

/// What lies beside operations.
struct Beside<'a> {
    changes: Changes,
    lives: Lives,
    given: HashMap<(u64, u64), Status>,
    past: &'a Past,
}

impl Beside<'_> {
    fn judge(&self, record: &Record, open: &mut BTreeSet<Open>) {
        let Record { function, ending, .. } = *record;
        let is_list = function == Function::List;
        let counts = function == Function::Summary
            || ending == Ending::LimitReached
            || function == Function::Start && ending == Ending::Ok && record.based_on != 0
            || is_list && record.status.is_some();
        if counts && self.changes.are_beside(record) {
            open.insert(Open::Counts);
        }
        let is_look = matches!(function, Function::Get | Function::Listed) && ending == Ending::Ok;
        let is_other = |given: Status| record.status.is_some_and(|seen| seen != given);
        if is_look && self.given(record).is_some_and(is_other) {
            open.insert(Open::Statuses);
        }
        if is_list && record.based_on != 0 {
            open.insert(Open::Titles);
        }
        if is_list && self.lives.is_any_beside(record)
            || ending == Ending::NotFound && self.lives.is_beside(record)
        {
            open.insert(Open::Absence);
        }
    }

    /// The status that was given to the version that was seen.
    fn given(&self, seen: &Record) -> Option<Status> {
        let before = self.past.given.get(&seen.task).filter(|(it, _)| *it == seen.version);
        let beside = self.given.get(&(seen.task, seen.version)).copied();
        beside.or(before.map(|(_, status)| *status))
    }
}

fn made_version(change: &Record) -> u64 {
    if change.function == Function::Create { 1 } else { change.version }
}

/// The status of each version whose maker says it.
fn given_statuses(records: &[Record]) -> HashMap<(u64, u64), Status> {
    let made = records.iter().filter(|it| is_applied(it) && it.function != Function::Delete);
    let given = made.filter_map(|it| Some(((it.task, made_version(it)), it.status?)));
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
    fn of(records: &[Record], past: &Past) -> Self {
        let mut of_task = BTreeMap::new();
        let created = |it: &&Record| is_applied(it) && it.function == Function::Create;
        for create in records.iter().filter(created) {
            of_task.insert(create.task, (create.answered, u64::MAX));
        }
        let deleted = |it: &&Record| is_applied(it) && it.function == Function::Delete;
        for delete in records.iter().filter(deleted) {
            let created = past.created.get(&delete.task).copied().unwrap_or(u64::MAX);
            let (_, deleted) = of_task.entry(delete.task).or_insert((created, u64::MAX));
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
