//! The budget while it is spent.

use std::time::{Duration, Instant};

use crate::{Budget, Limit, Misfit};

/// Why a check ends before its time.
#[derive(Debug)]
pub(crate) enum Stop {
    Limit(Limit),
    Misfit(Misfit),
}

impl From<Misfit> for Stop {
    fn from(misfit: Misfit) -> Self {
        Self::Misfit(misfit)
    }
}

impl From<Limit> for Stop {
    fn from(limit: Limit) -> Self {
        Self::Limit(limit)
    }
}

/// How fast memory is gone through, at least: a table of small allocations that is given back.
const BYTES_PER_NS: u64 = 2;

/// What a check may hold in any case, so that there are fewer states and steps than 2^32.
const MEMORY_BYTES_MAX: usize = 32 << 30;

/// When the time is over, and how much memory there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    end: Option<Instant>,
    memory_bytes: usize,
}

impl Limits {
    pub(crate) fn from_now(budget: Budget) -> Self {
        // A time that no clock can tell is no limit.
        let end = Instant::now().checked_add(budget.time);
        Self { end, memory_bytes: budget.memory_bytes.min(MEMORY_BYTES_MAX) }
    }

    /// # Errors
    /// The time is over.
    pub(crate) fn check_time(&self) -> Result<(), Limit> {
        self.check_time_for(0)
    }

    /// # Errors
    /// The time is over, or does not suffice to go through `bytes` once more: a table of that size
    /// that grows or is given back takes its time, in which nobody looks at the clock.
    pub(crate) fn check_time_for(&self, bytes: usize) -> Result<(), Limit> {
        let reserve = Duration::from_nanos(bytes as u64 / BYTES_PER_NS);
        match self.end {
            Some(end) if Instant::now() + reserve >= end => Err(Limit::Time),
            _ => Ok(()),
        }
    }

    /// # Errors
    /// So much memory is not allowed, or could not grow.
    pub(crate) fn allow(&self, bytes: usize) -> Result<(), Limit> {
        if bytes + bytes / 2 > self.memory_bytes { Err(Limit::Memory) } else { Ok(()) }
    }

    /// The same limits, of which `bytes` are spent.
    pub(crate) fn spend(&self, bytes: usize) -> Self {
        Self { memory_bytes: self.memory_bytes.saturating_sub(bytes), ..*self }
    }
}
