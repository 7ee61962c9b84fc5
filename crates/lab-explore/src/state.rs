//! What the engine knows of its processes, and the rule by which one of them is chosen.

use std::mem;
use std::thread::Thread;

use lab_runtime::{Fault, Kind, Probe};
use lab_scenario::Told;
use lab_task::Task;

use crate::process::{MAIN, ProcessId};
use crate::run::{Asleep, Cut, Plan, Step, Touch, commute};
use crate::scheduler::Scheduler;
use crate::status::{Need, Phase, Status};

/// A process that tries again although nobody gave anything back may find that the holder has ended
/// without a word; when that has not helped so often, it is a deadlock.
const STALLS_MAX: usize = 4;

/// Who waits for a release, as an object that steps touch: a release that nobody waits for only
/// looks at it.
const WAITING: u64 = u64::MAX - 1;

/// What was recorded of one execution.
pub(crate) struct Record {
    pub(crate) steps: Vec<Step>,
    pub(crate) told: Vec<Vec<(usize, Told)>>,
    pub(crate) cut: Option<Cut>,
    /// In a deadlock, who waits, and who holds what it waits for, if that is a lock.
    pub(crate) waits: Vec<(ProcessId, Option<ProcessId>)>,
    /// Who could have gone on when the last client ended, one bit each.
    pub(crate) left_out: u16,
}

/// The processes of one execution and what was recorded of them.
pub(crate) struct State {
    pub(crate) status: Vec<Status>,
    pub(crate) threads: Vec<Option<Thread>>,
    pub(crate) phase: Phase,
    pub(crate) cut: Option<Cut>,
    clients: usize,
    plan: Plan,
    scheduler: Box<dyn Scheduler>,
    labels: Vec<String>,
    /// Locks that are held, each with its holder.
    pub(crate) held: Vec<(ProcessId, Need)>,
    /// Who sleeps now, from the end of the plan's choices on.
    asleep: Vec<Asleep>,
    /// What may go wrong at the step before which each process stands.
    faults: Vec<&'static [Fault]>,
    /// How many objects each process has made.
    objects: Vec<u64>,
    /// Which object each process named last.
    last_object: Vec<Option<u64>>,
    waiting_since: Vec<u64>,
    clock: u64,
    /// Processes in the server that were asked for since the last step.
    resolved: Vec<ProcessId>,
    /// How often everybody waited for a release that nobody was left to make.
    stalls: usize,
    pub(crate) waits: Vec<(ProcessId, Option<ProcessId>)>,
    left_out: u16,
    /// How a condition was misused, if it was.
    pub(crate) misused: Option<&'static str>,
    pub(crate) steps: Vec<Step>,
    told: Vec<Vec<(usize, Told)>>,
}

impl State {
    pub(crate) fn new(clients: usize, plan: Plan, main: Option<Thread>) -> Self {
        let mut state = Self {
            status: vec![Status::Running],
            threads: vec![main],
            phase: Phase::Alone,
            cut: None,
            clients,
            scheduler: plan.beyond.scheduler(),
            plan,
            labels: vec![String::new()],
            held: Vec::new(),
            asleep: Vec::new(),
            faults: vec![&[]],
            objects: vec![0],
            last_object: vec![None],
            waiting_since: vec![0],
            clock: 0,
            resolved: Vec::new(),
            stalls: 0,
            waits: Vec::new(),
            left_out: 0,
            misused: None,
            steps: Vec::new(),
            told: vec![Vec::new(); clients],
        };
        for _ in 0..clients {
            state.add(Status::Absent);
        }
        state
    }

    fn add(&mut self, status: Status) -> ProcessId {
        self.status.push(status);
        self.threads.push(None);
        self.labels.push(String::new());
        self.waiting_since.push(0);
        self.faults.push(&[]);
        self.objects.push(0);
        self.last_object.push(None);
        self.status.len() - 1
    }

    /// A thread of the store, ready to begin.
    pub(crate) fn adopt(&mut self) -> ProcessId {
        self.add(Status::Ready { kind: Kind::Read, object: None, need: Need::Nothing })
    }

    pub(crate) fn unpark(&self, process: ProcessId) {
        if let Some(thread) = &self.threads[process] {
            thread.unpark();
        }
    }

    pub(crate) fn start_clients(&mut self) -> ProcessId {
        self.phase = Phase::Starting(1);
        self.status[1] = Status::Running;
        1
    }

