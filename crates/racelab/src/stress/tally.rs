//! Acknowledged changes, and those of them that did not survive.
//!
//! Every change counts the version of its task up, and a save says which version it had copied, so
//! the version that is there in the end, or that a delete removed, tells how many changes it lacks
//! ([`Lineage`]). Edits and saves add a minute too, and what is there in the end has its minutes.
//! Both figures are lower bounds of what was lost: a change whose outcome is unknown may have added
//! a minute. The larger one counts. Of a deleted task nobody sees the minutes any more.

use std::collections::{BTreeMap, HashMap, HashSet};

use foldhash::fast::FixedState;
use lab_history::{Ending, Function, Record};
use lab_scenario::{StepKind, Workload};
use lab_task::{Anomaly, Task};

use super::lineage::Lineage;

/// What was acknowledged, task by task.
#[derive(Debug)]
pub(super) struct Tally {
    tasks: HashMap<u64, Acknowledged, FixedState>,
    acknowledged: u64,
    losses: BTreeMap<Anomaly, Loss>,
    creates_unknown: u64,
    /// Tasks that somebody saw and deleted before their creator was answered.
    deleted_early: HashSet<u64, FixedState>,
    every_change_adds_a_minute: bool,
    shown: Option<Record>,
    unjudged: u64,
}

/// What was acknowledged of one task since its creation.
#[derive(Debug, Default)]
struct Acknowledged {
    changes: u64,
    minutes: u64,
    lineage: Lineage,
    /// A change of which nobody knows whether it happened.
    has_unknown: bool,
    /// Its deletion is one.
    may_be_deleted: bool,
}

/// Acknowledged changes in the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Survival {
    /// How many were acknowledged.
    pub(super) acknowledged: u64,
    /// Those that are not there.
    pub(super) losses: BTreeMap<Anomaly, Loss>,
    /// The first read of a task that has fewer minutes than it had changes.
    pub(super) shown: Option<Record>,
    /// Tasks that were deleted, and may have lacked more than is known.
    pub(super) unjudged: u64,
}

/// Acknowledged changes that did not survive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Loss {
    /// How many, at least.
    pub(super) count: u64,
    /// The first of them.
    pub(super) sentence: String,
}

impl Survival {
    /// How many changes are not there.
    pub(super) fn lost(&self) -> u64 {
        self.losses.values().map(|loss| loss.count).sum::<u64>().min(self.acknowledged)
    }
}

impl Tally {
    /// Counts the changes of `workload`.
    pub(super) fn new(workload: &Workload) -> Self {
        Self {
            tasks: HashMap::default(),
            acknowledged: 0,
            losses: BTreeMap::new(),
            creates_unknown: 0,
            deleted_early: HashSet::default(),
            every_change_adds_a_minute: workload.mix.share(StepKind::Start) == 0.0,
            shown: None,
            unjudged: 0,
        }
    }

    pub(super) fn push(&mut self, record: &Record) {
        match (record.function, record.ending) {
            (Function::Get | Function::Listed, Ending::Ok) => self.see(record),
            (Function::Create, Ending::Ok) => self.create(record.task),
            (Function::Create, Ending::Info) => self.creates_unknown += 1,
            (Function::Edit | Function::Save | Function::Start, Ending::Ok) => self.change(record),
            (Function::Delete, Ending::Ok) => self.delete(record),
            (function, Ending::Info) if function.is_change() => self.doubt(record),
            _ => {}
        }
    }

    fn create(&mut self, task: u64) {
        self.acknowledged += 1;
        if self.deleted_early.remove(&task) {
            return;
        }
        if let Some(before) = self.tasks.insert(task, Acknowledged::default()) {
            let sentence = format!("two creates gave the id of task {task}");
            self.lose(Anomaly::DuplicateId, 1 + before.changes, sentence);
        }
    }

