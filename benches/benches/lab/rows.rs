//! The rows of criterion.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Bencher, Criterion, Throughput};
use lab_history::{Places, Record, Recorded, Recording, recorder};
use lab_runtime::{Access, Runtime, Threads};
use lab_store::Session;

use crate::nothing::{Nothing, edit};

/// How many operations are recorded before the consumer, untimed, makes room: as many as a track
/// of `racelab stress` holds.
pub(crate) const OPERATIONS: u64 = 4096;

/// Measures all of them, or those that the arguments of the program choose.
pub(crate) fn measure() {
    let mut criterion = Criterion::default()
        .sample_size(50)
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let mut group = criterion.benchmark_group("lab");
    group.throughput(Throughput::Elements(1));
    group.bench_function("operation, direct call", |bencher| bencher.iter(|| edit(&mut Nothing)));
    let mut bare: Box<dyn Session> = Box::new(Nothing);
    group.bench_function("operation, through the trait", |bencher| {
        bencher.iter(|| edit(black_box(&mut *bare)));
    });
    group.bench_function("schedule point of production", |bencher| bencher.iter(point));
    group.bench_function("two clock reads", |bencher| {
        bencher.iter(|| (black_box(Instant::now()), black_box(Instant::now())));
    });
    group.bench_function("recording, sequence", |bencher| beyond_bare(bencher, Places::sequence()));
    group.bench_function("recording, clock", |bencher| beyond_bare(bencher, Places::Clock));
    group.finish();
    criterion.final_summary();
}

/// Measures recorded and bare operations in turn and gives the difference.
fn beyond_bare(bencher: &mut Bencher<'_>, places: Places) {
    let mut both = Both::new(places);
    bencher.iter_custom(|operations| {
        let (with, without) = both.time(operations);
        // criterion takes no time that is zero.
        with.saturating_sub(without).max(Duration::from_nanos(1))
    });
}

/// A session that is recorded, with what takes its records, and one that is not.
pub(crate) struct Both {
    recorded: Recorded,
    recording: Recording,
    records: Vec<Record>,
    bare: Box<dyn Session>,
}

impl Both {
    pub(crate) fn new(places: Places) -> Self {
        let (mut tracks, recording) = recorder(places, 0, 1, OPERATIONS as usize);
        let recorded = Recorded::new(Box::new(Nothing), tracks.remove(0));
        Self { recorded, recording, records: Vec::new(), bare: Box::new(Nothing) }
    }

    /// How long so many operations take with and without, in turn.
    pub(crate) fn time(&mut self, operations: u64) -> (Duration, Duration) {
        let (mut with, mut without) = (Duration::ZERO, Duration::ZERO);
        let mut left = operations;
        while left > 0 {
            let now = left.min(OPERATIONS);
            with += time(now, || edit(&mut self.recorded));
            without += time(now, || edit(&mut *self.bare));
            self.records.clear();
            self.recording.drain(&mut self.records);
            left -= now;
        }
        (with, without)
    }
}

/// How long so many operations take.
pub(crate) fn time(operations: u64, mut operation: impl FnMut()) -> Duration {
    let begin = Instant::now();
    for _ in 0..operations {
        operation();
    }
    begin.elapsed()
}

/// What stands in a seam before each step that others can see.
pub(crate) fn point() {
    Threads::point(black_box(Access::write(0, "write")));
}
