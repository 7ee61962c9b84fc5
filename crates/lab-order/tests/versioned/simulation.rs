//! A linearizable task store with clients whose operations overlap and sometimes crash.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use lab_history::{Ending, Function, Record, content_hash};
use lab_task::{Anomaly, Description, Status, Task, TaskId, Title, Version};

use crate::bug::Bug;

/// What is simulated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) clients: usize,
    pub(crate) tasks: u64,
    pub(crate) operations: usize,
    /// In a hundred.
    pub(crate) crashes: u32,
    /// Whether creates have idempotency keys.
    pub(crate) keys: bool,
    /// Whether lists ask for a status.
    pub(crate) filters: bool,
    /// Whether anybody asks for counts: summaries, and starts with their limits.
    pub(crate) counts: bool,
    /// The store goes wrong once, in this way, if it comes to that.
    pub(crate) bug: Option<Anomaly>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Run {
    /// In the order of answers.
    pub(crate) records: Vec<Record>,
    /// The content of every version that was ever there.
    pub(crate) contents: BTreeMap<(u64, u64), Task>,
    /// Whether the store went wrong, and somebody could see it.
    pub(crate) has_bug: bool,
}

pub(crate) fn simulate(plan: Plan, seed: u64) -> Run {
    let mut simulation = Simulation::new(plan, seed);
    while simulation.begun < plan.operations || simulation.clients.iter().any(Client::is_busy) {
        simulation.step();
    }
    let Simulation { records, contents, bug, .. } = simulation;
    let has_bug = bug.is_some_and(|bug| bug.is_visible(&records));
    Run { records, contents, has_bug }
}

#[derive(Clone, Debug, Default)]
struct Store {
    tasks: BTreeMap<u64, Task>,
    keys: BTreeMap<u64, u64>,
    ids: u64,
}

#[derive(Clone, Debug, Default)]
struct Client {
    process: u32,
    asked: Option<Record>,
    /// The content that a save writes.
    copy: Option<Task>,
    answer: Vec<Record>,
    /// What `start` read, where the store reads it too early.
    in_progress: u64,
    last_read: Option<Task>,
}

impl Client {
    fn is_busy(&self) -> bool {
        self.asked.is_some()
    }
}

struct Simulation {
    plan: Plan,
    random: Rng,
    place: u64,
    begun: usize,
    clients: Vec<Client>,
    processes: u32,
    stores: Vec<Store>,
    deleted: BTreeSet<u64>,
    acknowledged: BTreeSet<(u64, u64)>,
    contents: BTreeMap<(u64, u64), Task>,
    records: Vec<Record>,
    bug: Option<Bug>,
    retries: Vec<u64>,
}

impl Simulation {
    fn new(plan: Plan, seed: u64) -> Self {
        let processes = u32::try_from(plan.clients).unwrap();
        let is_divided = plan.bug == Some(Anomaly::DivergentInstances);
        let clients = (0..processes).map(|process| Client { process, ..Client::default() });
        Self {
            plan,
            random: Rng::with_seed(seed),
            place: 1,
            begun: 0,
            clients: clients.collect(),
            processes,
            stores: vec![Store::default(); if is_divided { 2 } else { 1 }],
            deleted: BTreeSet::new(),
            acknowledged: BTreeSet::new(),
            contents: BTreeMap::new(),
            records: Vec::new(),
            bug: is_divided.then_some(Bug { name: Anomaly::DivergentInstances, task: 0, place: 0 }),
            retries: Vec::new(),
        }
    }

    fn next_place(&mut self) -> u64 {
        self.place += 1;
        self.place
    }

    fn step(&mut self) {
        let at = self.random.usize(..self.clients.len());
        let Some(asked) = self.clients[at].asked else {
            if self.begun < self.plan.operations {
                self.invoke(at);
            }
            return;
        };
        if self.random.u32(..100) < self.plan.crashes {
            self.crash(at, asked);
        } else if self.clients[at].answer.is_empty() {
            // A list may take long, so that much happens beside it.
            if asked.function != Function::List || self.random.u8(..4) == 0 {
                self.take_effect(at, asked);
            }
        } else if asked.function != Function::List || self.random.u8(..4) == 0 {
            self.answer(at);
        }
    }