    pub(crate) fn clients_finished(&self) -> bool {
        self.status[1..=self.clients].iter().all(|status| matches!(status, Status::Finished))
    }

    pub(crate) fn has_finished(&self, process: ProcessId) -> bool {
        matches!(self.status[process], Status::Finished)
    }

    pub(crate) fn anybody_in_server(&self) -> bool {
        self.status.iter().any(|status| matches!(status, Status::InServer(_)))
    }

    /// The step that a process takes next is on record as soon as it is chosen; that it then had
    /// to wait is noted on it.
    pub(crate) fn note_waiting(&mut self, me: ProcessId) {
        if let Some(step) = self.steps.iter_mut().rev().find(|step| step.process == me) {
            step.waited = true;
        }
    }

    pub(crate) fn would_wait(&self, status: &Status) -> bool {
        match status {
            Status::Ready { need, .. } => !self.is_met(*need),
            _ => true,
        }
    }

    pub(crate) fn arrive(&mut self, me: ProcessId, label: &str, status: Status) {
        self.completed_step(me);
        match &status {
            Status::Ready { object: Some(object), .. } => self.last_object[me] = Some(*object),
            Status::AwaitsNotice { alone: true, condvar, .. } => self.expect_alone(*condvar),
            Status::AwaitsNotice { condvar, mutex, .. } => {
                self.touch(me, *condvar, true);
                self.touch(me, *mutex, true);
            }
            Status::AwaitsRelease => self.touch(me, WAITING, true),
            _ => {}
        }
        if self.phase == Phase::Clients && !matches!(status, Status::Ready { .. }) {
            self.note_waiting(me);
        }
        if self.plan.describe {
            self.labels[me].clear();
            self.labels[me].push_str(label);
        }
        self.clock += 1;
        self.waiting_since[me] = self.clock;
        self.status[me] = status;
        self.faults[me] = &[];
    }

    /// One of `faults` may happen at the step before which `me` stands.
    pub(crate) fn may_fail(&mut self, me: ProcessId, faults: &'static [Fault]) {
        self.faults[me] = faults;
    }

    /// What goes wrong at the step that `me` is taking.
    pub(crate) fn fault(&self, me: ProcessId) -> Option<Fault> {
        let is_recorded = self.phase == Phase::Clients;
        self.steps.last().filter(|step| is_recorded && step.process == me)?.fault
    }

    pub(crate) fn finish(&mut self, me: ProcessId) {
        self.completed_step(me);
        self.release_waiting_for(me);
        self.status[me] = Status::Finished;
    }

    /// A name for an object that `me` makes. It is the same in every schedule in which `me` has
    /// done the same before.
    pub(crate) fn new_object(&mut self, me: ProcessId) -> u64 {
        self.objects[me] += 1;
        (me as u64) << 32 | self.objects[me]
    }

    /// `me` touches `object` in the step that it is taking.
    pub(crate) fn touch(&mut self, me: ProcessId, object: u64, is_write: bool) {
        let step = self.steps.iter_mut().rev().find(|step| step.process == me);
        let Some(step) = step.filter(|_| self.phase == Phase::Clients) else {
            return;
        };
        match step.touches.iter_mut().find(|touch| touch.object == object) {
            Some(touch) => touch.is_write |= is_write,
            None => step.touches.push(Touch { object, is_write }),
        }
    }

    /// `me` gives a lock back; if nothing behind it was changed, that was no more than a look.
    pub(crate) fn give_back(&mut self, me: ProcessId, lock: u64, has_changed: bool) {
        self.touch(me, lock, has_changed);
        let held = |(holder, need): &(ProcessId, Need)| {
            *holder == me && matches!(need, Need::Sole(id) | Need::Shared(id) if *id == lock)
        };
        if let Some(at) = self.held.iter().position(held) {
            self.held.swap_remove(at);
        }
    }

    pub(crate) fn notify(&mut self, me: ProcessId, wanted: u64, all: bool) {
        self.touch(me, wanted, true);
        let waits = |process: &ProcessId| match self.status[*process] {
            Status::AwaitsNotice { condvar, .. } => condvar == wanted,
            _ => false,
        };
        let mut waiting: Vec<ProcessId> = (0..self.status.len()).filter(waits).collect();
        waiting.sort_by_key(|process| self.waiting_since[*process]);
        waiting.truncate(if all { usize::MAX } else { 1 });
        for process in waiting {
            if let Status::AwaitsNotice { mutex, condvar, .. } = self.status[process] {
                let need = Need::Sole(mutex);
                self.status[process] =
                    Status::Ready { kind: Kind::Write, object: Some(condvar), need };
            }
        }
    }

