//! Medians and ratios with intervals from resampling: Efron and Tibshirani, "An Introduction to
//! the Bootstrap", 1993, chapter 13 (the percentile interval).

use fastrand::Rng;
use serde::{Deserialize, Serialize};

/// How often a sample is drawn again. The ends of an interval then lie on 50 values each.
const RESAMPLES: usize = 2_000;

/// What 95 % leave at each end.
const TAIL: f64 = 0.025;

/// Where resampling begins: the same results give the same intervals, every time.
pub(crate) const SEED: u64 = 0x5eed;

/// A median with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The median of what was seen.
    pub middle: f64,
    /// The upper end.
    pub high: f64,
}

/// The middle value, or halfway between the two middle ones; `None` of nothing.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    median_in_place(&mut sorted)
}

/// The median of `values` and its interval; equal seeds give equal intervals. `None` of nothing.
pub fn median_interval(values: &[f64], seed: u64) -> Option<Interval> {
    let mut rng = Rng::with_seed(seed);
    let mut drawn = Vec::with_capacity(values.len());
    interval(median(values)?, || {
        draw(values, &mut drawn, &mut rng);
        median_in_place(&mut drawn)
    })
}

/// The median of the rounds' ratios `one / other`, where each pair is of one round: whatever slows
/// down a whole round cancels out. Pairs without a positive `other` say nothing and are left out.
pub fn paired_ratio(pairs: &[(f64, f64)], seed: u64) -> Option<Interval> {
    let comparable = pairs.iter().filter(|(_, other)| *other > 0.0);
    let ratios: Vec<f64> = comparable.map(|(one, other)| one / other).collect();
    median_interval(&ratios, seed)
}

/// The ratio of two medians whose values have nothing to do with each other, as those of two runs.
pub fn unpaired_ratio(ones: &[f64], others: &[f64], seed: u64) -> Option<Interval> {
    let mut rng = Rng::with_seed(seed);
    let (mut one, mut other) = (Vec::new(), Vec::new());
    let middle = quotient(median(ones)?, median(others)?)?;
    interval(middle, || {
        draw(ones, &mut one, &mut rng);
        draw(others, &mut other, &mut rng);
        quotient(median_in_place(&mut one)?, median_in_place(&mut other)?)
    })
}

/// The interval of a statistic that `again` computes from a fresh resample.
pub(crate) fn interval(middle: f64, mut again: impl FnMut() -> Option<f64>) -> Option<Interval> {
    let mut seen: Vec<f64> = (0..RESAMPLES).filter_map(|_| again()).collect();
    seen.sort_unstable_by(f64::total_cmp);
    Some(Interval { low: quantile(&seen, TAIL)?, middle, high: quantile(&seen, 1.0 - TAIL)? })
}

/// Draws as many of `values` as there are, with replacement.
fn draw(values: &[f64], into: &mut Vec<f64>, rng: &mut Rng) {
    into.clear();
    into.extend((0..values.len()).map(|_| values[rng.usize(..values.len())]));
}

fn median_in_place(values: &mut [f64]) -> Option<f64> {
    let half = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    let is_even = values.len().is_multiple_of(2);
    let (below, upper, _) = values.select_nth_unstable_by(half, f64::total_cmp);
    let upper = *upper;
    let lower = below.iter().copied().max_by(f64::total_cmp).filter(|_| is_even);
    Some(lower.map_or(upper, |lower| f64::midpoint(lower, upper)))
}

fn quotient(one: f64, other: f64) -> Option<f64> {
    (other > 0.0).then(|| one / other)
}

/// The value below which `share` of the sorted values lie.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = (share * last as f64).round() as usize;
    sorted.get(at).copied()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between_two() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[4.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    #[test]
    fn a_pair_without_a_reference_is_left_out() {
        let ratio = paired_ratio(&[(2.0, 1.0), (5.0, 0.0), (2.0, 1.0)], 1).unwrap();
        assert_eq!((ratio.low, ratio.middle, ratio.high), (2.0, 2.0, 2.0));
        assert_eq!(paired_ratio(&[(1.0, 0.0)], 1), None);
        assert_eq!(unpaired_ratio(&[1.0], &[], 1), None);
    }

    #[test]
    fn what_slows_down_a_whole_round_cancels_out_of_a_paired_ratio_only() {
        let slow = |round: usize| if round.is_multiple_of(2) { 1.0 } else { 9.0 };
        let pairs: Vec<(f64, f64)> =
            (0..20).map(|round| (20.0 / slow(round), 10.0 / slow(round))).collect();
        let paired = paired_ratio(&pairs, 7).unwrap();
        assert!(paired.high - paired.low < 1e-9, "{paired:?}");
        let (ones, others): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let unpaired = unpaired_ratio(&ones, &others, 7).unwrap();
        assert!(unpaired.high - unpaired.low > 1.0, "{unpaired:?}");
    }

    proptest! {
        #[test]
        fn an_interval_holds_its_middle_and_stays_within_what_was_seen(
            values in prop::collection::vec(0.1_f64..1e9, 1..40),
            seed: u64,
        ) {
            let Interval { low, middle, high } = median_interval(&values, seed).unwrap();
            prop_assert!(low <= middle && middle <= high);
            prop_assert!(values.iter().any(|value| *value <= low));
            prop_assert!(values.iter().any(|value| *value >= high));
            prop_assert_eq!(median_interval(&values, seed), median_interval(&values, seed));
        }

        #[test]
        fn a_median_has_as_many_values_above_as_below(
            values in prop::collection::vec(-1e9_f64..1e9, 1..40),
        ) {
            let middle = median(&values).unwrap();
            let below = values.iter().filter(|value| **value < middle).count();
            let above = values.iter().filter(|value| **value > middle).count();
            prop_assert!(2 * below <= values.len() && 2 * above <= values.len());
        }
    }
}
