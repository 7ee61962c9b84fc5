//! The server's process for one connection.

use std::cell::Cell;

use sqlx::postgres::PgConnectOptions;

/// A process of the server, and whether it has been moved.
pub(crate) struct Backend {
    pub(crate) pid: i32,
    /// It may share a processor with its client and does not yet.
    may_come: Cell<bool>,
}

impl Backend {
    /// What is reached by a socket of this machine is a process of this machine.
    pub(crate) fn new(pid: i32, options: &PgConnectOptions) -> Self {
        Self { pid, may_come: Cell::new(options.get_socket().is_some()) }
    }

    /// Moves the process to the processor of the calling thread, if that thread is bound to one:
    /// of two that only ever run in turn, the one wakes the other ten times as fast there.
    pub(crate) fn come_near(&self) {
        if self.may_come.take() {
            follow(self.pid);
        }
    }
}

/// Where the system refuses, nothing changes but the speed.
#[cfg(target_os = "linux")]
fn follow(pid: i32) {
    use rustix::thread::{Pid, sched_getaffinity, sched_setaffinity};
    let here = sched_getaffinity(None).ok().filter(|processors| processors.count() == 1);
    if let (Some(here), Some(process)) = (here, Pid::from_raw(pid))
        && is_postgres(pid)
    {
        let _ = sched_setaffinity(Some(process), &here);
    }
}

/// The number may be one of a container whose socket is mounted here, and another process ours.
#[cfg(target_os = "linux")]
fn is_postgres(pid: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name == "postgres\n")
}

#[cfg(not(target_os = "linux"))]
fn follow(_pid: i32) {}
