//! What a process is doing, and which part of an execution it is.

use lab_runtime::{Kind, Probe};

use crate::process::ProcessId;

/// What a process is doing.
pub(crate) enum Status {
    /// Its thread has not been given to it yet.
    Absent,
    /// Up to its first point, or on from there: it has the baton.
    Running,
    /// Before a step, which it can take if its need is met.
    Ready {
        /// What the step does.
        kind: Kind,
        /// To what, where that is no lock.
        object: Option<u64>,
        /// What it takes.
        need: Need,
    },
    /// Waits until another process gives something back.
    AwaitsRelease,
    /// Waits for a notification, then for the mutex.
    AwaitsNotice {
        /// Of which condition.
        condvar: u64,
        /// Which it had, and needs again.
        mutex: u64,
        /// Whether nobody else may wait for the condition.
        alone: bool,
    },
    /// Waits inside a server.
    InServer(Probe),
    /// Back from the server: it runs on to its next point before anything else is decided.
    Returned,
    /// The controller waits for the end of that process.
    AwaitsEnd(ProcessId),
    /// The controller waits until the store's own threads wait.
    AwaitsQuiet,
    /// The controller waits for the clients.
    AwaitsClients,
    /// Over.
    Finished,
}

/// What a step needs before it can be taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Nothing: it can always be taken.
    Nothing,
    /// Sole hold of that lock.
    Sole(u64),
    /// A hold of that lock beside others of the same kind.
    Shared(u64),
}

/// Which part of an execution it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Before and after the clients: the controller runs, and the store's threads when it waits.
    Alone,
    /// Each client runs to its first point, in order; the number is the one that does.
    Starting(ProcessId),
    /// The recorded part.
    Clients,
    /// Between two recorded steps: the controller looks at the store.
    Looking,
}
