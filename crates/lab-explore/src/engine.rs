//! The baton: exactly one process runs, and at each schedule point it is decided who goes next.
//!
//! Process 0 is the controller, 1 to n are the clients of the scenario, and what comes after them
//! are threads of the store itself. Only what happens between the clients' first points and the
//! end of the last client is a recorded choice; opening the store, seeding it and closing it run
//! in one fixed order.

use std::cell::RefCell;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread::{self, Thread};

use lab_runtime::{Access, Fault, Kind, Probe};
use lab_scenario::Told;
use lab_task::Task;
use parking_lot::{Mutex, MutexGuard};

use crate::crew;
use crate::process::{MAIN, ProcessId};
use crate::run::{Cut, Plan};
use crate::state::{Record, State};
use crate::status::{Need, Phase, Status};

thread_local! {
    /// With the process that this thread is; the controller's thread may carry out others too.
    static CURRENT: RefCell<Option<(Arc<Engine>, ProcessId)>> = const { RefCell::new(None) };
}

/// The engine that this thread belongs to, and which process runs on it.
pub(crate) fn current() -> Option<(Arc<Engine>, ProcessId)> {
    let current = CURRENT.with_borrow(Clone::clone);
    current.map(|(engine, me)| (engine, if me == MAIN { crew::running() } else { me }))
}

/// Makes this thread the process `me` of `engine` until the value is dropped.
pub(crate) fn enter(engine: &Arc<Engine>, me: ProcessId) -> Entered {
    CURRENT.set(Some((Arc::clone(engine), me)));
    Entered
}

/// A thread's membership in an engine.
pub(crate) struct Entered;

impl Drop for Entered {
    fn drop(&mut self) {
        if let Some((engine, MAIN)) = CURRENT.with_borrow(Clone::clone) {
            engine.send_home();
        }
        CURRENT.set(None);
    }
}

/// What carries out the processes other than the controller.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carriers {
    /// Coroutines on the thread of the controller.
    Crew,
    /// A thread for each: one may wait where only a server knows of it.
    Threads,
}

/// The payload of the unwinding that takes a thread out of an execution that was given up.
pub(crate) struct Interrupted;

fn interrupt() -> ! {
    resume_unwind(Box::new(Interrupted))
}

/// One execution.
pub(crate) struct Engine {
    /// Whose turn it is.
    turn: AtomicUsize,
    /// Set when the execution was given up: everybody runs on to the end without the baton.
    free: AtomicBool,
    /// Who of the crew unwinds although another runs, one bit each: that the thread unwinds says
    /// nothing of the one that asks.
    unwinding: AtomicU64,
    pub(crate) carriers: Carriers,
    state: Mutex<State>,
}

impl Engine {
    /// An execution with `clients` clients that follows `plan`. The calling thread is [`MAIN`].
    pub(crate) fn new(clients: usize, plan: Plan, carriers: Carriers) -> Arc<Self> {
        let main = (carriers == Carriers::Threads).then(thread::current);
        Arc::new(Self {
            turn: AtomicUsize::new(MAIN),
            free: AtomicBool::new(false),
            unwinding: AtomicU64::new(0),
            carriers,
            state: Mutex::new(State::new(clients, plan, main)),
        })
    }

    /// A step that others can see comes next, at which one of `faults` may happen: which one
    /// shall.
    pub(crate) fn point(
        &self,
        me: ProcessId,
        access: Access<'_>,
        faults: &'static [Fault],
    ) -> Option<Fault> {
        let object = Some(access.object);
        let status = Status::Ready { kind: access.kind, object, need: Need::Nothing };
        self.arrive_before(me, access.label, status, faults);
        if faults.is_empty() || self.is_free() {
            return None;
        }
        self.state.lock().fault(me)
    }

    /// Waits for a lock; on return it is marked as held by this process.
    pub(crate) fn acquire(&self, me: ProcessId, need: Need, label: &'static str) {
        self.arrive(me, label, Status::Ready { kind: Kind::Write, object: None, need });
        if self.is_free() && me != MAIN && !self.unwinds(me) {
            interrupt();
        }
    }

    /// A lock was given back; whether anything behind it may have been changed.
    pub(crate) fn give_back(&self, me: ProcessId, lock: u64, has_changed: bool) {
        self.state.lock().give_back(me, lock, has_changed);
    }

    /// A name for an object that this process makes.
    pub(crate) fn new_object(&self, me: ProcessId) -> u64 {
        self.state.lock().new_object(me)
    }

    /// Waits for a notification of `condvar`, then for the lock `mutex`, given back already.
    pub(crate) fn wait(&self, me: ProcessId, condvar: u64, mutex: u64) {
        self.state.lock().give_back(me, mutex, true);
        self.await_notice(me, Status::AwaitsNotice { condvar, mutex, alone: false });
    }

