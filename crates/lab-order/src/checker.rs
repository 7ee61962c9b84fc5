//! A checker that is fed while the history goes on.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;
use lab_history::{Ending, Function, Record};
use lab_task::{Anomaly, Task as StoredTask};

use crate::finding::{Age, Finding, Findings};
use crate::ids::Ids;
use crate::malformed::{Malformed, check};
use crate::pending::{Listed, OUT_OF_ORDER, Pending};
use crate::read::Absence;
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
/// (`summary`, `start`) are held against what was certain; see `lab-order`'s own documentation for
/// what is left open there.
#[derive(Debug, Default)]
pub struct OrderChecker {
    slots: HashMap<u64, u32, FixedState>,
    tasks: Vec<Task>,
    free: Vec<u32>,
    /// For each slot the serial number of the last list that had its task.
    marks: Vec<u64>,
    serial: u64,
    /// For each slot the status of the task, where it has one version only.
    steady: Vec<u8>,
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
    last: Option<Record>,
    pending: Vec<Pending>,
    listed: Vec<Listed>,
    touched: Vec<u32>,
    settled: u64,
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
        check(record, self.last.as_ref(), self.settled)?;
        self.last = Some(*record);
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
            if self.steady[slot] != FREE {
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
                let from = self.listed.len();
                let pending = Pending { record: *record, from, to: from, is_dropped: false };
                self.pending.push(pending);
                self.serial += 1;
            }
            (Function::Summary, _) => {}
            (_, Ending::NotFound) => {
                if let Some(&slot) = self.slots.get(&record.task) {
                    self.touch(slot);
                }
                let from = self.listed.len();
                let pending = Pending { record: *record, from, to: from, is_dropped: true };
                self.pending.push(pending);
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
        if record.function == Function::Create {
            task.key = record.based_on;
        }
    }

    /// Whether the create makes a task, and is no retry that gave the task of the first try.
    fn is_first_of_its_key(&mut self, record: &Record) -> bool {
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
    fn judge_keys(&mut self, invoked_from: u64) {
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

    fn register_listed(&mut self, at: usize, records: &[Record]) {
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

    fn judge(&mut self, invoked_from: u64) {
        let mut ties = Ties::default();
        for at in 0..self.pending.len() {
            let pending = self.pending[at];
            if pending.record.function == Function::List {
                self.tie_list(at, &pending, pending.record.answered < invoked_from, &mut ties);
            } else if pending.record.answered < invoked_from
                && let Some(&slot) = self.slots.get(&pending.record.task)
            {
                self.tasks[slot as usize].miss(&pending.record, &mut self.findings);
            }
        }
        let lacking = judge_snapshots(ties, &self.tasks, &mut self.pending, &mut self.findings);
        for lack in lacking {
            self.tasks[lack.slot].lack_the_new(&lack.list, lack.steps, &mut self.findings);
        }
        self.judge_keys(invoked_from);
        self.forget(invoked_from);
    }

    /// The tasks of a list, and those that it lacks, where that says something of its place.
    fn tie_list(&mut self, at: usize, list: &Pending, is_settled: bool, ties: &mut Ties) {
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
            }
            return;
        }
        let task = &mut self.tasks[slot];
        match task.miss(record, &mut self.findings) {
            Absence::Settled => {}
            Absence::Unborn => ties.see_unborn(at, slot),
            Absence::Gone => ties.see_gone(at, slot, task, record),
        }
    }

    /// Forgets what no operation can see that is invoked at `invoked_from` or later.
    fn forget(&mut self, invoked_from: u64) {
        let is_open = |pending: &Pending| pending.record.answered >= invoked_from;
        let open = self.pending.iter().filter(|pending| is_open(pending));
        let needed_from = open.map(|pending| pending.record.invoked).min();
        let needed_from = needed_from.map_or(invoked_from, |open| open.min(invoked_from));
        let mut listed = Vec::new();
        self.pending.retain_mut(|pending| {
            if is_open(pending) {
                let from = listed.len();
                listed.extend_from_slice(&self.listed[pending.from..pending.to]);
                (pending.from, pending.to) = (from, listed.len());
            }
            is_open(pending)
        });
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
            self.steady[at] = FREE;
            self.free.push(slot);
            return;
        }
        let task = &mut self.tasks[at];
        task.is_touched = !task.is_steady();
        if task.is_touched {
            self.touched.push(slot);
            self.steady[at] = NO_STATUS;
        } else {
            self.steady[at] = task.steady_status().map_or(NO_STATUS, |status| status as u8);
        }
    }

    fn forget_key(&mut self, key: u64, task: u64) {
        let Some(creates) = self.keys.get_mut(&key) else { return };
        creates.retain(|create| create.task != task);
        if creates.is_empty() {
            self.keys.remove(&key);
        }
    }

    /// Somebody saw a task that nobody was told to have created.
    fn explain(&mut self, slot: usize, unexplained: Option<Record>) {
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

    fn touched_slot(&mut self, record: &Record) -> u32 {
        let is_dead = self.deleted.contains(record.task);
        let slot = self.slot(record.task);
        if is_dead {
            self.deleted.remove(record.task);
            self.tasks[slot as usize].resurrect(record, &mut self.findings);
        }
        self.touch(slot);
        slot
    }

    fn touch(&mut self, slot: u32) {
        let task = &mut self.tasks[slot as usize];
        if !task.is_touched {
            task.is_touched = true;
            self.steady[slot as usize] = NO_STATUS;
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
            self.steady.push(FREE);
            u32::try_from(self.tasks.len() - 1).unwrap_or(u32::MAX)
        });
        self.tasks[slot as usize] = Task::new(id);
        self.steady[slot as usize] = NO_STATUS;
        self.marks[slot as usize] = 0;
        self.slots.insert(id, slot);
        slot
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