    pub(crate) fn told(&mut self, me: ProcessId, told: Told) {
        let step = self.steps.iter().rposition(|step| step.process == me).unwrap_or_default();
        self.told[me - 1].push((step, told));
    }

    pub(crate) fn seen(&mut self, tasks: Option<Vec<Task>>) {
        if let Some(step) = self.steps.last_mut() {
            step.stored = tasks;
            step.looked = true;
        }
        self.phase = Phase::Clients;
    }

    pub(crate) fn take(&mut self) -> Record {
        Record {
            steps: mem::take(&mut self.steps),
            told: mem::take(&mut self.told),
            cut: self.cut.take(),
            waits: mem::take(&mut self.waits),
            left_out: self.left_out,
        }
    }

    /// A process inside a server of which it is not known whether the last step freed it.
    pub(crate) fn unresolved(&self) -> Option<(ProcessId, Probe)> {
        if !matches!(self.phase, Phase::Clients) {
            return None;
        }
        self.status.iter().enumerate().find_map(|(process, status)| match status {
            Status::InServer(probe) if !self.resolved.contains(&process) => {
                Some((process, probe.clone()))
            }
            _ => None,
        })
    }

    /// The server says that this process still waits.
    pub(crate) fn resolved(&mut self, process: ProcessId) {
        self.resolved.push(process);
    }

    /// Chooses the next process and puts it to work.
    pub(crate) fn choose(&mut self) -> Result<ProcessId, Cut> {
        if let Some(how) = self.misused {
            return Err(Cut::Panicked(how.to_owned()));
        }
        let next = match self.phase {
            Phase::Alone => self.choose_alone()?,
            Phase::Looking => MAIN,
            Phase::Starting(client) => match self.choose_start(client) {
                Some(next) => next,
                None => self.choose_client()?,
            },
            Phase::Clients => self.choose_client()?,
        };
        if let Status::Ready { need: need @ (Need::Sole(_) | Need::Shared(_)), .. } =
            self.status[next]
        {
            self.held.push((next, need));
        }
        self.status[next] = Status::Running;
        Ok(next)
    }

    fn choose_alone(&self) -> Result<ProcessId, Cut> {
        if self.can_step(MAIN) || matches!(self.status[MAIN], Status::AwaitsRelease) {
            return Ok(MAIN);
        }
        let mut own = self.clients + 1..self.status.len();
        if let Some(process) = own.find(|process| self.can_step(*process)) {
            return Ok(process);
        }
        match self.status[MAIN] {
            Status::AwaitsQuiet | Status::AwaitsClients => Ok(MAIN),
            Status::AwaitsEnd(process) if matches!(self.status[process], Status::Finished) => {
                Ok(MAIN)
            }
            _ => Err(Cut::Deadlock),
        }
    }

    fn choose_start(&mut self, client: ProcessId) -> Option<ProcessId> {
        if client == self.clients {
            self.phase = Phase::Clients;
            return None;
        }
        self.phase = Phase::Starting(client + 1);
        Some(client + 1)
    }

    fn choose_client(&mut self) -> Result<ProcessId, Cut> {
        if let Some(back) = self.find(|status| matches!(status, Status::Returned)) {
            return Ok(back);
        }
        if self.is_to_be_looked_at() {
            self.phase = Phase::Looking;
            return Ok(MAIN);
        }
        if self.clients_finished() {
            self.left_out = self.enabled();
            self.phase = Phase::Alone;
            return Ok(MAIN);
        }
        let mut enabled = self.enabled();
        if enabled == 0 && self.stalls < STALLS_MAX && self.release_waiting() {
            self.stalls += 1;
            enabled = self.enabled();
        }
        if enabled == 0 {
            return Err(if self.anybody_in_server() { Cut::ServerDecides } else { Cut::Deadlock });
        }
        let last = self.steps.last().map(|step| step.process);
        let current = last.filter(|last| enabled & 1 << last != 0);
        self.wake_the_met();
        let asleep = self.asleep.iter().fold(0, |set, one| set | 1_u16 << one.process);
        let (step, awake) = (self.steps.len(), enabled & !asleep);
        let next = self.plan.next(step, enabled, awake, current, &mut *self.scheduler)?;
        let fault = self.plan.fault(step);
        if fault.is_some_and(|fault| !self.faults[next].contains(&fault)) {
            return Err(Cut::Diverged { step });
        }
        self.record(next, fault, enabled, current);
        Ok(next)
    }