    /// The same without having been inside `mutex`, as the only one that waits for `condvar`.
    pub(crate) fn wait_alone(&self, me: ProcessId, condvar: u64, mutex: u64) {
        self.await_notice(me, Status::AwaitsNotice { condvar, mutex, alone: true });
    }

    fn await_notice(&self, me: ProcessId, status: Status) {
        self.arrive(me, "wake up", status);
        if self.is_free() && !self.unwinds(me) {
            interrupt();
        }
    }

    /// Notifies the one that has waited longest, or all.
    pub(crate) fn notify(&self, me: ProcessId, condvar: u64, all: bool) {
        self.state.lock().notify(me, condvar, all);
    }

    /// Waits until another process has given something back.
    pub(crate) fn wait_for_release(&self, me: ProcessId) {
        if self.is_free() {
            self.give_way(me);
        }
        self.arrive(me, "try again", Status::AwaitsRelease);
    }

    /// This process waits inside a server: the others may go on without it.
    pub(crate) fn hand_over(&self, me: ProcessId, probe: Probe) {
        let mut state = self.state.lock();
        if state.phase != Phase::Clients || self.is_free() {
            return;
        }
        if state.anybody_in_server() {
            return self.cut(&mut state, Cut::ServerDecides);
        }
        state.note_waiting(me);
        state.status[me] = Status::InServer(probe);
        state.resolved(me);
        if let Some(next) = self.decide(&mut state) {
            self.pass(state, next);
        }
    }

    /// The server has answered: waits until it is this process's turn again.
    pub(crate) fn come_back(&self, me: ProcessId) {
        let mut state = self.state.lock();
        if self.is_free() {
            return;
        }
        if matches!(state.status[me], Status::InServer(_)) {
            state.status[me] = Status::Returned;
            drop(state);
            self.wait_for_turn(me);
        }
    }

    /// Whether this process's calls into a server may be handed over.
    pub(crate) fn is_stepping(&self) -> bool {
        !self.is_free() && self.state.lock().phase == Phase::Clients
    }

    /// Adds a thread of the store; the caller starts it.
    pub(crate) fn adopt(&self) -> ProcessId {
        self.state.lock().adopt()
    }

    /// The first thing that a thread of the store does: waits for its turn.
    pub(crate) fn begin(&self, me: ProcessId) {
        self.expect(me, thread::current());
        self.wait_for_turn(me);
    }

    /// That thread is the process `me`, and is woken when it has its turn.
    pub(crate) fn expect(&self, me: ProcessId, thread: Thread) {
        self.state.lock().threads[me] = Some(thread);
    }

    /// The last thing that a thread other than the controller does.
    pub(crate) fn finish(&self, me: ProcessId) {
        let mut state = self.state.lock();
        state.finish(me);
        if self.is_free() {
            state.unpark(MAIN);
        } else if let Some(next) = self.decide(&mut state) {
            self.pass(state, next);
        }
    }

    /// Waits, as the controller, until a thread of the store has ended. One of the crew has to be
    /// let go on for that also where the execution was given up.
    pub(crate) fn join(&self, process: ProcessId) {
        self.arrive(MAIN, "join", Status::AwaitsEnd(process));
        while self.carriers == Carriers::Crew && !self.state.lock().has_finished(process) {
            self.give_way(crew::running());
        }
    }

    /// Lets everybody of the crew who is still there run on to the end.
    fn send_home(&self) {
        if self.carriers == Carriers::Crew {
            self.free.store(true, Ordering::Release);
            while crew::let_all_go_on() {}
        }
    }

    /// Lets others go on for a moment, in an execution that was given up.
    pub(crate) fn give_way(&self, me: ProcessId) {
        match self.carriers {
            Carriers::Threads => thread::yield_now(),
            Carriers::Crew if me == MAIN => drop(crew::let_all_go_on()),
            Carriers::Crew => self.stop(me),
        }
    }

    /// Waits, as one of the crew, until the controller lets it go on.
    fn stop(&self, me: ProcessId) {
        if self.unwinds(me) {
            self.unwinding.fetch_or(1 << me, Ordering::Relaxed);
        }
        crew::wait();
    }

    /// Whether a panic unwinds `me`, and not another that has stopped on this thread while it does.
    fn unwinds(&self, me: ProcessId) -> bool {
        let stopped = self.unwinding.load(Ordering::Relaxed);
        thread::panicking() && (stopped == 0 || stopped & 1 << me != 0)
    }

