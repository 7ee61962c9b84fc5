//! Clients at work, and whoever watches them: the same watch over threads and over processes.

use std::sync::{Arc, Barrier};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use lab_stats::Pass;

use crate::MeasureError;
use crate::client::Client;
use crate::placement::pin;
use crate::warm_up::{WINDOW, is_settled};
use crate::worker::{Signals, Told, work};

/// Clients that are at work.
pub(crate) trait Crew {
    /// Good answers of each client so far.
    fn progress(&mut self) -> Result<Vec<u64>, MeasureError>;

    /// From here on times are kept.
    fn measure(&mut self) -> Result<(), MeasureError>;

    /// Stops everybody; what each of them has to tell.
    fn stop(self) -> Result<Vec<Told>, MeasureError>;
}

/// What was seen of a crew, and what it told.
pub(crate) struct Watched {
    pub(crate) by_client: Vec<u64>,
    pub(crate) window: Duration,
    pub(crate) warm_up: Duration,
    pub(crate) is_settled: bool,
    pub(crate) told: Vec<Told>,
}

/// How long a window may become until somebody has a good answer.
const WINDOW_MAX: Duration = Duration::from_secs(1);

/// Lets a crew warm up, measures it for `window`, and stops it. Answers that come after the window
/// do not count, so a client that is stuck does not stretch it; only if nobody has any it grows.
pub(crate) fn watch(mut crew: impl Crew, window: Duration) -> Result<Watched, MeasureError> {
    let (warm_up, is_settled) = warm_up(&mut crew, longest_warm_up(window))?;
    crew.measure()?;
    let before = crew.progress()?;
    let begin = Instant::now();
    let after = loop {
        wait(window);
        let after = crew.progress()?;
        if after != before || begin.elapsed() >= WINDOW_MAX {
            break after;
        }
    };
    let window = begin.elapsed();
    let by_client = after.iter().zip(&before).map(|(after, before)| after - before).collect();
    Ok(Watched { by_client, window, warm_up, is_settled, told: crew.stop()? })
}

/// A warm-up takes at most half as long as what it is for.
pub(crate) fn longest_warm_up(window: Duration) -> Duration {
    window / 2
}

fn warm_up(crew: &mut impl Crew, longest: Duration) -> Result<(Duration, bool), MeasureError> {
    let begin = Instant::now();
    let mut seen = crew.progress()?.iter().sum::<u64>();
    let mut seen_at = begin;
    let mut per_window = Vec::new();
    while begin.elapsed() < longest && !is_settled(&per_window) {
        wait(WINDOW);
        let (now, good) = (Instant::now(), crew.progress()?.iter().sum::<u64>());
        per_window.push((good - seen) as f64 / (now - seen_at).as_secs_f64());
        (seen, seen_at) = (good, now);
    }
    Ok((begin.elapsed(), is_settled(&per_window)))
}

pub(crate) fn wait(time: Duration) {
    let end = Instant::now() + time;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        thread::park_timeout(left);
    }
}

/// Clients that are threads of this process.
pub(crate) struct Threads {
    signals: Arc<Signals>,
    clients: Vec<JoinHandle<Told>>,
}

impl Threads {
    /// Starts a thread for each client, on processor `cpu` if one is given; all begin together.
    pub(crate) fn start(
        clients: Vec<Client>,
        pass: Pass,
        cpu: Option<usize>,
        seed: u64,
    ) -> Result<Self, MeasureError> {
        let signals = Arc::new(Signals::new(clients.len()));
        let barrier = Arc::new(Barrier::new(clients.len()));
        let start = |(at, client): (usize, Client)| {
            let (signals, barrier) = (Arc::clone(&signals), Arc::clone(&barrier));
            let body = move || {
                let _pinned = cpu.map(pin);
                barrier.wait();
                work(client, &signals, at, pass, seed.wrapping_add(at as u64))
            };
            thread::Builder::new().name(format!("client {at}")).spawn(body)
        };
        let started = clients.into_iter().enumerate().map(start).collect::<Result<_, _>>();
        Ok(Self { clients: started.map_err(MeasureError::Thread)?, signals })
    }
}

impl Crew for Threads {
    fn progress(&mut self) -> Result<Vec<u64>, MeasureError> {
        Ok(self.signals.progress())
    }

    fn measure(&mut self) -> Result<(), MeasureError> {
        self.signals.measure();
        Ok(())
    }

    fn stop(self) -> Result<Vec<Told>, MeasureError> {
        self.signals.stop();
        let ended = self.clients.into_iter().map(JoinHandle::join);
        Ok(ended
            .map(|told| told.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect())
    }
}
