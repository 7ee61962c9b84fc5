//! A random walk: at each step anybody who can go does, with equal chances.
//!
//! That is not the same as a schedule drawn with equal chances from all that there are: a walk
//! takes each turn at a fork, and schedules behind few forks come up more often.

use fastrand::Rng;

use crate::scheduler::Scheduler;

pub(crate) struct RandomWalk(Rng);

impl RandomWalk {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Rng::with_seed(seed))
    }
}

impl Scheduler for RandomWalk {
    fn choose(&mut self, enabled: u16, _current: Option<usize>) -> usize {
        let nth = self.0.u32(0..enabled.count_ones());
        // Without the `nth` lowest bits, the lowest that is left.
        let rest = (0..nth).fold(enabled, |rest, _| rest & (rest - 1));
        rest.trailing_zeros() as usize
    }
}