    /// Lets the threads of the store run until each of them waits.
    pub(crate) fn settle(&self) {
        self.arrive(MAIN, "settle", Status::AwaitsQuiet);
    }

    /// Runs the clients, whose threads wait for their turns, to their ends. Where the plan
    /// asks for it, `look` gives the stored tasks after each step.
    pub(crate) fn run_clients(&self, mut look: impl FnMut() -> Option<Vec<Task>>) {
        let mut state = self.state.lock();
        state.status[MAIN] = Status::AwaitsClients;
        let first = state.start_clients();
        self.pass(state, first);
        loop {
            self.wait_for_turn(MAIN);
            if self.is_free() || self.state.lock().phase != Phase::Looking {
                break;
            }
            let seen = look();
            let mut state = self.state.lock();
            state.seen(seen);
            if let Some(next) = self.decide(&mut state) {
                self.pass(state, next);
            }
        }
        while !self.state.lock().clients_finished() {
            match self.carriers {
                Carriers::Crew => self.give_way(MAIN),
                Carriers::Threads => thread::park(),
            }
        }
        self.state.lock().phase = Phase::Alone;
    }

    /// Notes what a client was told, after the step that it took last.
    pub(crate) fn told(&self, me: ProcessId, told: Told) {
        let mut state = self.state.lock();
        // Who runs on after the execution was given up is told nothing that belongs to it.
        if state.cut.is_none() {
            state.told(me, told);
        }
    }

    /// Gives up because a thread panicked.
    pub(crate) fn panicked(&self, message: String) {
        let mut state = self.state.lock();
        self.cut(&mut state, Cut::Panicked(message));
    }

    /// What was recorded; the engine is of no use afterwards.
    pub(crate) fn take(&self) -> Record {
        self.state.lock().take()
    }

    fn is_free(&self) -> bool {
        self.free.load(Ordering::Acquire)
    }

    /// Puts this process into `status`, decides who goes next, and waits for its own turn.
    fn arrive(&self, me: ProcessId, label: &str, status: Status) {
        self.arrive_before(me, label, status, &[]);
    }

    /// The same before a step at which one of `faults` may happen.
    fn arrive_before(&self, me: ProcessId, label: &str, status: Status, faults: &'static [Fault]) {
        if self.is_free() {
            return;
        }
        let mut state = self.state.lock();
        if self.is_free() {
            return;
        }
        if state.phase == Phase::Looking && state.would_wait(&status) {
            drop(state);
            interrupt();
        }
        state.arrive(me, label, status);
        state.may_fail(me, faults);
        match self.decide(&mut state) {
            Some(next) if next == me => {}
            Some(next) => {
                self.pass(state, next);
                self.wait_for_turn(me);
            }
            None => {}
        }
    }

    /// Who goes next; `None` if the execution was given up. Processes that wait inside a server
    /// are asked for first: each is either back or, as the server says, still waiting.
    fn decide(&self, state: &mut MutexGuard<'_, State>) -> Option<ProcessId> {
        while let Some((process, probe)) = state.unresolved() {
            if probe() {
                state.resolved(process);
            } else {
                MutexGuard::unlocked(state, thread::yield_now);
            }
            if self.is_free() {
                return None;
            }
        }
        match state.choose() {
            Ok(next) => Some(next),
            Err(cut) => {
                self.cut(state, cut);
                None
            }
        }
    }

    fn cut(&self, state: &mut State, cut: Cut) {
        if cut == Cut::Deadlock && state.cut.is_none() {
            state.note_deadlock();
        }
        state.cut.get_or_insert(cut);
        self.free.store(true, Ordering::Release);
        state.threads.iter().flatten().for_each(Thread::unpark);
    }

    /// Lets `next` go on. It may take this processor at once, and then finds the state open. A
    /// thread of the store that has not begun yet is not known here: it finds that it has its turn
    /// when it does, for that is said before the state is open for it.
    fn pass(&self, state: MutexGuard<'_, State>, next: ProcessId) {
        let thread = state.threads[next].clone();
        self.turn.store(next, Ordering::Release);
        drop(state);
        thread.inspect(Thread::unpark);
    }

    /// Waits until it is the turn of `me`, or until the execution was given up.
    pub(crate) fn wait_for_turn(&self, me: ProcessId) {
        loop {
            let turn = self.turn.load(Ordering::Acquire);
            if turn == me || self.is_free() {
                return;
            }
            match self.carriers {
                Carriers::Threads => thread::park(),
                Carriers::Crew if me != MAIN => self.stop(me),
                Carriers::Crew if crew::let_go_on(turn) => {}
                Carriers::Crew => self.panicked(format!("nobody carries out process {turn}")),
            }
        }
    }
}
