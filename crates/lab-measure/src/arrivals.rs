//! When operations are due in an open loop.

use std::time::Duration;

use fastrand::Rng;

/// The times at which one client's operations are due, since the beginning: a Poisson process,
/// whose gaps are exponential. The next operation is due whether or not the last was answered.
pub(crate) struct Arrivals {
    rng: Rng,
    mean_s: f64,
    due_s: f64,
}

impl Arrivals {
    /// Arrivals at `per_s` a second on average.
    pub(crate) fn new(per_s: f64, seed: u64) -> Self {
        Self { rng: Rng::with_seed(seed), mean_s: 1.0 / per_s, due_s: 0.0 }
    }
}

impl Iterator for Arrivals {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        // 1 - x is never 0, so its logarithm is finite.
        self.due_s += -self.mean_s * (1.0 - self.rng.f64()).ln();
        Duration::try_from_secs_f64(self.due_s).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_have_the_mean_and_the_spread_of_a_poisson_process() {
        const COUNT: usize = 20_000;
        let due: Vec<f64> =
            Arrivals::new(500.0, 7).take(COUNT).map(|due| due.as_secs_f64()).collect();
        let gaps: Vec<f64> = due.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        assert!((mean * 500.0 - 1.0).abs() < 0.05, "{mean}");
        let square = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
        assert!((square.sqrt() / mean - 1.0).abs() < 0.05, "{square}");
        let longer = gaps.iter().filter(|gap| **gap > mean).count() as f64 / gaps.len() as f64;
        assert!((longer - (-1.0_f64).exp()).abs() < 0.02, "{longer}");
    }

    #[test]
    fn equal_seeds_give_equal_arrivals() {
        let due = |seed| Arrivals::new(10.0, seed).take(50).collect::<Vec<_>>();
        assert_eq!(due(1), due(1));
        assert_ne!(due(1), due(2));
    }
}
