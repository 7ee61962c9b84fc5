//! How evenly work was shared.

/// Jain's index of shares: 1 if all are equal, 1/n if one of n has everything. `None` of nothing.
/// Jain, Chiu, Hawe, "A Quantitative Measure of Fairness", DEC-TR-301, 1984.
pub fn jain(shares: &[f64]) -> Option<f64> {
    let sum: f64 = shares.iter().sum();
    let squares: f64 = shares.iter().map(|share| share * share).sum();
    let count = shares.len() as f64;
    (squares > 0.0).then(|| sum * sum / (count * squares))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn equal_shares_are_fair_and_a_hog_is_not() {
        assert_eq!(jain(&[3.0, 3.0, 3.0]), Some(1.0));
        assert_eq!(jain(&[8.0, 0.0, 0.0, 0.0]), Some(0.25));
        assert_eq!(jain(&[]), None);
        assert_eq!(jain(&[0.0, 0.0]), None);
    }

    proptest! {
        #[test]
        fn the_index_lies_between_one_for_all_and_all_for_one(
            shares in prop::collection::vec(0.0_f64..1e9, 1..16),
        ) {
            prop_assume!(shares.iter().any(|share| *share > 1e-3));
            let index = jain(&shares).unwrap();
            let least = 1.0 / shares.len() as f64;
            prop_assert!(index <= 1.0 + 1e-9 && index >= least - 1e-9, "{index}");
        }

        #[test]
        fn the_unit_of_the_shares_does_not_matter(
            shares in prop::collection::vec(1.0_f64..1e6, 1..16),
            unit in 0.001_f64..1000.0,
        ) {
            let other: Vec<f64> = shares.iter().map(|share| share * unit).collect();
            let difference = jain(&shares).unwrap() - jain(&other).unwrap();
            prop_assert!(difference.abs() < 1e-9);
        }
    }
}