    fn invoke(&mut self, at: usize) {
        self.begun += 1;
        let (function, task) = self.choose();
        let invoked = self.next_place();
        let client = &mut self.clients[at];
        let mut record = Record {
            invoked,
            answered: u64::MAX,
            process: client.process,
            function,
            ending: Ending::Ok,
            status: None,
            task,
            based_on: 0,
            version: 0,
            content: 0,
        };
        let is_limited = self.plan.bug == Some(Anomaly::WriteSkew);
        match function {
            Function::Save => {
                let Some(mut copy) = client.last_read.take() else {
                    record.function = Function::Get;
                    client.asked = Some(record);
                    return;
                };
                copy.description = Description::new(format!("saved {}", self.begun)).unwrap();
                record.task = copy.id.0;
                record.based_on = copy.version.0;
                record.content = content_hash(&copy);
                record.status = Some(copy.status);
                client.copy = Some(copy);
            }
            // Where a limit is broken, only starts set a task in progress.
            Function::Edit if !is_limited && self.random.bool() => {
                record.status = self.random.choice(Status::ALL);
            }
            Function::List if self.plan.filters && self.random.u8(..3) == 0 => {
                record.status = self.random.choice(Status::ALL);
            }
            Function::Create if self.plan.keys && self.random.u8(..3) == 0 => {
                let retried = self.random.choice(&self.retries).copied();
                let retried = retried.filter(|_| self.random.bool());
                record.based_on = retried.unwrap_or(self.begun as u64 + 1);
                self.retries.push(record.based_on);
            }
            Function::Start => {
                record.status = Some(Status::InProgress);
                record.based_on = if is_limited { 2 } else { self.random.u64(1..3) };
            }
            _ => {}
        }
        client.asked = Some(record);
        let in_progress = self.in_progress(at, task);
        self.clients[at].in_progress = in_progress;
    }

    fn choose(&mut self) -> (Function, u64) {
        let there = self.stores[0].tasks.len() as u64;
        if there < self.plan.tasks / 2 || (there < self.plan.tasks && self.random.u8(..6) == 0) {
            return (Function::Create, 0);
        }
        let task = self.random.u64(1..=self.stores[0].ids.max(1));
        let recent = self.stores[0].tasks.keys().copied().collect::<Vec<_>>();
        let task = self
            .random
            .choice(&recent)
            .copied()
            .filter(|_| self.random.u8(..8) > 0)
            .unwrap_or(task);
        let function = match self.random.u8(..20) {
            0..8 => Function::Get,
            8..11 if self.plan.bug == Some(Anomaly::WriteSkew) => Function::Start,
            8..11 => Function::Edit,
            11..13 => Function::Save,
            13..16 => Function::List,
            16 if self.plan.counts => Function::Summary,
            17 if self.plan.counts => Function::Start,
            18 => Function::Delete,
            _ => Function::Edit,
        };
        (
            function,
            if function == Function::List || function == Function::Summary { 0 } else { task },
        )
    }

    fn crash(&mut self, at: usize, asked: Record) {
        if self.clients[at].answer.is_empty() && self.random.bool() {
            self.take_effect(at, asked);
        }
        let is_definite = self.clients[at].answer.is_empty() && self.random.bool();
        let answered = self.next_place();
        let ending = if is_definite { Ending::Fail } else { Ending::Info };
        let task = if asked.function == Function::Create { 0 } else { asked.task };
        self.records.push(Record { answered, ending, task, version: 0, ..asked });
        self.clients[at] = Client { process: self.processes, ..Client::default() };
        self.processes += 1;
    }

    fn answer(&mut self, at: usize) {
        let answered = self.next_place();
        let client = &mut self.clients[at];
        client.asked = None;
        for mut record in client.answer.drain(..) {
            record.answered = answered;
            if record.function.is_change() && record.ending == Ending::Ok {
                self.acknowledged.insert((record.task, record.version));
            }
            if record.function == Function::Get && record.ending == Ending::Ok {
                client.last_read = self.contents.get(&(record.task, record.version)).cloned();
            }
            self.records.push(record);
        }
    }

    fn store_of(&self, at: usize) -> usize {
        self.clients[at].process as usize % self.stores.len()
    }

    fn in_progress(&self, at: usize, task: u64) -> u64 {
        let tasks = self.stores[self.store_of(at)].tasks.values();
        let others = tasks.filter(|it| it.id.0 != task && it.status == Status::InProgress);
        others.count() as u64
    }

    fn take_effect(&mut self, at: usize, asked: Record) {
        let mut record = asked;
        match asked.function {
            Function::Create => self.create(at, &mut record),
            Function::List => return self.list(at, record),
            Function::Summary => {
                let store = self.store_of(at);
                let count = |status| {
                    let tasks = self.stores[store].tasks.values();
                    tasks.filter(|task| task.status == status).count() as u64
                };
                record.task = count(Status::Todo);
                record.based_on = count(Status::InProgress);
                record.version = count(Status::Done);
            }
            _ => self.on_one(at, &mut record),
        }
        self.clients[at].answer.push(record);
    }