    /// Whether the controller wants to see what the last step did. A store with threads of its own
    /// is left alone: a question would make them run, and the schedule would be another.
    fn is_to_be_looked_at(&self) -> bool {
        let has_own_threads = self.status.len() > self.clients + 1;
        let is_new = self.steps.last().is_some_and(|step| !step.looked);
        self.plan.describe && is_new && !has_own_threads
    }

    fn record(
        &mut self,
        process: ProcessId,
        fault: Option<Fault>,
        enabled: u16,
        current: Option<ProcessId>,
    ) {
        let (kind, touches) = match self.status[process] {
            Status::Ready { kind, object, need } => (kind, first_touches(kind, object, need)),
            _ => (Kind::Write, Vec::new()),
        };
        let label = if self.plan.describe { self.labels[process].clone() } else { String::new() };
        self.resolved.clear();
        self.steps.push(Step {
            process,
            is_client: process <= self.clients,
            enabled,
            current,
            kind,
            label,
            touches,
            faults: self.faults[process],
            fault,
            waited: false,
            stored: None,
            looked: false,
        });
    }

    /// The processes that can take a step, one bit each.
    fn enabled(&self) -> u16 {
        let can_step = |process: &ProcessId| self.can_step(*process);
        (1..self.status.len()).filter(can_step).fold(0, |set, process| set | 1 << process)
    }

    fn can_step(&self, process: ProcessId) -> bool {
        match &self.status[process] {
            Status::Running => process == MAIN,
            Status::Ready { need, .. } => self.is_met(*need),
            _ => false,
        }
    }

    fn is_met(&self, need: Need) -> bool {
        let is_held = |wanted: Need| self.held.iter().any(|(_, held)| *held == wanted);
        match need {
            Need::Nothing => true,
            Need::Shared(lock) => !is_held(Need::Sole(lock)),
            Need::Sole(lock) => !is_held(Need::Sole(lock)) && !is_held(Need::Shared(lock)),
        }
    }

    /// From the last of the plan's choices on: wakes those with whose next step the last step does
    /// not commute.
    fn wake_the_met(&mut self) {
        let at = self.steps.len();
        if at + 1 == self.plan.choices.len() || (at == 0 && self.plan.choices.is_empty()) {
            self.asleep = self.plan.asleep.clone();
        } else if let Some(last) = self.steps.last()
            && at >= self.plan.choices.len()
        {
            let by = last.process;
            self.asleep.retain(|one| {
                usize::from(one.process) != by && commute(&one.touches, &last.touches)
            });
        }
    }

    /// If the step that `me` has just completed gives something back, wakes those that wait. A lock
    /// that is still held keeps others out: that is a change.
    fn completed_step(&mut self, me: ProcessId) {
        self.expect_notified(me);
        for at in 0..self.held.len() {
            if let (holder, Need::Sole(lock)) = self.held[at]
                && holder == me
            {
                self.touch(me, lock, true);
            }
        }
        let last = self.steps.iter().rev().find(|step| step.process == me);
        if last.is_some_and(|step| step.kind == Kind::Release) {
            self.release_waiting_for(me);
        }
    }

    /// Wakes those that wait for what `me` has given back.
    fn release_waiting_for(&mut self, me: ProcessId) {
        let any = self.release_waiting();
        self.touch(me, WAITING, any);
    }

    fn release_waiting(&mut self) -> bool {
        let mut any = false;
        let objects = self.last_object[1..].iter();
        for (status, object) in self.status[1..].iter_mut().zip(objects) {
            if matches!(status, Status::AwaitsRelease) {
                let object = *object;
                *status = Status::Ready { kind: Kind::Write, object, need: Need::Nothing };
                any = true;
            }
        }
        any
    }

    fn find(&self, wanted: impl Fn(&Status) -> bool) -> Option<ProcessId> {
        self.status.iter().position(wanted)
    }
}

/// What a step touches by what it needs and names; more is added while it is taken.
fn first_touches(kind: Kind, object: Option<u64>, need: Need) -> Vec<Touch> {
    let lock = match need {
        Need::Nothing => None,
        // Whether anything behind the lock is changed shows when it is given back.
        Need::Sole(object) | Need::Shared(object) => Some(Touch { object, is_write: false }),
    };
    let object = object.map(|object| Touch { object, is_write: kind != Kind::Read });
    object.into_iter().chain(lock).collect()
}
