//! The rules for an operation that saw one version of a task, or did not find it.

use lab_history::{Function, Record};
use lab_task::{Anomaly, Status};

use crate::finding::Findings;
use crate::position::{GONE, GONE_SEEN, UNBORN, seen, version_of, written};
use crate::task::{ABSENT, Floor, Task};

/// What an operation that did not find a task says of the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absence {
    /// Nothing: it was not there yet, or is gone, or both can be.
    Settled,
    /// It cannot be, and was named.
    Wrong,
    /// It stands before the creation, which was under way.
    Unborn,
    /// It stands behind the deletion.
    Gone,
}

impl Task {
    /// `record` saw the version that it names. Whether that can be, as far as this task goes.
    #[inline]
    pub(crate) fn see(
        &mut self,
        record: &Record,
        saw_newer: impl Fn(u64) -> bool,
        findings: &mut Findings,
    ) -> bool {
        let position = seen(record.version);
        if !self.forks.is_empty() {
            self.hear_of_forks(record, findings);
        }
        if let Some(floor) = self.floor_at(record.invoked)
            && floor.position > position
        {
            let floor = *floor;
            if floor.position >= GONE {
                self.resurrect(record, findings);
                return false;
            }
            let is_own = floor.by.process == record.process || saw_newer(record.version);
            let name = if is_own { Anomaly::NonMonotonicRead } else { Anomaly::StaleRead };
            let age = self.age(record, record.version, &floor);
            self.doubt(name, age, record, &floor, vec![floor.by, *record]);
            return false;
        }
        if self.is_of_before(record, self.last_version()) {
            return false;
        }
        match self.version_mut(record.version) {
            Some(at) => at.see(record),
            None => {
                if record.version > self.base {
                    self.holes.push((record.version, *record));
                }
                return false;
            }
        }
        self.reach(position, record);
        self.go_on(position, record, findings);
        true
    }

    /// `record`, a read of this task or a list of all, did not find it. All operations are known
    /// that were invoked before its answer.
    pub(crate) fn miss(&mut self, record: &Record, findings: &mut Findings) -> Absence {
        if record.invoked < self.known_from {
            return Absence::Settled;
        }
        let floor = self.floor_at(record.invoked).copied();
        let is_born = floor.is_some_and(|floor| floor.position >= written(1));
        if !is_born {
            let create = self.version(1).and_then(|at| at.writer);
            let is_under_way = create.is_some_and(|create| create.invoked <= record.answered);
            let is_there_later = self.known_after(record.answered).is_some();
            let is_before = is_under_way && (is_there_later || !self.may_be_gone(record.answered));
            return if is_before { self.see_unborn(record) } else { Absence::Settled };
        }
        let removal = self.removal.filter(|removal| removal.invoked <= record.answered);
        if removal.is_some() || self.assume_removed(record) {
            if let Some(back) = self.known_after(record.answered) {
                let missed = *record;
                findings.note(Anomaly::ResurrectedDelete, || self.back_again(missed, back));
                return Absence::Wrong;
            }
            self.reach(GONE_SEEN, record);
            if self.missed.is_none_or(|missed| record.answered < missed.answered) {
                self.missed = Some(*record);
            }
            return Absence::Gone;
        }
        if let Some(floor) = floor {
            let is_list = record.function == Function::List;
            let name = if is_list { Anomaly::TornList } else { Anomaly::StaleRead };
            self.lack(name, record, &floor, vec![floor.by, *record], findings);
        }
        Absence::Wrong
    }

    /// `record` did not find a task that is there, and was not found to be there later, so far.
    pub(crate) fn lack(
        &mut self,
        name: Anomaly,
        record: &Record,
        floor: &Floor,
        steps: Vec<Record>,
        findings: &mut Findings,
    ) {
        let age = self.age(record, 0, floor);
        self.doubt(name, age, record, floor, steps);
        if self.is_known_after(record.answered) {
            let told = self.doubts.pop();
            told.into_iter().for_each(|doubt| doubt.tell(findings));
        }
    }

    /// Whether `record` was under way when something was wrong, and tells of what was before that.
    pub(crate) fn is_of_before(&self, record: &Record, newest: u64) -> bool {
        record.invoked < self.known_from && record.version > newest
    }

