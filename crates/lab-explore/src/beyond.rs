//! How a run goes on after the choices of its plan.

use crate::pct::Pct;
use crate::random::RandomWalk;
use crate::scheduler::Scheduler;

/// How a run goes on after the choices of its plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Beyond {
    /// Whoever is at it goes on; where that cannot be, the first that can.
    #[default]
    GoOn,
    /// Each step by anybody who can, with equal chances.
    Random {
        /// Equal seeds give equal runs.
        seed: u64,
    },
    /// Priorities that change at a few steps.
    Pct {
        /// Equal seeds give equal runs.
        seed: u64,
        /// The number of priority changes, plus one: the depth of the bugs that are looked for.
        depth: usize,
        /// How many steps a run has, about.
        steps: usize,
    },
}

impl Beyond {
    /// The scheduler of one run.
    pub(crate) fn scheduler(self) -> Box<dyn Scheduler> {
        match self {
            Self::GoOn => Box::new(GoOn),
            Self::Random { seed } => Box::new(RandomWalk::new(seed)),
            Self::Pct { seed, depth, steps } => Box::new(Pct::new(seed, depth, steps)),
        }
    }
}

/// Whoever is at it goes on.
struct GoOn;

impl Scheduler for GoOn {
    fn choose(&mut self, enabled: u16, current: Option<usize>) -> usize {
        let current = current.filter(|current| enabled & 1 << current != 0);
        current.unwrap_or(enabled.trailing_zeros() as usize)
    }
}
