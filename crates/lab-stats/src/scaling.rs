//! The Universal Scalability Law: Gunther, "Guerrilla Capacity Planning", 2007, chapter 5.

use fastrand::Rng;
use serde::{Deserialize, Serialize};

use crate::Interval;
use crate::bootstrap::interval;

/// Throughput of `n` clients: `rate * n / (1 + contention * (n - 1) + crosstalk * n * (n - 1))`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scaling {
    /// What one client gets, in operations a second.
    pub rate: f64,
    /// The share of the work that only one can do at a time: 0 scales, 1 queues.
    pub contention: f64,
    /// What each pair of clients costs the others: above 0, more clients get less in the end.
    pub crosstalk: f64,
}

impl Scaling {
    /// The throughput of `clients`.
    pub fn throughput(&self, clients: f64) -> f64 {
        let others = clients - 1.0;
        let stretch = 1.0 + self.contention * others + self.crosstalk * clients * others;
        self.rate * clients / stretch
    }

    /// With how many clients the throughput is highest; `None` if it never falls.
    pub fn peak_clients(&self) -> Option<f64> {
        let is_falling = self.crosstalk > 1e-9;
        is_falling.then(|| ((1.0 - self.contention).max(0.0) / self.crosstalk).sqrt().max(1.0))
    }
}

/// The law that comes closest to `points` of clients and throughput, by the least squares of
/// relative errors, with no coefficient below 0: a speed-up of more than n is not explained by it.
/// `None` with fewer than three different numbers of clients, for three coefficients.
pub fn fit(points: &[(f64, f64)]) -> Option<Scaling> {
    let usable = || points.iter().filter(|(clients, rate)| *clients >= 1.0 && *rate > 0.0);
    let mut numbers: Vec<f64> = usable().map(|(clients, _)| *clients).collect();
    numbers.sort_unstable_by(f64::total_cmp);
    numbers.dedup();
    if numbers.len() < 3 {
        return None;
    }
    // n / X = a + b (n - 1) + c n (n - 1) is linear in a = 1/rate, b = a contention and
    // c = a crosstalk. Divided by n / X, each row's error is a relative one.
    let rows: Vec<[f64; 3]> = usable()
        .map(|(n, rate)| [1.0, n - 1.0, n * (n - 1.0)].map(|term| term * rate / n))
        .collect();
    let candidates = [[true, true, true], [true, true, false], [true, false, true]];
    let candidates = candidates.into_iter().chain([[true, false, false]]);
    let fits = candidates.filter_map(|used| least_squares(&rows, used));
    let possible = fits.filter(|[a, b, c]| *a > 0.0 && *b >= 0.0 && *c >= 0.0);
    let [a, b, c] =
        possible.min_by(|one, other| error(&rows, *one).total_cmp(&error(&rows, *other)))?;
    Some(Scaling { rate: 1.0 / a, contention: b / a, crosstalk: c / a })
}

/// The law, and for each of `at` clients the throughput that it gives with its 95 % band. The
/// samples are by rounds, the same rounds for each number of clients, and whole rounds are drawn.
pub fn fit_with_band(
    samples: &[(f64, Vec<f64>)],
    at: &[f64],
    seed: u64,
) -> Option<(Scaling, Vec<Interval>)> {
    let rounds = samples.iter().map(|(_, rates)| rates.len()).min().filter(|rounds| *rounds > 0)?;
    let points = |picked: &[usize]| -> Vec<(f64, f64)> {
        let of = |(clients, rates): &(f64, Vec<f64>)| {
            let chosen: Vec<f64> = picked.iter().map(|round| rates[*round]).collect();
            Some((*clients, crate::median(&chosen)?))
        };
        samples.iter().filter_map(of).collect()
    };
    let all: Vec<usize> = (0..rounds).collect();
    let law = fit(&points(&all))?;
    let mut band = Vec::with_capacity(at.len());
    for clients in at {
        let mut rng = Rng::with_seed(seed);
        band.push(interval(law.throughput(*clients), || {
            let picked: Vec<usize> = (0..rounds).map(|_| rng.usize(..rounds)).collect();
            fit(&points(&picked)).map(|law| law.throughput(*clients))
        })?);
    }
    Some((law, band))
}

/// Sum of squared relative errors: each row times the coefficients should give 1.
fn error(rows: &[[f64; 3]], law: [f64; 3]) -> f64 {
    rows.iter().map(|row| (1.0 - dot(row, &law)).powi(2)).sum()
}

