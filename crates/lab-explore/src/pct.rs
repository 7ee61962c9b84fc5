//! Probabilistic concurrency testing: random priorities, and a few steps at which one falls.
//!
//! Of n processes with k steps, a bug of depth d is found with a chance of at least 1/(n k^(d-1))
//! by each run (Burckhardt, Kothari, Musuvathi and Nagarakatte, "A Randomized Scheduler with
//! Probabilistic Guarantees of Finding Bugs", ASPLOS 2010). A lost update has depth 2.

use fastrand::Rng;

use crate::scheduler::Scheduler;

pub(crate) struct Pct {
    rng: Rng,
    /// By process, given when it is seen first; the highest goes.
    priorities: [Option<u64>; 16],
    /// The steps before which the one that would go falls below all others.
    falls: Vec<usize>,
    step: usize,
}

/// Priorities at the start lie above those to which processes fall.
const START: u64 = 1 << 32;

impl Pct {
    pub(crate) fn new(seed: u64, depth: usize, steps: usize) -> Self {
        let mut rng = Rng::with_seed(seed);
        let falls = (1..depth).map(|_| rng.usize(0..steps.max(1))).collect();
        Self { rng, priorities: [None; 16], falls, step: 0 }
    }

    fn highest(&mut self, enabled: u16) -> usize {
        let mut highest = (0, 0);
        for process in (0..16).filter(|process| enabled & 1 << process != 0) {
            let rng = &mut self.rng;
            let priority =
                *self.priorities[process].get_or_insert_with(|| START + u64::from(rng.u32(..)));
            highest = highest.max((priority, process));
        }
        highest.1
    }
}

impl Scheduler for Pct {
    fn choose(&mut self, enabled: u16, _current: Option<usize>) -> usize {
        if let Some(nth) = self.falls.iter().position(|fall| *fall == self.step) {
            let process = self.highest(enabled);
            self.priorities[process] = Some(nth as u64);
        }
        self.step += 1;
        self.highest(enabled)
    }
}
