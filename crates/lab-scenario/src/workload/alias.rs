//! Draws from a fixed distribution in constant time.

use fastrand::Rng;

/// The table of the alias method: Walker, "An Efficient Method for Generating Discrete Random
/// Variables with General Distributions", ACM TOMS 1977; built as by Vose, IEEE TSE 1991.
#[derive(Debug)]
pub(super) struct Alias(Box<[Column]>);

#[derive(Clone, Copy, Debug)]
struct Column {
    /// Of 2^32 draws that meet this column, how many keep it.
    kept: u64,
    /// What the others give.
    other: u32,
}

const DRAWS: u64 = 1 << 32;

impl Alias {
    /// A table for `weights`, which are not negative and not all zero.
    pub(super) fn new(weights: &[f64]) -> Self {
        let total: f64 = weights.iter().sum();
        // How much of a column each one fills, if all columns are equally large.
        let mut fill: Vec<f64> =
            weights.iter().map(|weight| weight / total * weights.len() as f64).collect();
        let full = |at: usize| Column { kept: DRAWS, other: at as u32 };
        let mut columns: Vec<Column> = (0..weights.len()).map(full).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..weights.len()).partition(|at| fill[*at] < 1.0);
        while let (Some(less), Some(more)) = (small.pop(), large.pop()) {
            columns[less] = Column { kept: (fill[less] * DRAWS as f64) as u64, other: more as u32 };
            fill[more] -= 1.0 - fill[less];
            if fill[more] < 1.0 { small.push(more) } else { large.push(more) }
        }
        // What is left over here is full but for a rounding error, unless it has no weight.
        for at in small {
            if weights[at] == 0.0 {
                let heaviest =
                    (0..weights.len()).max_by(|a, b| weights[*a].total_cmp(&weights[*b]));
                columns[at] = Column { kept: 0, other: heaviest.unwrap_or(at) as u32 };
            }
        }
        Self(columns.into())
    }

    /// Draws a position.
    #[inline]
    pub(super) fn draw(&self, rng: &mut Rng) -> usize {
        let bits = rng.u64(..);
        let at = (((bits & (DRAWS - 1)) * self.0.len() as u64) >> 32) as usize;
        let column = self.0[at];
        if bits >> 32 < column.kept { at } else { column.other as usize }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// How often the table gives each position, if its bits are drawn evenly.
    fn frequencies(alias: &Alias) -> Vec<f64> {
        let mut frequencies = vec![0.0; alias.0.len()];
        for (at, column) in alias.0.iter().enumerate() {
            let kept = column.kept as f64 / DRAWS as f64;
            frequencies[at] += kept / alias.0.len() as f64;
            frequencies[column.other as usize] += (1.0 - kept) / alias.0.len() as f64;
        }
        frequencies
    }

    proptest! {
        #[test]
        fn each_position_comes_in_proportion_to_its_weight(
            weights in prop::collection::vec(prop_oneof![Just(0.0), 0.001..1000.0], 1..50),
        ) {
            let total: f64 = weights.iter().sum();
            prop_assume!(total > 0.0);
            for (frequency, weight) in frequencies(&Alias::new(&weights)).iter().zip(&weights) {
                prop_assert!((frequency - weight / total).abs() < 1e-6);
                prop_assert!(*weight > 0.0 || *frequency == 0.0);
            }
        }
    }
}
