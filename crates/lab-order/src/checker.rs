//! A checker that is fed while the history goes on.

mod counts;
mod keys;
mod lists;
mod rest;

pub(crate) use self::counts::is_over_limit;
use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;
use lab_history::{Ending, Function, Record};
use lab_task::Task as StoredTask;

use self::lists::Memo;
use self::rest::Rest;
use crate::finding::Findings;
use crate::ids::Ids;
use crate::malformed::{Malformed, check};
use crate::pending::{Listed, Pending};
use crate::snapshot::{Ties, judge_snapshots};
use crate::task::Task;

/// A stale read is called non-monotonic if its own client saw the newer version within so many
/// records before it.
const OWN_RECORDS: usize = 1 << 12;
/// No slot is this one's, or its newest status is not known.
const NO_STATUS: u8 = 3;
const FREE: u8 = 4;

/// Checks the history of a task store by its versions, while it goes on.
///
/// Records are pushed in about the order of their answers; [`OrderChecker::settle`] says from which
/// place on operations are still to come, and what can no longer matter is forgotten. Memory is
/// that of the operations that overlap, one small record for each task that is there, ranges for
/// those that were deleted, and the operations of which nobody knows whether they happened.
///
/// What it decides. Every operation on one task with a known version, and every task in a `list`,
/// is held against the order of versions and real time: together that is linearizability of each
/// task (versions say the order of writes, and a read stands behind the write that it saw). Each
/// `list` must then be one state, together with all others and with real time: strict
/// serializability, as there is no cycle of write order, read order and real time. Counts
/// (`summary`, `start`) are held against what was certain. The crate's page says what stays open.
#[derive(Debug, Default)]
pub struct OrderChecker {
    slots: HashMap<u64, u32, FixedState>,
    tasks: Vec<Task>,
    free: Vec<u32>,
    /// For each slot the serial number of the last list that had its task.
    marks: Vec<u64>,
    serial: u64,
    rest: Rest,
    memos: Vec<Memo>,
    deleted: Ids,
    /// The creates with one key whose tasks may still be there.
    keys: HashMap<u64, Vec<Record>, FixedState>,
    crashed_creates: Vec<Record>,
    crashed_keys: HashSet<u64, FixedState>,
    /// Creates with one key and two ids.
    made_again: Vec<(Record, Record)>,
    /// The last ones that were registered, then those that cannot be yet.
    records: Vec<Record>,
    registered: usize,
    /// The client and the place of the last record, if that was a list or of one.
    last_list: Option<(u32, u64)>,
    pending: Vec<Pending>,
    listed: Vec<Listed>,
    touched: Vec<u32>,
    settled: u64,
    /// A change may have happened or not.
    has_unknown: bool,
    operations: u64,
    findings: Findings,
}

impl OrderChecker {
    /// A checker of a store that is empty at the beginning.
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells of a task that was there before the first record.
    pub fn begin_with(&mut self, task: &StoredTask) {
        let created = Record {
            invoked: 0,
            answered: 0,
            process: u32::MAX,
            function: Function::Save,
            ending: Ending::Ok,
            status: Some(task.status),
            task: task.id.0,
            based_on: 0,
            version: task.version.0,
            content: lab_history::content_hash(task),
        };
        let slot = self.slot(task.id.0);
        self.tasks[slot as usize].go_on_from(task.version.0, &created);
    }

    /// Takes one record, in about the order of answers; the tasks of a list behind the list.
    ///
    /// # Errors
    /// The record contradicts itself, or comes too late.
    #[inline]
    pub fn push(&mut self, record: &Record) -> Result<(), Malformed> {
        check(record, self.last_list, self.settled)?;
        let is_list = matches!(record.function, Function::List | Function::Listed);
        self.last_list = is_list.then_some((record.process, record.invoked));
        let mut record = *record;
        if record.function != Function::Listed {
            self.operations += 1;
        }
        match record.ending {
            Ending::Fail | Ending::Info => self.keep_unapplied(record),
            _ => {
                if record.function == Function::Create {
                    record.version = 1;
                }
                self.records.push(record);
            }
        }
        Ok(())
    }

    /// All operations that are still to come are invoked at `invoked_from` or later: judges what
    /// that settles.
    pub fn settle(&mut self, invoked_from: u64) {
        let mut records = std::mem::take(&mut self.records);
        if !records[self.registered..].is_sorted_by_key(|record| record.answered) {
            records[self.registered..].sort_by_key(|record| record.answered);
        }
        let mut early = Vec::new();
        for at in self.registered..records.len() {
            if records[at].invoked < invoked_from {
                records[self.registered] = records[at];
                self.register(self.registered, &records);
                self.registered += 1;
            } else {
                early.push(records[at]);
            }
        }
        records.truncate(self.registered);
        records.append(&mut early);
        if self.registered > 2 * OWN_RECORDS {
            records.drain(..self.registered - OWN_RECORDS);
            self.registered = OWN_RECORDS;
        }
        self.records = records;
        self.settled = self.settled.max(invoked_from);
        self.judge(invoked_from);
    }

