//! Who carries out the clients: the crew, or threads that are started once and given one process
//! of a scenario after the other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};

use lab_scenario::{Process, play};
use lab_store::Session;
use lab_task::TaskId;
use parking_lot::Mutex;

use crate::crew;
use crate::engine::{Carriers, Engine, Interrupted, enter};
use crate::process::ProcessId;
use crate::stepped::panic_message;
use crate::wire::SteppedWire;

/// Where a client's session is between two executions.
pub(crate) type SessionSlot = Arc<Mutex<Option<Box<dyn Session>>>>;

/// One process of a scenario, to be carried out.
pub(crate) struct Job {
    pub(crate) engine: Arc<Engine>,
    pub(crate) me: ProcessId,
    pub(crate) process: Arc<Process>,
    pub(crate) session: SessionSlot,
    pub(crate) ids: Arc<[TaskId]>,
    pub(crate) wire: Arc<SteppedWire>,
}

/// Where there are threads, as many as a scenario has clients. They end when this is dropped.
pub(crate) struct Workers {
    pub(crate) carriers: Carriers,
    threads: Vec<Worker>,
}

struct Worker {
    desk: Arc<Desk>,
    thread: Thread,
}

/// What a worker and whoever gives it work share.
#[derive(Default)]
struct Desk {
    job: Mutex<Option<Job>>,
    is_closed: AtomicBool,
}

impl Workers {
    pub(crate) fn new(carriers: Carriers, count: usize) -> Self {
        let mut workers = Self { carriers, threads: Vec::new() };
        workers.grow(count);
        workers
    }

    /// Sees that there are `count`.
    pub(crate) fn grow(&mut self, count: usize) {
        while self.carriers == Carriers::Threads && self.threads.len() < count {
            self.threads.push(start());
        }
    }

    /// Gives the job to who carries out that process, and begins it when it gets its first turn:
    /// to wake a thread now would cost two hand-offs more.
    pub(crate) fn give(&self, job: Job) {
        let Some(worker) = self.threads.get(job.me - 1) else {
            return crew::take_on(job.me, Box::new(|| do_job(job)));
        };
        job.engine.expect(job.me, worker.thread.clone());
        *worker.desk.job.lock() = Some(job);
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        for worker in &self.threads {
            worker.desk.is_closed.store(true, Ordering::Release);
            worker.thread.unpark();
        }
    }
}

fn start() -> Worker {
    let desk = Arc::new(Desk::default());
    let own = Arc::clone(&desk);
    let thread = thread::spawn(move || work(&own)).thread().clone();
    Worker { desk, thread }
}

fn work(desk: &Desk) {
    while !desk.is_closed.load(Ordering::Acquire) {
        let job = desk.job.lock().take();
        match job {
            Some(job) => {
                let _entered = enter(&job.engine, job.me);
                job.engine.wait_for_turn(job.me);
                do_job(job);
            }
            None => thread::park(),
        }
    }
}

/// The session is given up before the end is told: whoever hears of it may close the store.
fn do_job(job: Job) {
    let session = job.session.lock().take();
    if let Some(session) = session {
        carry_out(&job, session);
    }
    let Job { engine, me, session, .. } = job;
    drop(session);
    engine.finish(me);
}

fn carry_out(job: &Job, mut session: Box<dyn Session>) {
    let told = |told| job.engine.told(job.me, told);
    let played = catch_unwind(AssertUnwindSafe(|| {
        play(&job.process, &mut *session, &job.ids, &*job.wire, told);
    }));
    match played {
        Ok(()) => *job.session.lock() = Some(session),
        Err(panic) if panic.is::<Interrupted>() => {}
        Err(panic) => job.engine.panicked(panic_message(&*panic)),
    }
}
