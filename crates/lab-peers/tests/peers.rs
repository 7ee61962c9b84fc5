//! Every peer does what it says: what it acknowledges is there afterwards.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::io::Write;
use std::time::Duration;

use lab_measure::{Contender, Ground, Series, run};
use lab_peers::peers_of;
use lab_servers::Prerequisite;
use lab_sites::Sites;
use lab_stats::{Pass, Placement, Role, Row};
use lab_store::Family;

fn rows(contenders: Vec<Contender>, workload: &str, clients: u32) -> Vec<Row> {
    let series = Series {
        workload: workload.parse().unwrap(),
        contenders,
        clients: vec![clients],
        tasks: Vec::new(),
        placements: vec![Placement::Free],
        pass: Pass::Throughput,
        program: None,
        rounds: 1,
        for_each: Duration::from_millis(20),
        seed: 1,
    };
    run(&series, &mut Ground::new(Sites::fastest()), |_| {}).unwrap()
}

fn assert_kept(family: Family, workload: &str, clients: u32) {
    let rows = rows(peers_of(family), workload, clients);
    assert_eq!(rows[0].subject.role, Role::Reference);
    for row in rows {
        assert_eq!(row.not_run, None, "{}", row.subject.name);
        let sample = &row.samples[0];
        assert!(sample.acknowledged > 0, "{}", row.subject.name);
        assert_eq!(sample.survived, sample.acknowledged, "{}", row.subject.name);
    }
}

#[test]
fn what_a_peer_in_memory_acknowledges_is_there() {
    assert_kept(store_memory(), "hot_task", 2);
    assert_kept(store_memory(), "uniform,tasks=7", 2);
}

#[test]
fn what_a_peer_on_disk_acknowledges_is_there() {
    // One client: the loop over a JSON file has no lock.
    assert_kept(directory(), "hot_task", 1);
    assert_kept(directory(), "uniform,tasks=7,edit=1", 1);
    assert_kept(store_sqlite::FAMILY, "hot_task", 2);
    assert_kept(store_sqlite::FAMILY, "uniform,tasks=7,edit=1", 2);
}

#[test]
fn what_a_peer_on_postgres_acknowledges_is_there() {
    match lab_servers::postgres() {
        Ok(_) => {
            assert_kept(store_postgres::FAMILY, "hot_task", 1);
            assert_kept(store_postgres::FAMILY, "uniform,tasks=7,edit=1", 1);
        }
        Err(why) => {
            let said = Prerequisite::Postgres.not_run(why).unwrap();
            // Past the capture of the test harness: what did not run must be seen.
            std::io::stderr().write_all(format!("{said}\n").as_bytes()).unwrap();
        }
    }
}

#[test]
fn an_operation_that_a_peer_does_not_have_is_the_reason_why_it_is_not_run() {
    // One is enough: whoever never has a good answer is waited for a second.
    let one = peers_of(store_memory()).into_iter().take(1).collect();
    for row in rows(one, "editors,think=0", 1) {
        let why = row.not_run.unwrap();
        assert!(why.contains("has create, get, edit and list, and nothing else"), "{why}");
    }
}

fn store_memory() -> Family {
    Family { name: "memory", needs: lab_store::Needs::Nothing }
}

fn directory() -> Family {
    Family { name: "file", needs: lab_store::Needs::Directory }
}