    fn delete(&mut self, record: &Record) {
        self.acknowledged += 1;
        match self.tasks.remove(&record.task) {
            Some(task) => {
                let (lost, is_exact) = task.lost_by_version(record.version);
                self.unjudged += u64::from(!is_exact && task.changes > 0);
                self.lose_changes(record.task, task.changes, lost, "when it was deleted");
            }
            None => {
                self.deleted_early.insert(record.task);
            }
        }
    }

    /// Whether somebody saw a task that lacks an acknowledged change.
    pub(super) fn has_shown(&self) -> bool {
        self.shown.is_some()
    }

    /// A task that has fewer minutes than it had changes lacks one of them.
    fn see(&mut self, record: &Record) {
        let is_short = record.based_on + 1 < record.version;
        if self.every_change_adds_a_minute && is_short && self.shown.is_none() {
            self.shown = Some(*record);
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
            let before = record.version.saturating_sub(1);
            let copied = Some(record.based_on).filter(|_| record.function == Function::Save);
            task.lineage.make(record.version, copied.unwrap_or(before).min(before));
        }
    }

    /// Nobody knows whether `record` happened.
    fn doubt(&mut self, record: &Record) {
        if let Some(task) = self.tasks.get_mut(&record.task) {
            task.has_unknown = true;
            task.may_be_deleted |= record.function == Function::Delete;
        }
    }

    /// What survived, when `tasks` are all that is there; `None` if that cannot be read.
    pub(super) fn survival(mut self, tasks: Option<&[Task]>) -> Survival {
        for task in tasks.unwrap_or_default() {
            match self.tasks.remove(&task.id.0) {
                Some(told) => {
                    let by_minutes = told.minutes.saturating_sub(u64::from(task.minutes));
                    let lost = by_minutes.max(told.lost_by_version(task.version.0).0);
                    self.lose_changes(task.id.0, told.changes, lost, "in the end");
                }
                // Nobody was told of its creation, or somebody that it is deleted.
                None if self.creates_unknown > 0 => self.creates_unknown -= 1,
                None => {
                    let sentence = format!("{} was deleted, and is there in the end", task.id);
                    self.lose(Anomaly::ResurrectedDelete, 1, sentence);
                }
            }
        }
        let is_missing = |(_, task): &(u64, Acknowledged)| !task.may_be_deleted || tasks.is_none();
        for (id, missing) in std::mem::take(&mut self.tasks).into_iter().filter(is_missing) {
            let sentence = format!("task {id} was created, and is not there in the end");
            self.lose(Anomaly::LostCreate, 1 + missing.changes, sentence);
        }
        let Self { acknowledged, losses, shown, unjudged, .. } = self;
        Survival { acknowledged, losses, shown, unjudged }
    }

    fn lose_changes(&mut self, id: u64, acknowledged: u64, lost: u64, when: &str) {
        let there = acknowledged.saturating_sub(lost);
        let sentence = format!(
            "task {id} had at most {there} of its {acknowledged} acknowledged changes {when}"
        );
        self.lose(Anomaly::LostUpdate, lost, sentence);
    }

    fn lose(&mut self, anomaly: Anomaly, count: u64, sentence: String) {
        if count > 0 {
            self.losses.entry(anomaly).or_insert(Loss { count: 0, sentence }).count += count;
        }
    }
}

