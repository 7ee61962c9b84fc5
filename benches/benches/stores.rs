//! Every store of the catalogue, one client: what a protection costs when nobody else is there.

use std::hint::black_box;
use std::time::Duration;

use anyhow::{Result, ensure};
use criterion::Criterion;
use lab_sites::Sites;
use lab_store::{Entry, Session};
use lab_task::{Change, Outcome, TaskId};
use racelab_benches::{Bench, runnable, sites};

/// One operation on one task.
type Workload = fn(&mut dyn Session, TaskId) -> Result<()>;

const WORKLOADS: [(&str, Workload); 2] = [("edit", edit), ("get", get)];

#[expect(clippy::print_stdout, reason = "a store that is not measured must not go unnoticed")]
fn main() -> Result<()> {
    let sites = sites();
    let (entries, not_run) = runnable(&sites)?;
    for line in not_run {
        println!("{line}");
    }
    // Short, because a store that keeps every version grows with each edit.
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    for (name, workload) in WORKLOADS {
        let mut group = criterion.benchmark_group(name);
        for entry in &entries {
            let mut bench = None;
            group.bench_function(entry.name, |bencher| {
                let bench = bench.get_or_insert_with(|| opened(entry, &sites));
                bencher.iter(|| run(bench, workload));
            });
        }
        group.finish();
    }
    criterion.final_summary();
    Ok(())
}

#[expect(clippy::expect_used, reason = "criterion takes no errors, and nothing can be measured")]
fn opened(entry: &Entry, sites: &Sites) -> Bench {
    Bench::open(entry, sites).expect(entry.name)
}

#[expect(clippy::expect_used, reason = "criterion takes no errors, and nothing can be measured")]
fn run(bench: &mut Bench, workload: Workload) {
    let (session, id) = bench.take_turn();
    workload(session, id).expect("the operation succeeds");
}

fn edit(session: &mut dyn Session, id: TaskId) -> Result<()> {
    let outcome = session.edit(id, &Change::AddMinutes(1))?;
    ensure!(matches!(outcome, Outcome::Applied(_)), "{outcome:?}");
    Ok(())
}

fn get(session: &mut dyn Session, id: TaskId) -> Result<()> {
    ensure!(black_box(session.get(id)?).is_some(), "{id} is gone");
    Ok(())
}
