//! The loop that one client runs in, for each kind of pass.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use lab_stats::Pass;
use serde::{Deserialize, Serialize};

use crate::arrivals::Arrivals;
use crate::client::{Client, pause_until};
use crate::counted::Meetings;
use crate::ledger::Ledger;

/// How long a client waits at most before it looks whether it shall stop.
const PATIENCE: Duration = Duration::from_millis(5);

/// Where an operation takes less than this, two looks at the clock are a good part of it.
const FAST: Duration = Duration::from_micros(2);
/// Of fast operations one of so many is timed: a prime, so that it is no pattern's multiple.
const FAST_EACH: u32 = 61;

const RUN: u8 = 0;
const MEASURE: u8 = 1;
const STOP: u8 = 2;

/// What clients and whoever watches them share.
pub(crate) struct Signals {
    phase: AtomicU8,
    good: Box<[Padded]>,
}

/// A number on cache lines of its own: clients that count beside each other would slow each other
/// down. Processors fetch pairs of lines of 64 bytes.
#[repr(align(128))]
#[derive(Default)]
struct Padded(AtomicU64);

impl Signals {
    pub(crate) fn new(clients: usize) -> Self {
        let good = (0..clients).map(|_| Padded::default()).collect();
        Self { phase: AtomicU8::new(RUN), good }
    }

    /// Good answers of each client so far.
    pub(crate) fn progress(&self) -> Vec<u64> {
        self.good.iter().map(|good| good.0.load(Ordering::Relaxed)).collect()
    }

    /// From here on times are kept.
    pub(crate) fn measure(&self) {
        self.phase.store(MEASURE, Ordering::Relaxed);
    }

    /// Every client stops after the operation that it is at.
    pub(crate) fn stop(&self) {
        self.phase.store(STOP, Ordering::Relaxed);
    }

    #[inline]
    fn phase(&self) -> u8 {
        self.phase.load(Ordering::Relaxed)
    }
}

/// What one client has to tell in the end.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) ledger: Ledger,
    pub(crate) good: u64,
    pub(crate) refused: u64,
    pub(crate) failed: u64,
    pub(crate) failure: Option<String>,
    pub(crate) retries: u64,
    pub(crate) waits: u64,
    /// Times in nanoseconds and how often each was seen, to the histogram's three digits.
    pub(crate) times_ns: Vec<(u64, u64)>,
}

/// Which operations are timed, in a sentence.
pub(crate) fn sampling() -> String {
    format!(
        "Where an operation takes less than {} µs in the warm-up, each {FAST_EACH}st is timed and \
         the others are not, or the clock would be a good part of what is measured; the longest \
         wait is then that of those. All slower ones are timed.",
        FAST.as_micros()
    )
}

/// Runs one client until it shall stop.
pub(crate) fn work(
    mut client: Client,
    signals: &Signals,
    at: usize,
    pass: Pass,
    seed: u64,
) -> Told {
    let before = Meetings::of_this_thread();
    let mut counting = Counting { signals, at, good: 0, times: None };
    match pass {
        Pass::Throughput => counting.count(&mut client),
        Pass::Latency => counting.time(&mut client),
        Pass::Open(per_s) => {
            let of_one = per_s / signals.good.len() as f64;
            counting.keep_time(&mut client, Arrivals::new(of_one, seed));
        }
    }
    let Counting { good, times, .. } = counting;
    let after = Meetings::of_this_thread();
    Told {
        good,
        refused: client.refused,
        failed: client.failed,
        failure: client.failure.take(),
        retries: after.retries - before.retries,
        waits: after.waits - before.waits,
        times_ns: times.map_or(Vec::new(), |times| recorded(&times)),
        ledger: client.into_ledger(),
    }
}

struct Counting<'a> {
    signals: &'a Signals,
    at: usize,
    good: u64,
    times: Option<Histogram<u64>>,
}

impl Counting<'_> {
    fn count(&mut self, client: &mut Client) {
        while self.signals.phase() != STOP {
            self.step(client);
        }
    }

    /// Whether operations are fast is told by how long they took while they warmed up, so that
    /// which of them are timed does not depend on the times.
    fn time(&mut self, client: &mut Client) {
        let (began, mut steps) = (Instant::now(), 0_u32);
        let mut untimed = None;
        while self.signals.phase() != STOP {
            let begin = Instant::now();
            self.step(client);
            self.record(begin.elapsed());
            steps = steps.saturating_add(1);
            if untimed.is_none() && self.signals.phase() == MEASURE {
                untimed = Some(if began.elapsed() / steps < FAST { FAST_EACH - 1 } else { 0 });
            }
            for _ in 0..untimed.unwrap_or(0) {
                if self.signals.phase() == STOP {
                    return;
                }
                self.step(client);
            }
        }
    }

    /// An operation's time counts from when it was due: the wait behind a slow one is its own.
    fn keep_time(&mut self, client: &mut Client, arrivals: Arrivals) {
        let begin = Instant::now();
        let mut dues = arrivals.map(|due| begin + due);
        for due in dues.by_ref() {
            while Instant::now() < due && self.signals.phase() != STOP {
                pause_until(due.min(Instant::now() + PATIENCE), PATIENCE);
            }
            if self.signals.phase() == STOP {
                self.left_waiting(due, &mut dues);
                return;
            }
            self.step(client);
            self.record(due.elapsed());
        }
    }

    /// What was due and got no turn waits until now at least: left out, it would hide the worst.
    fn left_waiting(&mut self, first: Instant, dues: &mut impl Iterator<Item = Instant>) {
        let end = Instant::now();
        let waiting = std::iter::once(first).chain(dues).take_while(|due| *due <= end);
        waiting.for_each(|due| self.keep(end - due));
    }

    #[inline]
    fn step(&mut self, client: &mut Client) {
        if client.step() {
            self.good += 1;
            self.signals.good[self.at].0.store(self.good, Ordering::Relaxed);
        }
    }

    fn record(&mut self, time: Duration) {
        if self.signals.phase() == MEASURE {
            self.keep(time);
        }
    }

    fn keep(&mut self, time: Duration) {
        if self.times.is_none() {
            // Three digits are always possible.
            self.times = Histogram::new(3).ok();
        }
        if let Some(times) = &mut self.times {
            // It grows to whatever comes; `saturating_record` would cut off at what it has now.
            let _ = times.record(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
        }
    }
}

fn recorded(times: &Histogram<u64>) -> Vec<(u64, u64)> {
    let seen = times.iter_recorded();
    seen.map(|one| (one.value_iterated_to(), one.count_since_last_iteration())).collect()
}