    fn create(&mut self, at: usize, record: &mut Record) {
        let store = self.store_of(at);
        let first = self.stores[store].keys.get(&record.based_on).copied();
        let first = first.filter(|first| self.stores[store].tasks.contains_key(first));
        if let Some(first) = first.filter(|_| record.based_on != 0)
            && !self.goes_wrong(Anomaly::DuplicateCreate, first, self.is_acknowledged(first, 1))
        {
            record.task = first;
            return;
        }
        let known =
            self.random.choice(self.stores[store].tasks.keys().copied().collect::<Vec<_>>());
        let mut id = self.stores[store].ids + 1;
        if let Some(known) = known
            && self.goes_wrong(Anomaly::DuplicateId, known, self.is_acknowledged(known, 1))
        {
            id = known;
        }
        self.stores[store].ids = self.stores[store].ids.max(id);
        let title = Title::new(format!("task {}", self.begun)).unwrap();
        let description = Description::new(format!("made at {}", self.place)).unwrap();
        let task = lab_task::NewTask { title, description }.into_task(TaskId(id));
        record.task = id;
        record.version = 1;
        if record.based_on == 0 {
            record.content = content_hash(&task);
            record.status = Some(Status::Todo);
        } else {
            self.stores[store].keys.insert(record.based_on, id);
        }
        if !self.goes_wrong(Anomaly::LostCreate, id, self.plan.crashes == 0) {
            self.keep(store, task);
        }
    }

    fn keep(&mut self, store: usize, task: Task) {
        self.contents.insert((task.id.0, task.version.0), task.clone());
        self.stores[store].tasks.insert(task.id.0, task);
    }

    fn list(&mut self, at: usize, mut record: Record) {
        let store = self.store_of(at);
        let tasks = self.stores[store].tasks.values();
        let is_asked = |task: &&Task| record.status.is_none_or(|status| status == task.status);
        let listed: Vec<Record> = tasks.filter(is_asked).map(|task| saw(record, task)).collect();
        let listed = listed.into_iter().map(|it| Record { function: Function::Listed, ..it });
        let listed: Vec<Record> = listed.collect();
        record.task = listed.len() as u64;
        self.clients[at].answer = [vec![record], listed].concat();
    }

    fn on_one(&mut self, at: usize, record: &mut Record) {
        let store = self.store_of(at);
        if let Some(deleted) = self.resurrected(record) {
            self.keep(store, deleted);
        }
        let Some(mut task) = self.stores[store].tasks.get(&record.task).cloned() else {
            record.ending = Ending::NotFound;
            return;
        };
        if record.function == Function::Get {
            *record = saw(*record, &task);
            return;
        }
        let version = task.version.0;
        let is_checked = matches!(record.function, Function::Save | Function::Delete);
        if is_checked && record.based_on != 0 && record.based_on != version {
            (record.ending, record.version) = (Ending::Stale, version);
            return;
        }
        if record.function == Function::Start && !self.may_start(at, record) {
            return;
        }
        if record.function == Function::Delete {
            self.stores[store].tasks.remove(&record.task);
            self.deleted.insert(record.task);
            record.version = version;
            return;
        }
        let is_shown = version > 1 && self.is_acknowledged(task.id.0, version);
        if record.function == Function::Edit
            && self.goes_wrong(Anomaly::LostUpdate, task.id.0, is_shown)
        {
            task = self.contents[&(task.id.0, version - 1)].clone();
        }
        match (record.function, record.status) {
            (Function::Save, _) => {
                let copy = self.clients[at].copy.take().unwrap();
                task = Task { version: task.version, ..copy };
            }
            (_, Some(status)) => task.status = status,
            _ => task.minutes += self.random.u32(1..9),
        }
        task.version = Version(task.version.0 + 1);
        record.version = task.version.0;
        self.keep(store, task);
    }

    fn may_start(&mut self, at: usize, record: &mut Record) -> bool {
        let in_progress = self.in_progress(at, record.task);
        let read = self.clients[at].in_progress;
        let would = in_progress >= record.based_on && read < record.based_on;
        if would && self.goes_wrong(Anomaly::WriteSkew, record.task, true) {
            return true;
        }
        if in_progress >= record.based_on {
            (record.ending, record.version) = (Ending::LimitReached, in_progress);
        }
        record.ending == Ending::Ok
    }

    fn resurrected(&mut self, record: &Record) -> Option<Task> {
        let is_get = record.function == Function::Get;
        let task = self.deleted.contains(&record.task).then_some(record.task)?;
        let is_told = self.records.iter().any(|it| {
            it.function == Function::Delete
                && it.ending == Ending::Ok
                && it.task == task
                && it.answered < record.invoked
        });
        let wrong = self.goes_wrong(Anomaly::ResurrectedDelete, task, is_get && is_told);
        let versions = self.contents.range((task, 0)..=(task, u64::MAX));
        wrong.then(|| versions.last().unwrap().1.clone())
    }

    fn is_acknowledged(&self, task: u64, version: u64) -> bool {
        self.acknowledged.contains(&(task, version))
    }

    /// Whether the store goes wrong now: once, in the planned way, after a while.
    fn goes_wrong(&mut self, name: Anomaly, task: u64, can: bool) -> bool {
        let is_time = self.begun > self.plan.operations / 4 && self.bug.is_none();
        let goes_wrong = can && is_time && self.plan.bug == Some(name);
        if goes_wrong {
            self.bug = Some(Bug { name, task, place: self.place });
        }
        goes_wrong
    }
}

fn saw(record: Record, task: &Task) -> Record {
    Record {
        task: task.id.0,
        version: task.version.0,
        status: Some(task.status),
        content: content_hash(task),
        ..record
    }
}
