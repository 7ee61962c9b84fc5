//! Every store of the catalogue. Nothing here depends on how fast the machine is: a run ends when
//! an anomaly is found or when so many operations are done, and its hour is only there for a store
//! that hangs.

use std::collections::BTreeSet;
use std::time::Duration;

use lab_runtime::Threads;
use lab_sites::Sites;
use lab_store::{Capability, Entry, Needs, Promise, ScenarioName};
use racelab::stress::{Budget, Load, Outcome, Standing, Stop, Verdict, stress};

use crate::there::site;

/// More than enough operations to meet a race on one hot task.
fn operations_until_found(entry: &Entry) -> u64 {
    match entry.family.needs {
        Needs::Nothing => 20_000_000,
        Needs::Directory | Needs::Database => 200_000,
        Needs::Postgres => 50_000,
    }
}

/// As many as a store is asked that holds.
fn operations(entry: &Entry) -> u64 {
    match entry.family.needs {
        Needs::Nothing => 10_000,
        Needs::Directory | Needs::Database => 400,
        Needs::Postgres => 200,
    }
}

fn load(workload: &str, processes: usize, operations: u64, until_found: bool) -> Load {
    let time = Duration::from_secs(60 * 60);
    Load {
        workload: workload.parse().unwrap(),
        clients: 4,
        processes,
        seed: 1,
        budget: Budget { time, operations: Some(operations), until_found },
        binary: env!("CARGO_BIN_EXE_racelab").into(),
        history: None,
    }
}

/// Runs `load`; nothing if the store's server is missing and may be.
fn run(entry: &Entry, load: &Load) -> Option<Outcome> {
    let site = site(&entry.family, &Sites::fastest())?;
    let outcome = stress(entry, &site, load, &Stop::default(), &mut |_, _| {});
    Some(outcome.unwrap_or_else(|error| panic!("{}: {error}", entry.name)))
}

fn is_naive(entry: &Entry) -> bool {
    matches!(entry.guarantee.promise(ScenarioName::LogTime), Some(Promise::Admits(_)))
}

/// Runs every store that `is_asked` and gives what `expect` has against it, by families.
fn each(
    is_asked: impl Fn(&Entry) -> bool,
    load: impl Fn(&Entry) -> Load,
    expect: impl Fn(&Outcome) -> bool,
) -> BTreeSet<&'static str> {
    let mut families = BTreeSet::new();
    let mut wrong = Vec::new();
    for entry in lab_catalog::entries::<Threads>().iter().filter(|entry| is_asked(entry)) {
        families.insert(entry.family.name);
        let load = load(entry);
        match run(entry, &load) {
            Some(outcome) if !expect(&outcome) => {
                wrong.push(format!("{outcome}\n  broken    {:?}\n  {load:?}", outcome.broken));
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    families
}

#[test]
fn a_naive_store_of_each_family_is_caught_on_a_hot_task() {
    let caught = each(
        is_naive,
        |entry| load("hot_task,get=0.2", 1, operations_until_found(entry), true),
        |outcome| outcome.verdict == Verdict::Witnessed && outcome.broken.is_none(),
    );
    let families: BTreeSet<_> = lab_catalog::FAMILIES.iter().map(|family| family.name).collect();
    assert_eq!(caught, families, "a family without a naive store");
}

#[test]
fn a_store_that_protects_an_edit_loses_none() {
    each(
        |entry| !is_naive(entry),
        |entry| load("hot_task,get=0.2", 1, operations(entry), false),
        |outcome| {
            outcome.verdict == Verdict::NotSeen
                && outcome.lost == 0
                && outcome.acknowledged > 0
                && outcome.broken.is_none()
        },
    );
}

#[test]
fn no_store_does_in_the_office_what_it_does_not_admit() {
    each(
        |_| true,
        |entry| load("office", 1, operations(entry), false),
        // Whether it shows what it admits is a matter of more operations than these.
        |outcome| outcome.anomalies.iter().all(|found| found.standing != Standing::Unexpected),
    );
}

#[test]
fn naive_stores_are_caught_over_processes_and_protected_ones_hold() {
    let is_shared = |entry: &Entry| entry.guarantee.has(Capability::SharedSite);
    let is_naive_there = |entry: &Entry| {
        matches!(entry.guarantee.promise(ScenarioName::TwoInstances), Some(Promise::Admits(_)))
    };
    let caught = each(
        |entry| is_shared(entry) && is_naive_there(entry),
        |entry| load("hot_task,get=0.2", 2, operations_until_found(entry), true),
        |outcome| outcome.verdict == Verdict::Witnessed && outcome.broken.is_none(),
    );
    assert_eq!(caught, BTreeSet::from(["file", "postgres", "sqlite"]));
    let held = each(
        |entry| is_shared(entry) && !is_naive_there(entry),
        |entry| load("hot_task,get=0.2", 2, operations(entry), false),
        |outcome| outcome.verdict == Verdict::NotSeen && outcome.lost == 0,
    );
    assert_eq!(held, BTreeSet::from(["file", "postgres", "sqlite"]));
}

#[test]
fn two_people_who_save_a_copy_lose_an_update_unless_versions_or_leases_stop_them() {
    let saves = |entry: &Entry| entry.family.needs == Needs::Nothing;
    let is_protected = |outcome: &Outcome| outcome.broken.is_none();
    each(saves, |_| load("editors,tasks=1,think=0", 1, 50_000, true), is_protected);
}

fn entry(name: &str) -> Entry {
    racelab::find::<Threads>(name).unwrap()
}

#[test]
fn a_store_that_loses_what_it_promises_to_keep_breaks_its_promise() {
    let (naive, protected) = (entry("memory/naive_vec"), entry("memory/versioned"));
    let liar = Entry { guarantee: protected.guarantee, ..naive };
    let load = load("hot_task,get=0.2", 1, operations_until_found(&liar), true);
    let broken = run(&liar, &load).unwrap().broken;
    assert!(broken.as_ref().is_some_and(|said| said.contains("lost update")), "{broken:?}");
}

#[test]
fn a_store_that_keeps_what_it_admits_to_lose_breaks_its_promise_too() {
    let (naive, protected) = (entry("memory/naive_vec"), entry("memory/versioned"));
    let modest = Entry { guarantee: naive.guarantee, ..protected };
    let outcome = run(&modest, &load("hot_task,get=0.2", 1, 2_000, false)).unwrap();
    assert_eq!(outcome.verdict, Verdict::NotSeen);
    assert_eq!(outcome.broken.unwrap(), "it admits a lost update here, and none was found");
}

#[test]
fn a_client_that_is_alone_loses_nothing_in_any_store() {
    each(
        |_| true,
        |entry| Load { clients: 1, ..load("office,think=0", 1, operations(entry) / 4, false) },
        |outcome| outcome.verdict == Verdict::NotSeen && outcome.lost == 0,
    );
}
