//! The crate against brute force.

use std::env;

use fastrand::Rng;
use lab_check::Verdict;

use crate::generate::{Plan, events};
use crate::model::Model;
use crate::{brute, verify};

/// How many histories are tried, over all models: `RACELAB_CHECK_CASES`, or this.
const CASES: u64 = 50_000;
const MODELS: u64 = 6;

fn cases() -> u64 {
    let cases = env::var("RACELAB_CHECK_CASES").ok();
    cases.map_or(CASES, |cases| cases.parse().expect("RACELAB_CHECK_CASES is a number"))
}

/// A small history, and whether it holds.
fn try_one(model: Model, seed: u64) -> bool {
    let mut rng = Rng::with_seed(seed);
    let plan = Plan {
        operations: rng.u32(1..=8),
        processes: rng.u32(1..=5),
        keys: rng.u32(1..=2),
        lies: [0, 40, 90][rng.usize(0..3)],
        crashes: [0, 5, 30][rng.usize(0..3)],
    };
    let events = events(model, plan, &mut rng);
    let history = verify::built(&events);
    let expected = brute::holds(model, &history, history.operations());
    for by_search in [false, true] {
        let verdict = verify::verdict(model, &history, by_search);
        let what =
            || format!("{model:?} seed {seed} by search {by_search}: {verdict:?} {events:#?}");
        assert_eq!(matches!(verdict, Verdict::Holds(_)), expected, "{}", what());
        let wrong = verify::wrong_with(model, &history, &verdict, 8);
        assert!(wrong.is_none(), "{wrong:?} {}", what());
    }
    expected
}

/// Tries one model's share of the cases.
fn agrees_with_brute_force(model: Model) {
    let cases = cases().div_ceil(MODELS);
    let holding = (0..cases).filter(|seed| try_one(model, *seed)).count() as u64;
    let share = holding * 100 / cases;
    assert!((20..=90).contains(&share), "{model:?}: {share} % hold, so one side is hardly seen");
}

#[test]
fn every_verdict_on_a_small_register_is_that_of_brute_force() {
    agrees_with_brute_force(Model::Register { unique: false });
}

#[test]
fn every_verdict_on_a_small_register_of_different_values_is_that_of_brute_force() {
    agrees_with_brute_force(Model::Register { unique: true });
}

#[test]
fn every_verdict_on_a_small_cas_register_is_that_of_brute_force() {
    agrees_with_brute_force(Model::Cas);
}

#[test]
fn every_verdict_on_few_texts_is_that_of_brute_force() {
    agrees_with_brute_force(Model::KeyValue);
}

#[test]
fn every_verdict_on_a_small_set_is_that_of_brute_force() {
    agrees_with_brute_force(Model::Set);
}

#[test]
fn every_verdict_on_a_short_queue_is_that_of_brute_force() {
    agrees_with_brute_force(Model::Queue);
}
