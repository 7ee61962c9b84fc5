//! What the explorer counts must be what combinatorics says.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use lab_explore::{
    Arena, Bounds, Sampler, Search, Stepped, explore, explore_reduced, programs, sample,
};
use lab_scenario::{Scenario, Size, Unit};
use lab_store::{ScenarioName, Site, StoreError};

const SCHEDULES_MAX: usize = 100_000;

fn search(store: &str, scenario: &str) -> Search {
    search_by(explore, store, scenario)
}

type By = fn(&mut Arena, usize) -> Result<Search, StoreError>;

fn search_by(by: By, store: &str, scenario: &str) -> Search {
    let entry = store_memory::entries::<Stepped>().into_iter().find(|entry| entry.name == store);
    let scenario = Scenario::sized(scenario.parse().unwrap());
    let mut arena = Arena::new(entry.unwrap(), &scenario, Site::default());
    by(&mut arena, SCHEDULES_MAX).unwrap()
}

#[test]
fn sleep_sets_cut_the_naive_tree_of_three_to_36_schedules_or_fewer() {
    let all = search("memory/naive_vec", "log_time@3x1");
    let reduced = search_by(explore_reduced, "memory/naive_vec", "log_time@3x1");
    assert!(reduced.is_complete);
    assert_eq!(all.schedules.len(), 90);
    assert!(reduced.schedules.len() <= 36, "{}", reduced.schedules.len());
}

#[test]
fn sleep_sets_lose_no_outcome() {
    for entry in store_memory::entries::<Stepped>() {
        let usual = ScenarioName::ALL.map(Size::usual).into_iter();
        let of_three = ["log_time@3x1", "wip_limit@3x1"].map(|size| size.parse().unwrap());
        for size in usual.chain(of_three) {
            let scenario = Scenario::sized(size);
            let name = size;
            let outcomes = |by: By| {
                let mut arena = Arena::new(entry, &scenario, Site::default());
                let search = by(&mut arena, SCHEDULES_MAX / 100).unwrap();
                let outcomes: BTreeSet<_> = search.outcomes().cloned().collect();
                (search.is_complete, search.schedules.len(), outcomes)
            };
            let (all, reduced) = (outcomes(explore), outcomes(explore_reduced));
            if all.0 {
                assert!(reduced.0, "{} {name}", entry.name);
                assert_eq!(all.2, reduced.2, "{} {name}", entry.name);
                assert!(reduced.1 <= all.1, "{} {name}", entry.name);
            }
        }
    }
}

#[test]
fn sleep_sets_lose_no_outcome_of_made_up_programs() {
    const TREE_MAX: usize = 600;
    let (mut all, mut reduced) = (0, 0);
    let made = programs(11, Bounds { processes_max: 3, ops_max: 2 }).take(6);
    let cells = made.flat_map(|program| {
        store_memory::entries::<Stepped>().into_iter().map(move |entry| (entry, program.clone()))
    });
    for (entry, program) in cells {
        let scenario = program.scenario(Unit::Request);
        let mut arena = Arena::new(entry, &scenario, Site::default());
        let whole = explore(&mut arena, TREE_MAX).unwrap();
        if whole.is_complete {
            let part = explore_reduced(&mut arena, TREE_MAX).unwrap();
            assert!(part.is_complete, "{} {program}", entry.name);
            let outcomes = |search: &Search| search.outcomes().copied().collect::<BTreeSet<_>>();
            assert_eq!(outcomes(&whole), outcomes(&part), "{} {program}", entry.name);
            all += whole.schedules.len();
            reduced += part.schedules.len();
        }
    }
    assert!(reduced > 0 && reduced < all, "{reduced} of {all}");
}

#[test]
fn n_processes_of_k_two_step_updates_have_as_many_schedules_as_theory_says() {
    for (processes, rounds, schedules) in [(2, 1, 6), (3, 1, 90), (4, 1, 2_520), (2, 2, 70)] {
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

#[test]
fn each_sampler_finds_a_lost_update_and_draws_the_same_from_the_same_seed() {
    let scenario = Scenario::sized("log_time@4x2".parse().unwrap());
    for sampler in [Sampler::Random, Sampler::Pct] {
        let [one, same, other] = [1, 1, 2].map(|seed| {
            let entry = store_memory::entries::<Stepped>()[0];
            let mut arena = Arena::new(entry, &scenario, Site::default());
            sample(&mut arena, sampler, seed, 100).unwrap()
        });
        assert!(!one.found.is_empty(), "{sampler:?}");
        assert_eq!(one.schedules, same.schedules, "{sampler:?}");
        assert_ne!(one.schedules, other.schedules, "{sampler:?}");
        assert!(!one.is_complete);
    }
}

/// (N K)! / (K!)^N: the orders of N processes that take K steps each.
fn multinomial(processes: usize, steps: usize) -> usize {
    let factorial = |n: usize| (1..=n).product::<usize>();
    factorial(processes * steps) / factorial(steps).pow(u32::try_from(processes).unwrap())
}
