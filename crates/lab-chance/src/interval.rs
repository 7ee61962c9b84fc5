//! What so many of so many trials say of the chance behind them.

/// The 97.5 % point of the normal distribution: 95 % lie within so many standard deviations.
const DEVIATIONS: f64 = 1.959_963_984_540_054;

/// The chances that trials leave plausible, each from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The least.
    pub low: f64,
    /// The most.
    pub high: f64,
}

/// The interval at 95 % for the chance of something that was seen in `part` of `of` independent
/// trials: the chances from which what was seen is at most 1.96 standard deviations away. After no
/// trial every chance is plausible. Wilson, "Probable Inference, the Law of Succession, and
/// Statistical Inference", JASA 22, 1927. It holds near 0 and 1 too, where the usual p ± 1.96 s
/// gives an interval of no width.
pub fn wilson(part: usize, of: usize) -> Interval {
    if of == 0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let (trials, seen) = (of as f64, part.min(of) as f64 / of as f64);
    let weight = DEVIATIONS * DEVIATIONS / trials;
    let middle = seen + weight / 2.0;
    let reach = (weight * (seen * (1.0 - seen) + weight / 4.0)).sqrt();
    // At either end one bound is that end itself, which rounding would miss.
    let low = if part == 0 { 0.0 } else { (middle - reach) / (1.0 + weight) };
    let high = if part >= of { 1.0 } else { (middle + reach) / (1.0 + weight) };
    Interval { low, high }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, proptest};

    use super::*;

    fn is_close(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-9
    }

    #[test]
    fn ten_trials_say_what_the_tables_say() {
        let said = |part| {
            let Interval { low, high } = wilson(part, 10);
            format!("{low:.4} {high:.4}")
        };
        assert_eq!([0, 5, 10].map(said), ["0.0000 0.2775", "0.2366 0.7634", "0.7225 1.0000"]);
        assert_eq!(wilson(0, 0), Interval { low: 0.0, high: 1.0 });
    }

    proptest! {
        #[test]
        fn what_was_seen_lies_within_and_all_within_0_and_1(of in 1_usize..10_000, at in 0.0..1.0) {
            let part = (at * of as f64) as usize;
            let Interval { low, high } = wilson(part, of);
            let seen = part as f64 / of as f64;
            prop_assert!(0.0 <= low && low <= seen && seen <= high && high <= 1.0);
        }

        #[test]
        fn each_bound_is_as_far_away_as_it_may_be(of in 2_usize..10_000, at in 0.0..1.0) {
            let part = 1 + (at * (of - 2) as f64) as usize;
            let seen = part as f64 / of as f64;
            let Interval { low, high } = wilson(part, of);
            for bound in [low, high] {
                let deviation = (bound * (1.0 - bound) / of as f64).sqrt();
                prop_assert!(is_close((seen - bound).abs(), DEVIATIONS * deviation));
            }
        }

        #[test]
        fn what_is_not_seen_has_the_mirrored_interval(of in 1_usize..10_000, at in 0.0..1.0) {
            let part = (at * of as f64) as usize;
            let (one, other) = (wilson(part, of), wilson(of - part, of));
            prop_assert!(is_close(one.low, 1.0 - other.high));
            prop_assert!(is_close(one.high, 1.0 - other.low));
        }

        #[test]
        fn more_trials_with_the_same_share_say_more(of in 1_usize..1_000, at in 0.0..1.0) {
            let part = (at * of as f64) as usize;
            let width = |times: usize| {
                let Interval { low, high } = wilson(part * times, of * times);
                high - low
            };
            prop_assert!(width(2) < width(1));
        }
    }
}
