//! Whether a run is judged as it should be.

use std::time::Duration;

use super::{
    Checker, Compared, Measured, Outcome, Overrun, Run, Shrunk, Versioned, goals, versioned,
    versioned_table,
};
use crate::{Goal, Reached, goal_table};

/// Three equal rounds.
fn decided(checker: Checker, time_ns: u64) -> Measured {
    let time = Duration::from_nanos(time_ns);
    let one = Outcome::Decided { holds: true, operations: 100, time, memory_bytes: 17_000_000 };
    Measured { checker, rounds: vec![one; 3] }
}

fn failed(checker: Checker, outcome: Outcome) -> Measured {
    Measured { checker, rounds: vec![outcome] }
}

fn log(name: &str, measured: Vec<Measured>) -> Compared {
    Compared { name: name.to_owned(), is_log: true, measured }
}

fn logs(compared: Vec<Compared>) -> [Reached; 3] {
    let goals = goals(&Run { compared, ..Run::default() });
    ["sum of times", "each", "the worst"]
        .map(|what| reached(&goals, &format!("the logs of etcd: {what}")))
}

fn reached(goals: &[Goal], what: &str) -> Reached {
    goals.iter().find(|goal| goal.what == what).unwrap().reached.clone()
}

fn met(said: &str) -> Reached {
    Reached::Met(said.to_owned())
}

fn not_met(said: &str) -> Reached {
    Reached::NotMet(said.to_owned())
}

fn not_run(why: &str) -> Reached {
    Reached::NotRun(why.to_owned())
}

#[test]
fn what_did_not_run_is_neither_met_nor_not() {
    let goals = goals(&Run::default());
    assert!(goals.iter().all(|goal| matches!(goal.reached, Reached::NotRun(_))), "{goals:?}");
    let no_folder = not_run("RACELAB_PEER_HISTORIES names no folder with such logs");
    assert_eq!(reached(&goals, "the logs of etcd: each"), no_folder);
    let one = log("a", vec![decided(Checker::Racelab, 1), decided(Checker::Porcupine, 2)]);
    let left_out = not_run("1 of 2 logs were not asked for");
    assert_eq!(logs(vec![one, log("b", Vec::new())]), [0; 3].map(|_| left_out.clone()));
}

#[test]
fn the_logs_are_judged_by_their_sum_by_each_and_by_the_worst() {
    let pair = |name, ours_ns, peer_ns| {
        log(name, vec![decided(Checker::Racelab, ours_ns), decided(Checker::Porcupine, peer_ns)])
    };
    let fast = vec![pair("a", 1_000, 2_000), pair("b", 3_000, 1_998_000)];
    let expected = [
        met("500 times, 4.0µs and 2.0ms"),
        met("none of 2, 2.0 times faster on the closest (a)"),
        met("3.0µs (b)"),
    ];
    assert_eq!(logs(fast), expected);
    let slow = vec![pair("a", 1_000, 2_000), pair("b", 200_000, 100_000)];
    let expected =
        [not_met("1 times, 201.0µs and 102.0µs"), not_met("slower on b"), not_met("200.0µs (b)")];
    assert_eq!(logs(slow), expected);
}

#[test]
fn a_peer_that_is_out_of_time_counts_by_name() {
    let out = failed(Checker::Porcupine, Outcome::OutOfTime);
    let logs_of = |out: Measured| {
        let first = vec![decided(Checker::Racelab, 1_000), decided(Checker::Porcupine, 900_000)];
        logs(vec![log("a", first), log("b", vec![decided(Checker::Racelab, 2_000), out])])
    };
    let expected = [
        met("900 times, 1.0µs and 900.0µs; porcupine-rs: out of time on b"),
        met("none of 2, 900.0 times faster on the closest (a); porcupine-rs: out of time on b"),
        met("2.0µs (b)"),
    ];
    assert_eq!(logs_of(out), expected);
    let alone =
        log("b", vec![decided(Checker::Racelab, 2_000), failed(Checker::Porcupine, Outcome::Died)]);
    let none = not_run("porcupine-rs decided none; porcupine-rs: out of memory or stack on b");
    assert_eq!(logs(vec![alone])[0], none);
    let ours = failed(Checker::Racelab, Outcome::OutOfTime);
    let lost = logs(vec![log("a", vec![ours, decided(Checker::Porcupine, 1)])]);
    assert!(lost.iter().all(|one| *one == not_met("out of time on a")), "{lost:?}");
}

