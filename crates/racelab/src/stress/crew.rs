//! Clients as threads of this process.

use std::thread;

use lab_history::Track;
use lab_scenario::Workload;
use lab_store::Store;
use lab_task::TaskId;

use super::StressError;
use super::client::Client;
use super::failures::Failures;
use super::stop::Stop;

/// What the clients of one process have in common.
#[derive(Clone, Copy)]
pub(super) struct Crew<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) workload: &'a Workload,
    pub(super) seed: u64,
    pub(super) tasks: &'a [TaskId],
    pub(super) stop: &'a Stop,
}

/// Runs a client for each track, and `consume` beside them: it must end when they do, and where it
/// ends before them they are told to stop. Gives what it gave, and what failed.
pub(super) fn with_clients<T>(
    crew: Crew<'_>,
    tracks: Vec<Track>,
    consume: impl FnOnce() -> T,
) -> Result<(T, Failures), StressError> {
    let plan = crew.workload.plan();
    let mut clients = Vec::new();
    for track in tracks {
        let steps = plan.client(crew.seed, u64::from(track.process()));
        let tasks = crew.tasks.to_vec();
        let session = crew.store.session()?;
        clients.push(Client::new(session, track, (crew.workload, steps), tasks, crew.stop)?);
    }
    thread::scope(|scope| {
        let threads: Vec<_> =
            clients.into_iter().map(|client| scope.spawn(move || client.run())).collect();
        let consumed = consume();
        crew.stop.say();
        let mut failures = Failures::default();
        for thread in threads {
            match thread.join() {
                Ok(one) => failures.append(one),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok((consumed, failures))
    })
}
