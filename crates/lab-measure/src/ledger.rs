//! What clients were told, against what is there afterwards.

use std::collections::{BTreeMap, BTreeSet};

use lab_task::{Task, TaskId};
use serde::{Deserialize, Serialize};

/// What one client was told of its writes. Every change adds a minute, so that a change that is
/// gone is a minute that is missing, whatever its version says.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Ledger {
    /// Minutes that were acknowledged, by task.
    pub minutes: BTreeMap<TaskId, u64>,
    /// Creates that were acknowledged.
    pub created: Vec<TaskId>,
    /// Deletes that were acknowledged.
    pub deleted: Vec<TaskId>,
}

/// Acknowledged writes, and how many of them are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Survival {
    /// How many were acknowledged.
    pub acknowledged: u64,
    /// How many of them are there.
    pub survived: u64,
}

/// Holds what all clients were told against what is stored. Minutes of a task that somebody
/// deleted cannot be judged and do not count; an id that two creates were given is one create.
pub fn audit(ledgers: &[&Ledger], before: &[Task], after: &[Task]) -> Survival {
    let minutes = |tasks: &[Task]| -> BTreeMap<TaskId, u64> {
        tasks.iter().map(|task| (task.id, u64::from(task.minutes))).collect()
    };
    let (before, after) = (minutes(before), minutes(after));
    let deleted: BTreeSet<TaskId> =
        ledgers.iter().flat_map(|ledger| &ledger.deleted).copied().collect();
    let mut survival = Survival::default();

    let mut added: BTreeMap<TaskId, u64> = BTreeMap::new();
    for (id, minutes) in ledgers.iter().flat_map(|ledger| &ledger.minutes) {
        *added.entry(*id).or_default() += minutes;
    }
    for (id, added) in added.into_iter().filter(|(id, _)| !deleted.contains(id)) {
        let grown = after
            .get(&id)
            .map_or(0, |now| now.saturating_sub(before.get(&id).copied().unwrap_or_default()));
        survival.add(added, grown.min(added));
    }

    let created = || ledgers.iter().flat_map(|ledger| &ledger.created);
    let distinct: BTreeSet<TaskId> = created().copied().collect();
    let is_kept = |id: &&TaskId| after.contains_key(id) || deleted.contains(id);
    survival.add(count(created()), count(distinct.iter().filter(is_kept)));

    let is_gone = |id: &&TaskId| !after.contains_key(id);
    let deletes = || ledgers.iter().flat_map(|ledger| &ledger.deleted);
    survival.add(count(deletes()), count(deletes().filter(is_gone)));
    survival
}

/// The same where only the number of acknowledged minutes is known, and not of which tasks.
pub(crate) fn audit_total(acknowledged: u64, before: &[Task], after: &[Task]) -> Survival {
    let minutes = |tasks: &[Task]| tasks.iter().map(|task| u64::from(task.minutes)).sum::<u64>();
    let grown = minutes(after).saturating_sub(minutes(before));
    Survival { acknowledged, survived: grown.min(acknowledged) }
}

impl Survival {
    /// The share that is there, from 0 to 1.
    pub(crate) fn share(&self) -> f64 {
        if self.acknowledged == 0 { 0.0 } else { self.survived as f64 / self.acknowledged as f64 }
    }

    fn add(&mut self, acknowledged: u64, survived: u64) {
        self.acknowledged += acknowledged;
        self.survived += survived;
    }
}

fn count(items: impl Iterator) -> u64 {
    items.fold(0, |count, _| count + 1)
}

#[cfg(test)]
mod tests {
    use lab_task::{Description, NewTask, Title};

    use super::*;

    fn task(id: u64, minutes: u32) -> Task {
        let title = Title::new("Write").unwrap();
        let new = NewTask { title, description: Description::new("").unwrap() };
        Task { minutes, ..new.into_task(TaskId(id)) }
    }

    fn ledger(minutes: &[(u64, u64)], created: &[u64], deleted: &[u64]) -> Ledger {
        let ids = |ids: &[u64]| ids.iter().copied().map(TaskId).collect();
        Ledger {
            minutes: minutes.iter().map(|(id, count)| (TaskId(*id), *count)).collect(),
            created: ids(created),
            deleted: ids(deleted),
        }
    }

    fn survival(ledgers: &[Ledger], after: &[Task]) -> (u64, u64) {
        let ledgers: Vec<&Ledger> = ledgers.iter().collect();
        let Survival { acknowledged, survived } = audit(&ledgers, &[task(1, 5)], after);
        (acknowledged, survived)
    }

    #[test]
    fn minutes_that_two_clients_added_are_all_there_or_lost() {
        let ledgers = [ledger(&[(1, 10)], &[], &[]), ledger(&[(1, 20)], &[], &[])];
        assert_eq!(survival(&ledgers, &[task(1, 35)]), (30, 30));
        assert_eq!(survival(&ledgers, &[task(1, 25)]), (30, 20));
        assert_eq!(survival(&ledgers, &[]), (30, 0));
    }

    #[test]
    fn more_than_was_acknowledged_is_no_survivor() {
        assert_eq!(survival(&[ledger(&[(1, 10)], &[], &[])], &[task(1, 99)]), (10, 10));
    }

    #[test]
    fn one_id_for_two_creates_loses_one() {
        let ledgers = [ledger(&[], &[2, 3], &[]), ledger(&[], &[3], &[])];
        assert_eq!(survival(&ledgers, &[task(1, 5), task(2, 0), task(3, 0)]), (3, 2));
    }

    #[test]
    fn a_deleted_task_that_is_there_is_a_lost_delete_and_its_minutes_are_not_judged() {
        let ledgers = [ledger(&[(1, 10)], &[2], &[1, 2])];
        assert_eq!(survival(&ledgers, &[]), (3, 3));
        assert_eq!(survival(&ledgers, &[task(1, 5)]), (3, 2));
    }
}
