//! The driver over stores whose behaviour is known, the negative controls among them: a store that
//! lies is found out, and one that stalls cannot hide it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod misbehaving;

use std::time::Duration;

use lab_measure::{
    ClientProgram, Contender, Counted, Ground, How, MeasureError, Series, contenders_of, run,
    serve_client, with_controls,
};
use lab_sites::Sites;
use lab_stats::{Pass, Placement, Role, Row};
use lab_store::{Blueprint, Needs, Site, Store, StoreError};
use store_memory::mutex::Mutex;

use crate::misbehaving::misbehaving;

/// How long the stalling store takes for an edit.
const STALL: Duration = Duration::from_millis(20);

fn contenders(name: &str) -> Vec<Contender> {
    let mut entries = store_memory::entries::<Counted>();
    entries.extend(store_file::entries::<Counted>());
    entries.retain(|entry| entry.name == name);
    contenders_of(&entries)
}

fn opened_by(open: fn(&Site) -> Result<Box<dyn Store>, StoreError>) -> Vec<Contender> {
    let mut contenders = contenders("memory/mutex");
    contenders[0].how = How::Sessions(open);
    contenders
}

fn series(contenders: Vec<Contender>, workload: &str) -> Series {
    Series {
        workload: workload.parse().unwrap(),
        contenders,
        clients: vec![2],
        tasks: Vec::new(),
        placements: vec![Placement::Free],
        pass: Pass::Throughput,
        program: None,
        rounds: 2,
        for_each: Duration::from_millis(20),
        seed: 1,
    }
}

fn rows(series: &Series) -> Vec<Row> {
    run(series, &mut Ground::new(Sites::fastest()), |_| {}).unwrap()
}

#[test]
fn every_acknowledged_write_of_a_store_that_locks_survives() {
    for (name, workload) in [
        ("memory/mutex", "hot_task"),
        ("memory/optimistic", "ycsb_f,tasks=20"),
        ("file/journal", "ycsb_d,tasks=20"),
        ("file/json_locked", "uniform,tasks=5"),
    ] {
        let rows = rows(&series(contenders(name), workload));
        let row = &rows[0];
        assert_eq!((rows.len(), row.samples.len()), (1, 2), "{name} {workload} {:?}", row.not_run);
        for sample in &row.samples {
            assert!(sample.operations_per_s > 0.0 && sample.by_client.len() == 2);
            assert_eq!(sample.survived, sample.acknowledged, "{name} {workload}");
            assert_eq!(sample.probe_per_s.is_some(), name.starts_with("file"));
        }
    }
}

#[test]
fn a_little_of_everything_is_measured_too() {
    let rows = rows(&series(contenders("memory/mutex"), "office"));
    assert_eq!(rows[0].samples.len(), 2, "{:?}", rows[0].not_run);
    assert!(rows[0].samples.iter().all(|sample| sample.acknowledged > 0 && sample.failed == 0));
}

#[test]
fn a_store_that_acknowledges_what_it_does_not_do_is_found_out() {
    let lying = |_: &Site| misbehaving(|call| call % 2 == 1, Duration::ZERO);
    let row = &rows(&series(opened_by(lying), "hot_task"))[0];
    assert!((row.lies_per_1000() - 500.0).abs() < 50.0, "{}", row.lies_per_1000());
    let sample = &row.samples[0];
    assert!(sample.survived_per_s < 0.6 * sample.operations_per_s);
}

#[test]
fn an_open_loop_counts_the_wait_behind_a_slow_operation_and_a_closed_loop_does_not() {
    let stalling = |_: &Site| misbehaving(|_| false, STALL);
    let stall_ns = u64::try_from(STALL.as_nanos()).unwrap();
    let median_ns = |pass| {
        let for_each = STALL * 10;
        let one = Series { pass, for_each, rounds: 1, ..series(opened_by(stalling), "hot_task") };
        rows(&one)[0].latency.unwrap().ns_p50
    };
    assert!(median_ns(Pass::Latency) >= stall_ns);
    // At 2,000 a second most of what is due has waited since the warm-up, and got no turn.
    assert!(median_ns(Pass::Open(2000.0)) >= 2 * stall_ns);
}

#[test]
fn of_fast_operations_few_are_timed_and_of_slow_ones_all() {
    let timed_and_done = |contenders, for_each| {
        let pass = Pass::Latency;
        let one = Series { pass, for_each, rounds: 1, ..series(contenders, "hot_task") };
        let row = &rows(&one)[0];
        (row.latency.unwrap().count, row.samples[0].by_client.iter().sum::<u64>())
    };
    let (timed, done) = timed_and_done(contenders("memory/mutex"), STALL * 2);
    assert!(timed > 0 && timed < done / 20, "{timed} of {done}");
    let stalling = |_: &Site| misbehaving(|_| false, STALL);
    let (timed, done) = timed_and_done(opened_by(stalling), STALL * 10);
    assert!(timed >= done, "{timed} of {done}");
}

#[test]
fn what_cannot_be_measured_says_why_and_stops_nobody_else() {
    let mut contenders = contenders("memory/mutex");
    let mut broken = contenders[0].clone();
    broken.how = How::Sessions(|_| Err(StoreError::unavailable("the disk", "it is full")));
    contenders.push(broken);
    let rows = rows(&series(contenders, "hot_task"));
    assert_eq!(rows[0].samples.len(), 2);
    let why = rows[1].not_run.as_deref();
    assert_eq!(why, Some("memory/mutex: the disk is not available: it is full"));
}

#[test]
fn a_store_that_belongs_to_one_process_is_not_measured_with_several() {
    let program = ClientProgram { path: "/nowhere".into(), arguments: Vec::new() };
    let one = Series { program: Some(program), ..series(contenders("memory/mutex"), "hot_task") };
    let why = rows(&one)[0].not_run.clone().unwrap();
    assert!(why.contains("another process has tasks of its own"), "{why}");
}

#[test]
fn each_family_has_one_control_which_loses_nothing() {
    let all = with_controls(contenders_of(&store_memory::entries::<Counted>()));
    let controls: Vec<_> = all.iter().filter(|one| one.subject.role == Role::Control).collect();
    assert_eq!(controls.len(), 1);
    assert!(controls[0].keeps_edits && controls[0].needs == Needs::Nothing);
}

#[test]
fn a_client_that_is_told_nonsense_says_so() {
    let told = |input: &str| {
        let open = |_: &str, site: &Site| Mutex::open::<Counted>(site);
        serve_client(open, input.as_bytes(), Vec::new())
    };
    assert!(matches!(told("nonsense\n"), Err(MeasureError::Process(_))));
    assert!(matches!(told(""), Err(MeasureError::Process(_))));
}
