//! The server's process for one connection.

use std::io;

use sqlx::postgres::PgConnectOptions;
use tokio::runtime::Runtime;

use crate::patience::Patience;

/// What a process of the server says of itself.
pub(crate) const OWN_PID: &str = "SELECT pg_backend_pid()";

/// What a scheduler needs of a connection: whom to ask about, and when.
pub(crate) struct Backend {
    pub(crate) process: Process,
    pub(crate) patience: Patience,
}

impl Backend {
    /// Moves the process to the processor of the calling thread, if that thread is bound to one:
    /// of two that only ever run in turn, the one wakes the other ten times as fast there.
    pub(crate) fn come_near(
        pid: i32,
        runtime: &Runtime,
        options: &PgConnectOptions,
    ) -> io::Result<Self> {
        let process = Process { pid, is_here: options.get_socket().is_some() };
        process.follow();
        let _entered = runtime.enter();
        Ok(Self { process, patience: Patience::new()? })
    }
}

/// A process of the server.
#[derive(Clone, Copy)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    /// What is reached by a socket of this machine is a process of this machine.
    is_here: bool,
}

impl Process {
    /// Where the system refuses, nothing changes but the speed.
    #[cfg(target_os = "linux")]
    fn follow(self) {
        use rustix::thread::{Pid, sched_getaffinity, sched_setaffinity};
        let here = sched_getaffinity(None).ok().filter(|processors| processors.count() == 1);
        if let (Some(here), Some(process)) = (here, Pid::from_raw(self.pid))
            && self.state().is_some()
        {
            let _ = sched_setaffinity(Some(process), &here);
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn follow(self) {}

    /// Its state in a letter, if it can be seen. The number may be one of a container whose
    /// socket is mounted here, and another process ours.
    fn state(self) -> Option<char> {
        let path = format!("/proc/{}/stat", self.pid);
        let stat = self.is_here.then(|| std::fs::read_to_string(path).ok())??;
        let (name, rest) = stat.rsplit_once(") ")?;
        rest.chars().next().filter(|_| name.ends_with("(postgres"))
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn only_a_process_of_the_server_has_a_state() {
        let pid = i32::try_from(std::process::id()).unwrap();
        assert_eq!(Process { pid, is_here: true }.state(), None);
    }
}
