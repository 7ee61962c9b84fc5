//! The price of a check by versions: operations a second, and bytes an operation.
//!
//! A row is one history of a simulated store: 16 clients, 100 tasks, and of 100 operations 64 gets,
//! 30 edits, 5 lists by status of about 20 tasks, 1 save. The bench `checker` has the same history
//! in its report.

#![allow(missing_docs, reason = "criterion's macros write functions without any")]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use lab_history::Record;
use racelab_benches::VersionedHistory;

const OPERATIONS: usize = 1_000_000;

/// Gives the most bytes that were held.
fn check(history: &VersionedHistory) -> usize {
    match history.check() {
        Ok(bytes) => bytes,
        Err(error) => panic!("{error}"),
    }
}

#[expect(clippy::print_stdout, reason = "what criterion does not say: how large it all is")]
fn by_versions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("order");
    group.sample_size(10);
    for (name, lists_percent) in [("single_tasks", 0), ("with_lists", 5)] {
        let history = VersionedHistory::made(OPERATIONS, lists_percent);
        let (operations, bytes) = (history.operations(), check(&history));
        println!(
            "order/{name}: {operations} operations, {} tasks in lists; a record has {} bytes, the \
             checker held at most {bytes} bytes, {:.2} an operation",
            history.listed(),
            size_of::<Record>(),
            bytes as f64 / operations as f64
        );
        group.throughput(Throughput::Elements(operations as u64));
        group.bench_function(name, |bencher| {
            let each = |history: &VersionedHistory| check(black_box(history));
            bencher.iter_batched_ref(|| (), |()| each(&history), BatchSize::LargeInput);
        });
    }
    group.finish();
}

criterion_group!(benches, by_versions);
criterion_main!(benches);
