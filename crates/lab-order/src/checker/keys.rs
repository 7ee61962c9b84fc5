//! Creates with idempotency keys, and creates of which nobody knows whether they happened.

use lab_history::Record;
use lab_task::Anomaly;

use super::OrderChecker;
use crate::finding::{Age, Finding};

impl OrderChecker {
    /// Whether the create makes a task, and is no retry that gave the task of the first try.
    pub(super) fn is_first_of_its_key(&mut self, record: &Record) -> bool {
        if record.based_on == 0 {
            return true;
        }
        let known = self.slots.get(&record.task).map(|slot| self.tasks[*slot as usize].key);
        if known == Some(record.based_on) {
            return false;
        }
        let mut creates = self.keys.remove(&record.based_on).unwrap_or_default();
        let is_retry = creates.iter().any(|first| first.task == record.task);
        if !is_retry {
            creates.retain(|first| !self.may_be_gone(first.task, 0));
            self.made_again.extend(creates.iter().map(|first| (*first, *record)));
            creates.push(*record);
        }
        self.keys.insert(record.based_on, creates);
        let is_unclear = self.crashed_keys.contains(&record.based_on);
        if is_unclear {
            let slot = self.touched_slot(record);
            self.tasks[slot as usize].find_created(record);
        }
        !is_unclear && !is_retry
    }

    /// Two tasks of one key are right only if one of them was deleted before the other was made.
    pub(super) fn judge_keys(&mut self, invoked_from: u64) {
        for (first, again) in std::mem::take(&mut self.made_again) {
            let end = first.answered.max(again.answered);
            if end >= invoked_from {
                self.made_again.push((first, again));
            } else if !self.may_be_gone(first.task, end) && !self.may_be_gone(again.task, end) {
                self.findings.note(Anomaly::DuplicateCreate, || made_again(&first, &again));
            }
        }
    }

    fn may_be_gone(&self, task: u64, before: u64) -> bool {
        let slot = self.slots.get(&task);
        slot.is_none_or(|slot| self.tasks[*slot as usize].may_be_gone(before))
    }

    pub(super) fn forget_key(&mut self, key: u64, task: u64) {
        let Some(creates) = self.keys.get_mut(&key) else { return };
        creates.retain(|create| create.task != task);
        if creates.is_empty() {
            self.keys.remove(&key);
        }
    }

    /// Somebody saw a task that nobody was told to have created.
    pub(super) fn explain(&mut self, slot: usize, unexplained: Option<Record>) {
        let Some(saw) = unexplained else { return };
        // The same key made this very task; or nothing else did; or another task: then twice.
        let live = |create: &Record| {
            let creates = self.keys.get(&create.based_on).into_iter().flatten();
            let is_live = |known: &&Record| {
                let end = saw.answered.max(known.answered);
                !self.may_be_gone(known.task, end) && !self.may_be_gone(saw.task, end)
            };
            creates.filter(is_live).copied().next()
        };
        let fit = |create: &Record| match live(create) {
            Some(known) if known.task == saw.task => 0,
            Some(_) => 2,
            None => 1,
        };
        let crashed = self.crashed_creates.iter().enumerate();
        let crashed = crashed.filter(|(_, create)| create.invoked <= saw.answered);
        // Of those that fit the last one: earlier ones may be needed for who was answered earlier.
        let crashed = crashed.map(|(at, create)| (fit(create), u64::MAX - create.invoked, at));
        let Some((fit, _, at)) = crashed.min() else {
            let task = &self.tasks[slot];
            let saw = Record { version: 1, ..saw };
            self.findings.note(Anomaly::DirtyRead, || task.dirty(&saw, None));
            return;
        };
        let again = live(&self.crashed_creates[at]);
        let create = self.crashed_creates.swap_remove(at);
        if fit == 2
            && let Some(again) = again
        {
            let create = Record { task: saw.task, ..create };
            self.findings.note(Anomaly::DuplicateCreate, || made_again(&create, &again));
        }
    }
}

fn made_again(first: &Record, again: &Record) -> Finding {
    let task = lab_task::TaskId(again.task);
    let sentence = format!(
        "one create was sent twice, by client {} and client {}, and made task {} and {task}",
        first.process, again.process, first.task
    );
    let (anomaly, steps) = (Anomaly::DuplicateCreate, vec![*first, *again]);
    Finding { anomaly, task, steps, age: Age::default(), sentence }
}
