//! Lists: the tasks that they have, twice have or lack.

use lab_history::Record;
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
            self.name_double(slot, record);
            return;
        }
        let version = if self.see(slot, at, records) { record.version } else { OUT_OF_ORDER };
        self.listed.push(Listed { slot, version });
        if let Some(pending) = self.pending.last_mut() {
            pending.to = self.listed.len();
        }
    }

    /// One list has a task twice.
    fn name_double(&mut self, slot: u32, record: &Record) {
        let from = self.pending.last().map_or(0, |pending| pending.from);
        let first = self.listed[from..].iter().find(|listed| listed.slot == slot);
        let version = first.map_or(OUT_OF_ORDER, |listed| listed.version);
        let is_other = version != OUT_OF_ORDER && version != record.version;
        let name = if is_other { Anomaly::NonRepeatableRead } else { Anomaly::TornList };
        let task = &self.tasks[slot as usize];
        let steps = vec![Record { version, ..*record }, *record];
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
        for listed in &self.listed[list.from..list.to] {
            let span = &mut self.memos[listed.slot as usize].span;
            if span.version != listed.version {
                *span = Span::of(listed.version, &self.tasks[listed.slot as usize]);
            }
            ties.see(at, listed, span, &list.record);
        }
        if !is_settled || list.record.based_on != 0 {
            return;
        }
        self.serial += 1;
        for listed in &self.listed[list.from..list.to] {
            self.marks[listed.slot as usize] = self.serial;
        }
        if self.has_all_that_rest(list) {
            for at_restless in 0..self.rest.restless().len() {
                let slot = self.rest.restless()[at_restless] as usize;
                if self.marks[slot] != self.serial {
                    self.tie_omitted(at, slot, list, ties);
                }
            }
            return;
        }
        for slot in 0..self.tasks.len() {
            if self.marks[slot] != self.serial && self.rest.statuses()[slot] != FREE {
                self.tie_omitted(at, slot, list, ties);
            }
        }
    }

    /// Whether a list has each task that rests and that it can have asked for.
    fn has_all_that_rest(&self, list: &Pending) -> bool {
        let asked = list.record.status.map(|status| status as u8);
        let is_meant = |listed: &&Listed| {
            let rests_in = self.rest.statuses()[listed.slot as usize];
            rests_in < NO_STATUS && asked.is_none_or(|asked| asked == rests_in)
        };
        let listed = &self.listed[list.from..list.to];
        listed.iter().filter(is_meant).count() == self.rest.count(asked)
    }

    /// Whether the task in a slot had `status` at the least version that a list can have seen, so
    /// that it may have had it all along. Lists come in about the order of their invocations, so
    /// that mostly this is as it was for the one before.
    fn may_have(&mut self, slot: usize, status: Status, record: &Record) -> bool {
        let memo = &mut self.memos[slot];
        if !(memo.stay.from..=memo.stay.until).contains(&record.invoked) {
            let task = &self.tasks[slot];
            memo.stay = task.stay_at(record.invoked, &memo.stay);
            memo.status = task.status_at_position(memo.stay.position);
        }
        memo.status == Some(status)
    }

    fn tie_omitted(&mut self, at: usize, slot: usize, list: &Pending, ties: &mut Ties) {
        let record = &list.record;
        if let Some(status) = record.status {
            let rests_in = self.rest.statuses()[slot];
            let is_other = rests_in < NO_STATUS && rests_in != status as u8;
            if !is_other && self.may_have(slot, status, record) {
                let task = &mut self.tasks[slot];
                if !task.has_all_along(status, record) {
                    return;
                }
                let Some(floor) = task.floor_at(record.invoked).copied() else { return };
                let steps = vec![floor.by, *record];
                task.lack(Anomaly::TornList, record, &floor, steps, &mut self.findings);
                self.pending[at].is_dropped = true;
            }
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
