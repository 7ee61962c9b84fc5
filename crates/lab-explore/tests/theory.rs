//! What the explorer counts must be what combinatorics says.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use lab_explore::{Arena, Search, Stepped, explore};
use lab_scenario::Scenario;
use lab_store::Site;

const SCHEDULES_MAX: usize = 100_000;

fn search(store: &str, scenario: &str) -> Search {
    let entry = store_memory::entries::<Stepped>().into_iter().find(|entry| entry.name == store);
    let scenario = Scenario::sized(scenario.parse().unwrap());
    let mut arena = Arena::new(entry.unwrap(), &scenario, Site::default());
    explore(&mut arena, SCHEDULES_MAX).unwrap()
}

#[test]
fn n_processes_of_k_two_step_updates_have_as_many_schedules_as_theory_says() {
    for (processes, rounds, schedules) in [(2, 1, 6), (3, 1, 90), (2, 2, 70)] {
        let search = search("memory/naive_vec", &format!("log_time@{processes}x{rounds}"));
        assert!(search.is_complete);
        assert_eq!(search.schedules.len(), multinomial(processes, 2 * rounds));
        assert_eq!(search.schedules.len(), schedules);
        // Those that keep every update run one edit after the other.
        let serial = multinomial(processes, rounds);
        assert_eq!(search.anomalous(), schedules - serial);
    }
}

#[test]
fn a_lock_around_the_whole_update_leaves_nothing_to_find() {
    let search = search("memory/mutex", "log_time@3x1");
    assert!(search.is_complete);
    assert_eq!(search.schedules.len(), multinomial(3, 1));
    assert_eq!(search.anomalous(), 0);
}

#[test]
fn every_schedule_is_run_once() {
    let mut schedules = search("memory/naive_vec", "log_time@3x1").schedules;
    let all = schedules.len();
    schedules.sort();
    schedules.dedup();
    assert_eq!(schedules.len(), all);
}

#[test]
fn a_lost_update_is_found_within_five_schedules() {
    let search = search("memory/naive_vec", "two_editors");
    assert!(search.found[0].after_schedules <= 5, "{:?}", search.found);
}

/// (N K)! / (K!)^N: the orders of N processes that take K steps each.
fn multinomial(processes: usize, steps: usize) -> usize {
    let factorial = |n: usize| (1..=n).product::<usize>();
    factorial(processes * steps) / factorial(steps).pow(u32::try_from(processes).unwrap())
}
