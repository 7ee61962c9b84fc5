//! Lists: the tasks that they have, twice have or lack.

use lab_history::{Function, Record};
use lab_task::{Anomaly, Status};

use super::{FREE, NO_STATUS, OrderChecker};
use crate::pending::{Listed, OUT_OF_ORDER, Pending};
use crate::read::Absence;
use crate::snapshot::{Span, Ties};
use crate::task::Stay;

/// What was found out last of a task for a list, while tasks are judged: the next list mostly needs
/// the same.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Memo {
    /// Of a list by status that lacks it.
    stay: Stay,
    status: Option<Status>,
    /// Of a list that shows it.
    span: Span,
}

impl OrderChecker {
    pub(super) fn register_listed(&mut self, at: usize, records: &[Record]) {
        let record = &records[at];
        let slot = self.touched_slot(record);
        if std::mem::replace(&mut self.marks[slot as usize], self.serial) == self.serial {
            self.name_double(slot, at, records);
            return;
        }
        let version = if self.see(slot, at, records) { record.version } else { OUT_OF_ORDER };
        self.listed.push(Listed { slot, version });
        if let Some(pending) = self.pending.last_mut() {
            pending.to = self.listed.len();
        }
    }

    /// One list has a task twice.
    fn name_double(&mut self, slot: u32, at: usize, records: &[Record]) {
        let record = &records[at];
        let is_of_it = |it: &&Record| (it.process, it.invoked) == (record.process, record.invoked);
        let mut before = records[..at].iter().rev().take_while(is_of_it);
        let is_same = |it: &&Record| it.function == Function::Listed && it.task == record.task;
        let Some(first) = before.find(is_same).copied() else { return };
        let is_other = first.version != record.version;
        let name = if is_other { Anomaly::NonRepeatableRead } else { Anomaly::TornList };
        let task = &self.tasks[slot as usize];
        let steps = vec![first, *record];
        let client = record.process;
        let sentence = format!("a list of client {client} has {} twice", task.id());
        self.findings.note(name, || task.finding(name, steps, sentence));
    }

    /// The tasks of a list, and those that it lacks, where that says something of its place.
    pub(super) fn tie_list(
        &mut self,
        at: usize,
        list: &Pending,
        is_settled: bool,
        ties: &mut Ties,
    ) {
        if list.is_dropped {
            return;
        }
        self.serial += 1;
        for listed in &self.listed[list.from..list.to] {
            self.marks[listed.slot as usize] = self.serial;
            let span = &mut self.memos[listed.slot as usize].span;
            if span.version != listed.version {
                *span = Span::of(listed.version, &self.tasks[listed.slot as usize]);
            }
            ties.see(at, listed, span, &list.record);
        }
        if !is_settled || list.record.based_on != 0 {
            return;
        }
        if self.has_all_that_rest(list) {
            for at_restless in 0..self.rest.restless().len() {
                self.tie_if_omitted(at, self.rest.restless()[at_restless] as usize, list, ties);
            }
        } else {
            for slot in 0..self.tasks.len() {
                self.tie_if_omitted(at, slot, list, ties);
            }
        }
    }

    /// Whether a list has each task that rests and that it can have asked for.
    fn has_all_that_rest(&self, list: &Pending) -> bool {
        let asked = list.record.status.map(|status| status as u8);
        let count = self.rest.count(asked);
        if count == 0 {
            return true;
        }
        let is_meant = |listed: &&Listed| {
            let rests_in = self.rest.statuses()[listed.slot as usize];
            rests_in < NO_STATUS && asked.is_none_or(|asked| asked == rests_in)
        };
        let listed = &self.listed[list.from..list.to];
        listed.iter().filter(is_meant).count() == count
    }

    /// Whether the task in a slot had `status` at the least version that a list can have seen, so
    /// that it may have had it all along. Lists come in about the order of their invocations, so
    /// that mostly this is as it was for the one before.
    #[inline]
    fn may_have(&mut self, slot: usize, status: Status, record: &Record) -> bool {
        let memo = &self.memos[slot];
        if (memo.stay.from..=memo.stay.until).contains(&record.invoked) {
            return memo.status == Some(status);
        }
        match self.rest.statuses()[slot] {
            NO_STATUS => self.find_status(slot, record) == Some(status),
            rests_in => rests_in == status as u8,
        }
    }

    fn find_status(&mut self, slot: usize, record: &Record) -> Option<Status> {
        let (memo, task) = (&mut self.memos[slot], &self.tasks[slot]);
        memo.stay = task.stay_at(record.invoked, &memo.stay);
        memo.status = task.status_at_position(memo.stay.position);
        memo.status
    }

    #[inline]
    fn tie_if_omitted(&mut self, at: usize, slot: usize, list: &Pending, ties: &mut Ties) {
        if self.marks[slot] == self.serial {
            return;
        }
        match list.record.status {
            Some(status) if self.may_have(slot, status, &list.record) => {
                self.tie_omitted_by_status(at, slot, status, &list.record);
            }
            Some(_) => {}
            None => self.tie_omitted(at, slot, &list.record, ties),
        }
    }

    fn tie_omitted_by_status(&mut self, at: usize, slot: usize, status: Status, record: &Record) {
        let task = &mut self.tasks[slot];
        if task.has_all_along(status, record) {
            let Some(floor) = task.floor_at(record.invoked).copied() else { return };
            let steps = vec![floor.by, *record];
            task.lack(Anomaly::TornList, record, &floor, steps, &mut self.findings);
            self.pending[at].is_dropped = true;
        }
    }

    fn tie_omitted(&mut self, at: usize, slot: usize, record: &Record, ties: &mut Ties) {
        if self.rest.statuses()[slot] == FREE {
            return;
        }
        match self.miss(slot, record) {
            Absence::Settled => {}
            Absence::Wrong => self.pending[at].is_dropped = true,
            Absence::Unborn => ties.see_unborn(at, slot),
            Absence::Gone => ties.see_gone(at, slot, &self.tasks[slot], record),
        }
    }

    /// `record` did not find the task in a slot.
    pub(super) fn miss(&mut self, slot: usize, record: &Record) -> Absence {
        let absence = self.tasks[slot].miss(record, &mut self.findings);
        if absence != Absence::Settled {
            // It may have shown when the task was deleted.
            self.memos[slot] = Memo::default();
        }
        absence
    }
}