impl Acknowledged {
    /// How many changes `version` lacks at least, and whether it lacks no more.
    fn lost_by_version(&self, version: u64) -> (u64, bool) {
        let lacking = self.lineage.lacking(version);
        // What may have happened may have put back something newer.
        let versions = if self.has_unknown { 0 } else { lacking.versions };
        let there = version.saturating_sub(1).saturating_sub(versions);
        let is_exact = lacking.is_exact && !self.has_unknown;
        (self.changes.saturating_sub(there), is_exact)
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
            based_on: if function == Save { version.saturating_sub(1) } else { 0 },
            version,
            content: 0,
        }
    }

    fn task(id: u64, minutes: u32, version: u64) -> Task {
        let new = NewTask { title: Title::new("x").unwrap(), description: Description::default() };
        Task { minutes, version: Version(version), ..new.into_task(TaskId(id)) }
    }

    fn survival(records: &[Record], tasks: &[Task]) -> (u64, u64) {
        let mut tally = tally();
        records.iter().for_each(|record| tally.push(record));
        let survival = tally.survival(Some(tasks));
        (survival.acknowledged, survival.lost())
    }

    fn tally() -> Tally {
        Tally::new(&"hot_task".parse().unwrap())
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
    fn what_a_deleted_task_had_lost_before_is_counted() {
        // Each save puts back the copy of version 1: only the last one is left.
        let save = |version| Record { based_on: 1, ..record(Save, 1, version) };
        let told = [record(Create, 1, 1), record(Edit, 1, 2), save(3), save(4)];
        let deleted = [&told[..], &[record(Delete, 1, 4)]].concat();
        assert_eq!(survival(&told, &[task(1, 1, 4)]), (4, 2));
        assert_eq!(survival(&deleted, &[]), (5, 2), "its deletion hides nothing");
        // Two changes made version 2, and nobody knows which of them the delete removed.
        let told = [record(Create, 1, 1), record(Edit, 1, 2), record(Edit, 1, 2)];
        assert_eq!(survival(&[&told[..], &[record(Delete, 1, 2)]].concat(), &[]), (4, 1));
    }

    #[test]
    fn a_deleted_task_that_cannot_be_judged_is_said() {
        let unknown = Record { ending: Ending::Info, ..record(Save, 1, 0) };
        let told = [record(Create, 1, 1), record(Edit, 1, 3), unknown, record(Delete, 1, 3)];
        let mut tally = tally();
        told.iter().for_each(|record| tally.push(record));
        let survival = tally.survival(Some(&[]));
        assert_eq!((survival.lost(), survival.unjudged), (0, 1));
    }

    #[test]
    fn a_task_that_may_have_been_deleted_is_no_lost_create() {
        let unknown = Record { ending: Ending::Info, ..record(Delete, 1, 0) };
        assert_eq!(survival(&[record(Create, 1, 1), unknown], &[]), (1, 0));
    }

    #[test]
    fn a_task_may_be_deleted_before_its_creator_is_answered() {
        let told = [record(Delete, 1, 1), record(Create, 1, 1)];
        assert_eq!(survival(&told, &[]), (2, 0));
        assert_eq!(survival(&told, &[task(1, 0, 1)]), (2, 1));
    }

    #[test]
    fn where_nothing_can_be_read_nothing_survived() {
        let mut tally = tally();
        tally.push(&record(Create, 1, 1));
        tally.push(&record(Edit, 1, 2));
        let survival = tally.survival(None);
        assert_eq!((survival.acknowledged, survival.lost()), (2, 2));
    }

    #[test]
    fn a_read_shows_that_a_minute_is_missing_before_the_end_does() {
        let get = |minutes| Record { based_on: minutes, ..record(Function::Get, 1, 3) };
        let mut tally = tally();
        tally.push(&get(2));
        assert!(!tally.has_shown());
        tally.push(&get(1));
        assert!(tally.has_shown());
        let mut tally = Tally::new(&"office".parse().unwrap());
        tally.push(&get(1));
        assert!(!tally.has_shown(), "to start a task counts its version up and adds no minute");
    }

    #[test]
    fn what_may_have_happened_is_no_loss() {
        let unknown = Record { ending: Ending::Info, ..record(Create, 0, 0) };
        assert_eq!(survival(&[unknown], &[task(1, 0, 1)]), (0, 0));
        let unknown = Record { ending: Ending::Info, ..record(Edit, 1, 0) };
        assert_eq!(survival(&[record(Create, 1, 1), unknown], &[task(1, 1, 2)]), (1, 0));
    }
}