    /// A list lacks the task though it shows what came after its creation.
    pub(crate) fn lack_the_new(
        &mut self,
        list: &Record,
        steps: Vec<Record>,
        findings: &mut Findings,
    ) {
        if let Some(by) = self.version(1).and_then(|at| at.writer) {
            let floor = Floor { position: written(1), by };
            self.lack(Anomaly::TornList, list, &floor, steps, findings);
        }
    }

    /// Whether a deletion may have taken effect before `place`.
    pub(crate) fn may_be_gone(&self, place: u64) -> bool {
        let crashed = self.crashed.iter().filter(|it| it.function == Function::Delete);
        crashed.chain(&self.removal).any(|removal| removal.invoked <= place)
    }

    fn see_unborn(&mut self, record: &Record) -> Absence {
        self.reach(UNBORN, record);
        if let Some(unborn) = self.version_mut(0) {
            // What it would have written is not what it saw.
            unborn.see(&Record { content: 0, status: None, ..*record });
        }
        Absence::Unborn
    }

    /// A delete of which nobody knew whether it happened has happened.
    fn assume_removed(&mut self, record: &Record) -> bool {
        let is_delete = |crashed: &Record| {
            crashed.function == Function::Delete && crashed.invoked <= record.answered
        };
        let Some(at) = self.crashed.iter().position(is_delete) else {
            return false;
        };
        let removal = self.crashed.swap_remove(at);
        self.removal = Some(Record { version: self.last_version(), ..removal });
        true
    }

    /// The statuses that the task can have had while `record` ran, as bits, with [`ABSENT`].
    pub(crate) fn statuses(&self, record: &Record) -> u8 {
        const ANY: u8 = 0b111;
        let is_crashed = self.crashed.iter().any(|it| it.invoked <= record.answered);
        if record.invoked < self.known_from || is_crashed || !self.doubts.is_empty() {
            return ANY | ABSENT;
        }
        let position = self.floor_at(record.invoked).map_or(UNBORN, |floor| floor.position);
        if position >= GONE {
            return ABSENT;
        }
        let is_removed = self.removal.is_some_and(|removal| removal.invoked <= record.answered);
        let mut may = if is_removed { ABSENT } else { 0 };
        let first = version_of(position).saturating_sub(self.base);
        let mut known = self.status_at(first);
        let current = self.versions.iter().skip(usize::try_from(first).unwrap_or(usize::MAX));
        for (version, at) in (self.base.saturating_add(first)..).zip(current) {
            known = at.status().or(known.filter(|_| at.keeps_status()));
            may |= match known {
                _ if version == 0 => ABSENT,
                _ if at.made_from() > record.answered => break,
                Some(status) if at.is_clear() => 1 << status as u8,
                _ => ANY | ABSENT,
            };
        }
        may
    }

    /// Whether the task had `status` all the time from the invocation of `record` to its answer.
    /// False where that is not known.
    pub(crate) fn has_all_along(&self, status: Status, record: &Record) -> bool {
        if record.invoked < self.known_from {
            return false;
        }
        let Some(floor) = self.floor_at(record.invoked) else { return false };
        let is_disturbed = self.removal.is_some_and(|removal| removal.invoked <= record.answered)
            || self.crashed.iter().any(|crashed| crashed.invoked <= record.answered);
        if floor.position >= GONE || is_disturbed {
            return false;
        }
        let Some(first) = version_of(floor.position).checked_sub(self.base) else {
            return false;
        };
        let mut known = self.status_at(first);
        let current = self.versions.iter().skip(usize::try_from(first).unwrap_or(usize::MAX));
        let mut current = current.take_while(|at| at.made_from() <= record.answered);
        known == Some(status)
            && current.all(|at| {
                known = at.status().or(known.filter(|_| at.keeps_status()));
                at.is_clear() && known == Some(status)
            })
    }

    /// The status at a position, if it is known.
    pub(crate) fn status_at_position(&self, position: u64) -> Option<Status> {
        let is_there = position < GONE;
        let first = version_of(position).checked_sub(self.base).filter(|_| is_there)?;
        self.status_at(first)
    }

    /// The status of a version, by its place among those that are kept.
    fn status_at(&self, index: u64) -> Option<Status> {
        let count = usize::try_from(index).ok()?.checked_add(1)?.min(self.versions.len());
        let mut before = self.versions.iter().take(count).rev();
        before.find_map(|at| match at.status() {
            None if at.keeps_status() => None,
            known => Some(known),
        })?
    }
}
