//! Lists: the tasks that they have, twice have or lack.

use lab_history::Record;
use lab_task::Anomaly;

use super::{FREE, NO_STATUS, OrderChecker};
use crate::pending::{Listed, OUT_OF_ORDER, Pending};
use crate::read::Absence;
use crate::snapshot::Ties;

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
            let task = &self.tasks[listed.slot as usize];
            ties.see(at, listed, task, &list.record);
        }
        if !is_settled || list.record.based_on != 0 {
            return;
        }
        self.serial += 1;
        for listed in &self.listed[list.from..list.to] {
            self.marks[listed.slot as usize] = self.serial;
        }
        for slot in 0..self.tasks.len() {
            if self.marks[slot] != self.serial && self.steady[slot] != FREE {
                self.tie_omitted(at, slot, list, ties);
            }
        }
    }

    fn tie_omitted(&mut self, at: usize, slot: usize, list: &Pending, ties: &mut Ties) {
        let record = &list.record;
        if let Some(status) = record.status {
            let is_other = self.steady[slot] < NO_STATUS && self.steady[slot] != status as u8;
            let task = &mut self.tasks[slot];
            if !is_other && task.has_all_along(status, record) {
                let Some(floor) = task.floor_at(record.invoked).copied() else { return };
                let steps = vec![floor.by, *record];
                task.lack(Anomaly::TornList, record, &floor, steps, &mut self.findings);
                self.pending[at].is_dropped = true;
            }
            return;
        }
        let task = &mut self.tasks[slot];
        match task.miss(record, &mut self.findings) {
            Absence::Settled => {}
            Absence::Wrong => self.pending[at].is_dropped = true,
            Absence::Unborn => ties.see_unborn(at, slot),
            Absence::Gone => ties.see_gone(at, slot, task, record),
        }
    }
}
