//! The server's process for one connection.

use std::io;

use sqlx::postgres::PgConnectOptions;
use tokio::runtime::Runtime;

use crate::patience::Patience;

/// What a process of the server says of itself.
pub(crate) const OWN_PID: &str = "SELECT pg_backend_pid()";

/// What a scheduler needs of a connection: whom to ask about, and when.
pub(crate) struct Backend {
    pub(crate) pid: i32,
    pub(crate) patience: Patience,
}

impl Backend {
    /// Moves the process to the processor of the calling thread, if that thread is bound to one:
    /// of two that only ever run in turn, the one wakes the other ten times as fast there. What is
    /// reached by a socket of this machine is a process of this machine.
    pub(crate) fn come_near(
        pid: i32,
        runtime: &Runtime,
        options: &PgConnectOptions,
    ) -> io::Result<Self> {
        if options.get_socket().is_some() {
            follow(pid);
        }
        let _entered = runtime.enter();
        Ok(Self { pid, patience: Patience::new()? })
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

#[cfg(not(target_os = "linux"))]
fn follow(_pid: i32) {}

/// The number may be one of a container whose socket is mounted here, and another process ours.
#[cfg(target_os = "linux")]
fn is_postgres(pid: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name == "postgres\n")
}

#[cfg(all(test, target_os = "linux"))]
#[test]
fn another_process_than_one_of_the_server_is_not_moved() {
    let pid = i32::try_from(std::process::id()).unwrap();
    assert!(!is_postgres(pid));
}