#[test]
fn a_history_is_judged_by_time_memory_and_length() {
    let row = |name: &str, measured| Compared { name: name.to_owned(), is_log: false, measured };
    let compared = vec![
        row("register-100k", vec![decided(Checker::Racelab, 3_000_001)]),
        row("clients-32", vec![failed(Checker::RacelabSearch, Outcome::OutOfTime)]),
        row("keys-1m", vec![decided(Checker::Racelab, 60_000_000)]),
        row("keys-10m", vec![decided(Checker::Racelab, 91_000_000)]),
    ];
    let goals = goals(&Run { compared, ..Run::default() });
    let of = |what| reached(&goals, what);
    assert_eq!(of("register-100k, racelab: time"), not_met("3.0ms"));
    assert_eq!(of("register-100k, racelab: memory"), not_met("17.0 MB"));
    assert_eq!(of("clients-32, racelab search: time"), not_met("out of time on clients-32"));
    assert_eq!(of("keys-1m, racelab: time"), met("60.0ms"));
    assert_eq!(of("keys-1m, racelab: memory"), met("17.0 MB"));
    let longer = not_met("1.52 times, 910000 ns and 600000 ns");
    assert_eq!(of("keys-10m, racelab: time of an operation"), longer);
    let few = not_run("clients-32-few-values was not asked for");
    assert_eq!(of("clients-32-few-values, racelab search: time"), few);
}

#[test]
fn the_worst_core_and_the_worst_budget_decide() {
    let ms = Duration::from_millis;
    let core = |name: &str, shrunk_ms, core_operations| Shrunk {
        name: name.to_owned(),
        checked: ms(1),
        shrunk: ms(shrunk_ms),
        core_operations,
        is_minimal: true,
    };
    let overrun = |largest_ms| Overrun { budget: ms(100), median_ms: 0.0, largest_ms };
    let tasks = Versioned {
        lists_percent: 5,
        operations: 1_000_000,
        listed: 1,
        time: ms(250),
        range: (ms(250), ms(250)),
        held_bytes: 64_000_000,
    };
    let goals = goals(&Run {
        shrunk: vec![core("a", 11, 2), core("b", 1, 6)],
        overruns: vec![overrun(-1.0), overrun(10.1)],
        versioned: vec![tasks],
        ..Run::default()
    });
    let of = |what| reached(&goals, what);
    assert_eq!(of("shrinking: operations of the core"), met("6 at most (b)"));
    assert_eq!(of("shrinking: time"), not_met("11.0 times at most (a)"));
    assert_eq!(of("budgets: overrun"), not_met("10.1 ms at most (budget of 100ms)"));
    assert_eq!(of("versioned tasks with lists: operations a second"), not_met("4.0 million"));
    assert_eq!(of("versioned tasks with lists: held an operation"), met("64.0 bytes"));
}

#[test]
fn a_goal_is_a_line_with_its_judgement() {
    let goal = |reached| Goal::new("time", "at most 1 s", Ok(reached));
    let text = goal_table(&[goal(met("1 s")), goal(not_met("2 s")), goal(not_run("no folder"))]);
    let lines: Vec<&str> = text.trim_end().lines().skip(4).collect();
    let expected = [
        "| time | at most 1 s | 1 s | ✓ met |",
        "| time | at most 1 s | 2 s | ✗ not met |",
        "| time | at most 1 s | no folder | not run |",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn versioned_tasks_are_checked_without_lists_and_with_them() {
    let all = versioned(1_000).unwrap();
    let lists: Vec<(u8, bool)> =
        all.iter().map(|one| (one.lists_percent, one.listed > 0)).collect();
    assert_eq!(lists, [(0, false), (5, true)]);
    let table = versioned_table(&all);
    let lines = table.lines().filter(|line| line.starts_with("| 1100 operations, ")).count();
    assert_eq!(lines, 2, "{table}");
}