    /// No operation is to come. What was found, and in how many operations.
    pub fn finish(mut self) -> (Findings, u64) {
        self.settle(u64::MAX);
        for slot in 0..self.tasks.len() {
            if self.rest.statuses()[slot] != FREE {
                let unexplained = self.tasks[slot].close(&mut self.findings);
                self.explain(slot, unexplained);
            }
        }
        (self.findings, self.operations)
    }

    /// What was found so far.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// How many records wait to be settled. Whoever feeds it while a history goes on must not let
    /// them become more than 100,000.
    pub fn waiting(&self) -> usize {
        self.records.len() - self.registered
    }

    /// Roughly how many bytes it holds now.
    pub fn bytes(&self) -> usize {
        let tasks: usize = self.tasks.iter().map(Task::bytes).sum();
        tasks
            + self.records.capacity() * size_of::<Record>()
            + self.pending.capacity() * size_of::<Pending>()
            + self.listed.capacity() * size_of::<Listed>()
            + (self.slots.capacity() + self.keys.capacity()) * size_of::<(u64, Record)>()
    }

    fn keep_unapplied(&mut self, record: Record) {
        let is_lost = record.ending == Ending::Info;
        self.has_unknown |= is_lost && record.function.is_change();
        match record.function {
            Function::Create if is_lost => {
                self.crashed_creates.push(record);
                self.crashed_keys.insert(record.based_on);
            }
            Function::Edit | Function::Save | Function::Delete | Function::Start => {
                let slot = self.slot(record.task);
                let task = &mut self.tasks[slot as usize];
                if is_lost { task.crashed.push(record) } else { task.failed.push_back(record) }
            }
            _ => {}
        }
    }

    #[inline]
    fn register(&mut self, at: usize, records: &[Record]) {
        let record = &records[at];
        match (record.function, record.ending) {
            (Function::List, _) => {
                self.wait(record);
                self.serial += 1;
            }
            (Function::Summary, _) | (_, Ending::LimitReached) => self.wait(record),
            (_, Ending::NotFound) => {
                if let Some(&slot) = self.slots.get(&record.task) {
                    self.touch(slot);
                }
                self.wait(record);
            }
            (Function::Listed, _) => self.register_listed(at, records),
            (Function::Get, _) => {
                let slot = self.touched_slot(record);
                self.see(slot, at, records);
            }
            (_, Ending::Ok) => self.register_change(record),
            (_, Ending::Stale) => {
                let slot = self.touched_slot(record);
                self.tasks[slot as usize].failed.push_back(*record);
                // What it was refused is not what it saw.
                let saw = Record { content: 0, status: None, ..*record };
                let task = &mut self.tasks[slot as usize];
                task.see(&saw, |_| false, &mut self.findings);
            }
            (_, Ending::NoLease) => {
                let slot = self.slot(record.task);
                self.tasks[slot as usize].failed.push_back(*record);
            }
            _ => {}
        }
    }

    /// It is judged when all is known that was invoked before its answer.
    fn wait(&mut self, record: &Record) {
        let from = self.listed.len();
        self.pending.push(Pending { record: *record, from, to: from, is_dropped: false });
    }

    fn register_change(&mut self, record: &Record) {
        if record.function == Function::Create && !self.is_first_of_its_key(record) {
            return;
        }
        let slot = self.touched_slot(record);
        let task = &mut self.tasks[slot as usize];
        match record.function {
            Function::Delete => task.remove(record, &mut self.findings),
            _ => task.write(record, &mut self.findings),
        }
        if record.function == Function::Start {
            self.wait(record);
        }
        let task = &mut self.tasks[slot as usize];
        if record.function == Function::Create {
            task.key = record.based_on;
        }
    }

    #[inline]
    fn see(&mut self, slot: u32, at: usize, records: &[Record]) -> bool {
        let record = &records[at];
        let saw_newer = |version: u64| {
            let mut before = records[..at].iter().rev().take(OWN_RECORDS);
            before.any(|own| {
                own.process == record.process
                    && own.task == record.task
                    && own.answered < record.invoked
                    && matches!(own.ending, Ending::Ok | Ending::Stale)
                    && !matches!(own.function, Function::List | Function::Summary)
                    && own.version > version
            })
        };
        self.tasks[slot as usize].see(record, saw_newer, &mut self.findings)
    }

