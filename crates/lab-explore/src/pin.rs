//! Keeps an exploration on one processor: a hand-off there costs a tenth of one between two.

#[cfg(target_os = "linux")]
use std::sync::{Mutex, PoisonError};

#[cfg(target_os = "linux")]
use rustix::thread::{CpuSet, sched_getaffinity, sched_getcpu, sched_setaffinity};

/// The processors of the explorations that are under way in this process.
#[cfg(target_os = "linux")]
static TAKEN: Mutex<Vec<usize>> = Mutex::new(Vec::new());

/// The calling thread, and every thread that it starts, stays on one processor until dropped.
pub(crate) struct Pinned {
    /// Where it is, and where it was allowed to be before.
    #[cfg(target_os = "linux")]
    moved: Option<(usize, CpuSet)>,
}

#[cfg(target_os = "linux")]
impl Pinned {
    /// Pins the calling thread to the processor that the fewest explorations have, to the one that
    /// it is on if there are several. Where the system refuses, nothing changes but the speed.
    pub(crate) fn here() -> Self {
        let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let moved = sched_getaffinity(None).ok().and_then(|before| {
            let here = least_taken(&before, &taken, sched_getcpu())?;
            let mut only = CpuSet::new();
            only.set(here);
            sched_setaffinity(None, &only).ok()?;
            taken.push(here);
            Some((here, before))
        });
        Self { moved }
    }
}

#[cfg(target_os = "linux")]
fn least_taken(allowed: &CpuSet, taken: &[usize], preferred: usize) -> Option<usize> {
    let times = |processor: usize| taken.iter().filter(|other| **other == processor).count();
    let allowed = (0..CpuSet::MAX_CPU).filter(|processor| allowed.is_set(*processor));
    allowed.min_by_key(|processor| (times(*processor), *processor != preferred))
}

#[cfg(target_os = "linux")]
impl Drop for Pinned {
    fn drop(&mut self) {
        if let Some((here, before)) = &self.moved {
            // A thread that stays pinned is slower and no less right.
            let _ = sched_setaffinity(None, before);
            let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
            taken.iter().position(|other| other == here).map(|at| taken.swap_remove(at));
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Pinned {
    /// Pins nothing: this system has no call for it.
    pub(crate) fn here() -> Self {
        Self {}
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn an_exploration_goes_where_the_fewest_others_are() {
        let mut allowed = CpuSet::new();
        [1, 2, 5].iter().for_each(|processor| allowed.set(*processor));
        assert_eq!(least_taken(&allowed, &[], 2), Some(2));
        assert_eq!(least_taken(&allowed, &[2], 2), Some(1));
        assert_eq!(least_taken(&allowed, &[1, 2, 2], 2), Some(5));
        assert_eq!(least_taken(&allowed, &[1, 2, 5], 2), Some(2));
        assert_eq!(least_taken(&CpuSet::new(), &[], 0), None);
    }
}
