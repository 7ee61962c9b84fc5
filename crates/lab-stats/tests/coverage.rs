//! The statistics against data whose truth is known: how often an interval holds it, and how
//! often a difference is seen where there is none.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use fastrand::Rng;
use lab_stats::{Interval, MARGIN, Verdict, median_interval, paired_ratio};

const RUNS: u64 = 400;
const ROUNDS: usize = 15;

/// Noise as a shared machine makes it: most rounds a little slower, a few by a lot.
fn slowed(rng: &mut Rng) -> f64 {
    let little = 1.0 + 0.1 * rng.f64();
    if rng.f64() < 0.1 { little * (1.0 + rng.f64()) } else { little }
}

/// Another stream than the one that draws the resamples, or the two would know each other.
fn data(seed: u64) -> Rng {
    Rng::with_seed(!seed)
}

/// Fifteen rounds of a pair of which the first is `ratio` times as fast; the whole round is slow
/// or fast, and each of both by itself.
fn rounds(ratio: f64, seed: u64) -> Vec<(f64, f64)> {
    let mut rng = data(seed);
    (0..ROUNDS)
        .map(|_| {
            let round = 1e6 / slowed(&mut rng);
            (ratio * round / slowed(&mut rng), round / slowed(&mut rng))
        })
        .collect()
}

fn share(held: impl Fn(u64) -> bool) -> f64 {
    let held = (0..RUNS).filter(|seed| held(*seed)).count();
    f64::from(u32::try_from(held).unwrap()) / 400.0
}

fn holds(interval: Interval, truth: f64) -> bool {
    interval.low <= truth && truth <= interval.high
}

#[test]
fn an_interval_of_a_ratio_holds_the_truth_in_about_ninety_five_of_a_hundred_runs() {
    for ratio in [0.5, 1.0, 3.0] {
        let held = share(|seed| holds(paired_ratio(&rounds(ratio, seed), seed).unwrap(), ratio));
        assert!((0.91..=0.99).contains(&held), "{held} of the intervals hold {ratio}");
    }
}

#[test]
fn an_interval_of_a_median_holds_the_truth_in_about_ninety_five_of_a_hundred_runs() {
    let held = share(|seed| {
        let mut rng = data(seed);
        let values: Vec<f64> = (0..ROUNDS).map(|_| -(1.0 - rng.f64()).ln()).collect();
        holds(median_interval(&values, seed).unwrap(), 2.0_f64.ln())
    });
    assert!((0.91..=0.99).contains(&held), "{held}");
}

#[test]
fn two_that_are_equally_fast_are_called_different_in_at_most_one_of_twenty_runs() {
    let verdict = |seed| Verdict::of(paired_ratio(&rounds(1.0, seed), seed).unwrap(), MARGIN);
    let different = share(|seed| matches!(verdict(seed), Verdict::Faster | Verdict::Slower));
    assert!(different <= 0.07, "{different}");
}

#[test]
fn what_is_clearly_slower_is_called_slower() {
    let verdict = |seed| Verdict::of(paired_ratio(&rounds(0.8, seed), seed).unwrap(), MARGIN);
    let found = share(|seed| verdict(seed) == Verdict::Slower);
    assert!(found >= 0.95, "{found}");
}
