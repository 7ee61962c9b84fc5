//! Every store of the catalogue, operation by operation: what a protection costs one client with
//! 10, 1,000 and 100,000 tasks, and what an edit costs when 1, 2, 4 and 8 threads want one task.
//!
//! ```sh
//! cargo bench -p racelab-benches --bench stores [-- FILTER]
//! ```
//!
//! A row is called `family/mechanism/operation/tasks`, as in `memory/mutex/edit/1000`, or
//! `family/mechanism/contended edit/threads`, and a filter is a regular expression over that:
//! `file/`, `/edit/1000$`, `contended`. All rows take between half an hour and an hour, as
//! estimated from some of them: a store that rewrites its file for each change takes tens of
//! milliseconds an operation with 100,000 tasks, and such rows have fewer samples. Stores whose
//! server is missing are a line that says so. Verdicts about contention come from `racelab bench`,
//! which lets stores take turns.
//!
//! Without `--bench`, as `cargo test` starts it, each operation runs once, with ten tasks.

mod contended;
mod operations;

use std::env;
use std::time::Duration;

use anyhow::Result;
use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput};
use lab_sites::Sites;
use lab_store::Entry;
use racelab_benches::{Filled, runnable, sites};

use crate::contended::Crew;
use crate::operations::OPERATIONS;

const TASKS: [usize; 3] = [10, 1_000, 100_000];
/// With so many tasks an operation may take so long that few samples have to do.
const TASKS_OF_FEW_SAMPLES: usize = 100_000;
/// How many tasks there are while one of them is contended.
const TASKS_CONTENDED: usize = 1_000;
const THREADS: [usize; 4] = [1, 2, 4, 8];

#[expect(clippy::print_stdout, reason = "a store that is not measured must not go unnoticed")]
fn main() -> Result<()> {
    let sites = sites();
    let (entries, not_run) = runnable(&sites)?;
    for line in not_run {
        println!("{line}");
    }
    // Short, because a store that keeps every version grows with each edit.
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    let is_measured = env::args().any(|argument| argument == "--bench");
    for entry in &entries {
        for tasks in TASKS.into_iter().take(if is_measured { TASKS.len() } else { 1 }) {
            uncontended(&mut criterion, entry, &sites, tasks);
        }
        let tasks = if is_measured { TASKS_CONTENDED } else { TASKS[0] };
        contended(&mut criterion, entry, &sites, tasks);
    }
    criterion.final_summary();
    lab_servers::end();
    Ok(())
}

fn uncontended(criterion: &mut Criterion, entry: &Entry, sites: &Sites, tasks: usize) {
    let mut group = criterion.benchmark_group(entry.name);
    if tasks < TASKS_OF_FEW_SAMPLES {
        group.sample_size(20);
    } else {
        group.sample_size(10).sampling_mode(SamplingMode::Flat);
    }
    // Filled for the first operation that no filter leaves out.
    let mut filled = None;
    for operation in OPERATIONS {
        let elements = if operation.is_of_all_tasks { tasks as u64 } else { 1 };
        group.throughput(Throughput::Elements(elements));
        group.bench_function(BenchmarkId::new(operation.name, tasks), |bencher| {
            let filled = filled.get_or_insert_with(|| opened(entry, sites, tasks));
            bencher.iter_custom(|count| timed((operation.time)(filled, count), entry));
        });
    }
    group.finish();
}

fn contended(criterion: &mut Criterion, entry: &Entry, sites: &Sites, tasks: usize) {
    let mut group = criterion.benchmark_group(entry.name);
    group.sample_size(20).throughput(Throughput::Elements(1));
    for threads in THREADS {
        // Anew for each number: a naive store may have damaged its file.
        let mut crew = None;
        group.bench_function(BenchmarkId::new("contended edit", threads), |bencher| {
            let open = || timed(Crew::new(opened(entry, sites, tasks), threads), entry);
            let crew = crew.get_or_insert_with(open);
            bencher.iter_custom(|count| crew.edit(count));
        });
        if let Some(crew) = crew {
            crew.tell_failures(entry.name);
        }
    }
    group.finish();
}

fn opened(entry: &Entry, sites: &Sites, tasks: usize) -> Filled {
    timed(Filled::open(entry, sites, tasks), entry)
}

/// What was measured.
#[expect(clippy::expect_used, reason = "criterion takes no errors, and nothing can be measured")]
fn timed<T>(result: Result<T>, entry: &Entry) -> T {
    result.expect(entry.name)
}