fn dot(one: &[f64; 3], other: &[f64; 3]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

/// Solves the normal equations for the coefficients that are `used`; the others are 0.
fn least_squares(rows: &[[f64; 3]], used: [bool; 3]) -> Option<[f64; 3]> {
    let mut matrix = [[0.0; 4]; 3];
    for (i, line) in matrix.iter_mut().enumerate() {
        for (j, cell) in line.iter_mut().take(3).enumerate() {
            let sum = || rows.iter().map(|row| row[i] * row[j]).sum();
            let identity = if i == j { 1.0 } else { 0.0 };
            *cell = if used[i] && used[j] { sum() } else { identity };
        }
        line[3] = if used[i] { rows.iter().map(|row| row[i]).sum() } else { 0.0 };
    }
    solve(matrix)
}

/// Gauss elimination with the largest pivot first; `None` of a singular matrix.
fn solve(mut matrix: [[f64; 4]; 3]) -> Option<[f64; 3]> {
    for column in 0..3 {
        let size = |line: &usize| matrix[*line][column].abs();
        let pivot = (column..3).max_by(|one, other| size(one).total_cmp(&size(other)))?;
        matrix.swap(column, pivot);
        let head = matrix[column];
        if head[column].abs() < f64::MIN_POSITIVE {
            return None;
        }
        for (_, line) in matrix.iter_mut().enumerate().filter(|(at, _)| *at != column) {
            let factor = line[column] / head[column];
            line.iter_mut().zip(head).for_each(|(cell, above)| *cell -= factor * above);
        }
    }
    Some([0, 1, 2].map(|at| matrix[at][3] / matrix[at][at]))
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;
    use proptest::prelude::*;

    use super::*;

    const CLIENTS: [f64; 6] = [1.0, 2.0, 3.0, 4.0, 6.0, 8.0];

    proptest! {
        #[test]
        fn the_coefficients_of_a_law_without_noise_are_recovered(
            rate in 10.0_f64..1e8,
            contention in 0.0_f64..1.0,
            crosstalk in 0.0_f64..0.2,
        ) {
            let law = Scaling { rate, contention, crosstalk };
            let points = CLIENTS.map(|clients| (clients, law.throughput(clients)));
            let found = fit(&points).unwrap();
            prop_assert!((found.rate / rate - 1.0).abs() < 1e-6, "{found:?}");
            prop_assert!((found.contention - contention).abs() < 1e-6, "{found:?}");
            prop_assert!((found.crosstalk - crosstalk).abs() < 1e-6, "{found:?}");
        }

        #[test]
        fn no_coefficient_is_ever_negative(
            rates in prop::collection::vec(1.0_f64..1e6, CLIENTS.len()),
        ) {
            let points: Vec<(f64, f64)> = CLIENTS.into_iter().zip(rates).collect();
            let found = fit(&points).unwrap();
            prop_assert!(found.rate > 0.0 && found.contention >= 0.0 && found.crosstalk >= 0.0);
        }
    }

    #[test]
    fn two_numbers_of_clients_do_not_make_a_law() {
        assert_eq!(fit(&[(1.0, 5.0), (2.0, 9.0), (2.0, 8.0)]), None);
        assert_eq!(fit_with_band(&[], &[1.0], 1), None);
    }

    #[test]
    fn the_peak_is_where_one_more_client_gives_less() {
        let law = Scaling { rate: 100.0, contention: 0.1, crosstalk: 0.01 };
        let peak = law.peak_clients().unwrap();
        assert!(law.throughput(peak) > law.throughput(peak + 1.0));
        assert!(law.throughput(peak) > law.throughput(peak - 1.0));
        assert_eq!(Scaling { crosstalk: 0.0, ..law }.peak_clients(), None);
    }

    #[test]
    fn the_band_holds_the_true_throughput_in_about_ninety_five_of_a_hundred_runs() {
        let law = Scaling { rate: 1e6, contention: 0.2, crosstalk: 0.02 };
        let held = (0..100).filter(|seed| {
            let mut rng = Rng::with_seed(!*seed);
            let samples: Vec<(f64, Vec<f64>)> = CLIENTS
                .map(|clients| {
                    let mut noisy = || law.throughput(clients) * (0.9 + 0.2 * rng.f64());
                    (clients, (0..21).map(|_| noisy()).collect())
                })
                .to_vec();
            let (_, band) = fit_with_band(&samples, &[5.0], *seed).unwrap();
            band[0].low <= law.throughput(5.0) && law.throughput(5.0) <= band[0].high
        });
        let held = held.count();
        assert!((88..=100).contains(&held), "{held} of 100");
    }
}