    fn judge(&mut self, invoked_from: u64) {
        let mut ties = Ties::default();
        if self.pending.iter().any(|it| it.record.function == Function::List) {
            self.memos.fill(Memo::default());
        }
        for at in 0..self.pending.len() {
            let pending = self.pending[at];
            let is_settled = pending.record.answered < invoked_from;
            match (pending.record.function, pending.record.ending) {
                (Function::List, _) => self.tie_list(at, &pending, is_settled, &mut ties),
                _ if !is_settled => {}
                (_, Ending::NotFound) => {
                    if let Some(&slot) = self.slots.get(&pending.record.task) {
                        self.miss(slot as usize, &pending.record);
                    }
                }
                _ => self.judge_count(&pending.record),
            }
        }
        let lacking = judge_snapshots(ties, &self.tasks, &mut self.pending, &mut self.findings);
        for lack in lacking {
            self.tasks[lack.slot].lack_the_new(&lack.list, lack.steps, &mut self.findings);
        }
        self.judge_keys(invoked_from);
        self.forget(invoked_from);
    }

    /// Forgets what no operation can see that is invoked at `invoked_from` or later.
    fn forget(&mut self, invoked_from: u64) {
        let is_open = |pending: &Pending| pending.record.answered >= invoked_from;
        let least = |pending: &[Pending]| pending.iter().map(|it| it.record.invoked).min();
        let open: Vec<Pending> = self.pending.iter().filter(|it| is_open(it)).copied().collect();
        // A list may still be tied to another that is beside it and not settled.
        let open_from = least(&open).map_or(invoked_from, |open| open.min(invoked_from));
        let mut listed = Vec::new();
        self.pending.retain_mut(|pending| {
            let is_list = pending.record.function == Function::List && !pending.is_dropped;
            let is_kept = is_open(pending) || is_list && pending.record.answered >= open_from;
            if is_kept {
                let from = listed.len();
                listed.extend_from_slice(&self.listed[pending.from..pending.to]);
                (pending.from, pending.to) = (from, listed.len());
            }
            is_kept
        });
        let needed_from = least(&self.pending).map_or(open_from, |kept| kept.min(open_from));
        self.listed = listed;
        for slot in std::mem::take(&mut self.touched) {
            self.retire(slot, needed_from);
        }
    }

    fn retire(&mut self, slot: u32, needed_from: u64) {
        let at = slot as usize;
        let unexplained = self.tasks[at].retire(needed_from, &mut self.findings);
        self.explain(at, unexplained);
        let task = &self.tasks[at];
        if task.is_over(needed_from) {
            let (id, key) = (task.id, task.key);
            self.deleted.insert(id);
            self.slots.remove(&id);
            self.forget_key(key, id);
            self.rest.set(slot, FREE);
            self.free.push(slot);
            return;
        }
        let task = &mut self.tasks[at];
        task.is_touched = !task.is_steady();
        if task.is_touched {
            self.touched.push(slot);
            self.rest.set(slot, NO_STATUS);
        } else {
            let status = task.steady_status().map_or(NO_STATUS, |status| status as u8);
            self.rest.set(slot, status);
        }
    }

    #[inline]
    fn touched_slot(&mut self, record: &Record) -> u32 {
        let slot = match self.slots.get(&record.task) {
            Some(slot) => *slot,
            None => self.slot_of_unknown(record),
        };
        self.touch(slot);
        slot
    }

    fn slot_of_unknown(&mut self, record: &Record) -> u32 {
        let is_dead = self.deleted.contains(record.task);
        let slot = self.slot(record.task);
        if is_dead {
            self.deleted.remove(record.task);
            self.tasks[slot as usize].resurrect(record, &mut self.findings);
        }
        slot
    }

    #[inline]
    fn touch(&mut self, slot: u32) {
        let task = &mut self.tasks[slot as usize];
        if !task.is_touched {
            task.is_touched = true;
            self.rest.set(slot, NO_STATUS);
            self.touched.push(slot);
        }
    }

    #[inline]
    fn slot(&mut self, id: u64) -> u32 {
        if let Some(&slot) = self.slots.get(&id) {
            return slot;
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.tasks.push(Task::new(id));
            self.marks.push(0);
            self.rest.grow();
            self.memos.push(Memo::default());
            u32::try_from(self.tasks.len() - 1).unwrap_or(u32::MAX)
        });
        self.tasks[slot as usize] = Task::new(id);
        self.rest.set(slot, NO_STATUS);
        self.marks[slot as usize] = 0;
        self.slots.insert(id, slot);
        slot
    }
}
