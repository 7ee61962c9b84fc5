//! What the lab itself costs: an operation that does nothing, called directly and through the
//! trait; a schedule point of production; and recording, which is the time of a recorded operation
//! less that of the same operation bare, both measured in turn within each sample.
//!
//! ```sh
//! cargo bench -p racelab-benches --bench lab [-- FILTER]
//! ```

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::Result;
use criterion::{Bencher, Criterion, Throughput};
use lab_history::{Places, Recorded, Recording, recorder};
use lab_runtime::{Access, Runtime, Threads};
use lab_store::{Session, StoreError};
use lab_task::{Change, Filter, IdempotencyKey, NewTask, Outcome, Summary, Task, TaskId, Version};

/// How many operations are recorded before the consumer, untimed, makes room: as many as a track
/// of `racelab stress` holds.
const OPERATIONS: u64 = 4096;

/// A session that does nothing.
struct Nothing;

fn main() {
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
    let mut bare: Box<dyn Session> = Box::new(Nothing);
    let (mut recorded, mut recording) = recorded(places);
    let mut records = Vec::new();
    bencher.iter_custom(|operations| {
        let mut left = operations;
        let (mut with, mut without) = (Duration::ZERO, Duration::ZERO);
        while left > 0 {
            let now = left.min(OPERATIONS);
            with += time(now, &mut recorded);
            without += time(now, &mut *bare);
            records.clear();
            recording.drain(&mut records);
            left -= now;
        }
        // criterion takes no time that is zero.
        with.saturating_sub(without).max(Duration::from_nanos(1))
    });
}

fn recorded(places: Places) -> (Recorded, Recording) {
    let (mut tracks, recording) = recorder(places, 0, 1, OPERATIONS as usize);
    (Recorded::new(Box::new(Nothing), tracks.remove(0)), recording)
}

fn time(operations: u64, session: &mut dyn Session) -> Duration {
    let begin = Instant::now();
    for _ in 0..operations {
        edit(session);
    }
    begin.elapsed()
}

/// What stands in a seam before each step that others can see.
fn point() {
    Threads::point(black_box(Access::write(0, "write")));
}

fn edit(session: &mut (impl Session + ?Sized)) {
    let _ = black_box(session.edit(black_box(TaskId(1)), black_box(&Change::AddMinutes(1))));
}

impl Session for Nothing {
    fn create(
        &mut self,
        _new: &NewTask,
        _key: Option<&IdempotencyKey>,
    ) -> Result<TaskId, StoreError> {
        Ok(TaskId(1))
    }

    fn get(&mut self, _id: TaskId) -> Result<Option<Task>, StoreError> {
        Ok(None)
    }

    fn list(&mut self, _filter: &Filter) -> Result<Vec<Task>, StoreError> {
        Ok(Vec::new())
    }

    fn summary(&mut self) -> Result<Summary, StoreError> {
        Ok(Summary::default())
    }

    fn edit(&mut self, _id: TaskId, _change: &Change) -> Result<Outcome, StoreError> {
        Ok(Outcome::Applied(Version(1)))
    }

    fn save(&mut self, _copy: &Task) -> Result<Outcome, StoreError> {
        Ok(Outcome::Applied(Version(1)))
    }

    fn delete(&mut self, _id: TaskId, _based_on: Option<Version>) -> Result<Outcome, StoreError> {
        Ok(Outcome::Applied(Version(1)))
    }

    fn start(&mut self, _id: TaskId, _wip_limit: u32) -> Result<Outcome, StoreError> {
        Ok(Outcome::Applied(Version(1)))
    }
}
