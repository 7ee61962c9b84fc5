//! The clients' threads: started once, given one process of a scenario after the other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use lab_scenario::{Process, play};
use lab_store::Session;
use lab_task::TaskId;
use parking_lot::Mutex;

use crate::engine::{Engine, Interrupted, enter};
use crate::process::ProcessId;
use crate::stepped::panic_message;
use crate::wire::SteppedWire;

/// Where a client's session is between two executions.
pub(crate) type SessionSlot = Arc<Mutex<Option<Box<dyn Session>>>>;

/// One process of a scenario, to be carried out.
pub(crate) struct Job {
    pub(crate) engine: Arc<Engine>,
    pub(crate) me: ProcessId,
    pub(crate) process: Process,
    pub(crate) session: SessionSlot,
    pub(crate) ids: Vec<TaskId>,
    pub(crate) wire: Arc<SteppedWire>,
}

/// As many threads as a scenario has clients. They end when this is dropped.
pub(crate) struct Workers(Vec<Sender<Job>>);

impl Workers {
    /// Starts `count` threads.
    pub(crate) fn start(count: usize) -> Self {
        Self((0..count).map(|_| start()).collect())
    }

    /// Gives the job to the thread of that process.
    pub(crate) fn give(&self, job: Job) {
        // The thread ends only when the sender is dropped.
        let _ = self.0[job.me - 1].send(job);
    }
}

fn start() -> Sender<Job> {
    let (sender, jobs) = channel();
    thread::spawn(move || work(&jobs));
    sender
}

fn work(jobs: &Receiver<Job>) {
    for job in jobs {
        let _entered = enter(&job.engine, job.me);
        job.engine.begin(job.me);
        let session = job.session.lock().take();
        if let Some(session) = session {
            carry_out(&job, session);
        }
        job.engine.finish(job.me);
    }
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
