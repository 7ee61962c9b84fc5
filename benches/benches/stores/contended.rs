//! An edit of one task that several threads want at once.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use lab_store::Session;
use lab_task::{Change, Outcome, TaskId};
use racelab_benches::Filled;

/// A session for each thread.
pub(crate) struct Crew {
    sessions: Vec<Box<dyn Session>>,
    id: TaskId,
    asked: u64,
    failed: u64,
    // After the sessions: fields are dropped in this order.
    _store: Filled,
}

impl Crew {
    /// So many sessions of that store.
    pub(crate) fn new(store: Filled, threads: usize) -> Result<Self> {
        let sessions = (0..threads).map(|_| store.session()).collect::<Result<_>>()?;
        Ok(Self { sessions, id: store.hot_task(), asked: 0, failed: 0, _store: store })
    }

    /// Shares `count` edits out among the threads; how long it takes until the last has ended.
    pub(crate) fn edit(&mut self, count: u64) -> Duration {
        let threads = self.sessions.len() as u64;
        let start = Barrier::new(self.sessions.len() + 1);
        let id = self.id;
        let (time, failed) = thread::scope(|scope| {
            let mut clients = Vec::new();
            for (at, session) in (0..).zip(&mut self.sessions) {
                let share = count / threads + u64::from(at < count % threads);
                let start = &start;
                clients.push(scope.spawn(move || {
                    start.wait();
                    (0..share).filter(|_| !is_edited(&mut **session, id)).count() as u64
                }));
            }
            start.wait();
            let begin = Instant::now();
            let ended = clients.into_iter().map(thread::ScopedJoinHandle::join);
            let failed = ended
                .map(|failed| failed.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .sum::<u64>();
            (begin.elapsed(), failed)
        });
        self.asked += count;
        self.failed += failed;
        time
    }

    /// An edit that failed is none, and may have taken less time.
    #[expect(clippy::print_stdout, reason = "a figure that is worth less must not go unnoticed")]
    pub(crate) fn tell_failures(&self, store: &str) {
        if self.failed > 0 {
            let (threads, asked, failed) = (self.sessions.len(), self.asked, self.failed);
            println!("{store}/contended edit/{threads}: {failed} of {asked} edits failed");
        }
    }
}

fn is_edited(session: &mut dyn Session, id: TaskId) -> bool {
    matches!(session.edit(id, &Change::AddMinutes(1)), Ok(Outcome::Applied(_)))
}
