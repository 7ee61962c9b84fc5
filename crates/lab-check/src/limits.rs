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
    now: fn() -> Instant,
    memory_bytes: usize,
}

/// When to look at the clock next: after so much work that two looks are about as far apart as
/// they should be, whatever a piece of work costs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// What may be done before the next look, in comparisons of two small sets.
    left: u64,
    /// How much that was at the last look.
    work_unlooked: u64,
    looked: Option<Instant>,
    /// What is held, as of the last time that somebody counted.
    pub(crate) bytes: usize,
}

/// A call of a specification, in comparisons.
pub(crate) const WORK_PER_STEP: u64 = 16;
/// What is done before the first look, and at most before any.
const WORK_FIRST: u64 = 64;
const WORK_MAX: u64 = 1 << 11;
/// How far two looks should be apart.
const LOOK_EVERY: Duration = Duration::from_micros(500);

impl Default for Pace {
    fn default() -> Self {
        Self { left: WORK_FIRST, work_unlooked: WORK_FIRST, looked: None, bytes: 0 }
    }
}

impl Pace {
    /// Nothing was done for a while, so nothing is known of how long work takes.
    pub(crate) fn begin(&mut self) {
        *self = Self { bytes: self.bytes, ..Self::default() };
    }

    /// # Errors
    /// The time is over.
    #[inline]
    pub(crate) fn spend(&mut self, work: u64, limits: &Limits) -> Result<(), Limit> {
        match self.left.checked_sub(work) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => self.look(work, limits),
        }
    }

    /// Looks at the clock before `work` is done.
    #[cold]
    fn look(&mut self, work: u64, limits: &Limits) -> Result<(), Limit> {
        let now = (limits.now)();
        limits.check_time_at(now, self.bytes)?;
        if let Some(before) = self.looked.replace(now) {
            let took_ns = now.duration_since(before).as_nanos().max(1);
            let done = u128::from(self.work_unlooked - self.left);
            let fitting = done * LOOK_EVERY.as_nanos() / took_ns;
            let fitting = u64::try_from(fitting).unwrap_or(WORK_MAX).clamp(1, WORK_MAX);
            self.work_unlooked = fitting.min(self.work_unlooked * 2);
        }
        self.left = self.work_unlooked.saturating_sub(work);
        Ok(())
    }
}

impl Limits {
    pub(crate) fn from_now(budget: Budget) -> Self {
        Self::by_clock(budget, Instant::now)
    }

    pub(crate) fn by_clock(budget: Budget, now: fn() -> Instant) -> Self {
        // A time that no clock can tell is no limit.
        let end = now().checked_add(budget.time);
        Self { end, now, memory_bytes: budget.memory_bytes.min(MEMORY_BYTES_MAX) }
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
        self.check_time_at((self.now)(), bytes)
    }

    fn check_time_at(&self, now: Instant, bytes: usize) -> Result<(), Limit> {
        let reserve = Duration::from_nanos(bytes as u64 / BYTES_PER_NS);
        match self.end {
            Some(end) if now + reserve >= end => Err(Limit::Time),
            _ => Ok(()),
        }
    }

    /// The same limits for something that may take no more than `part` of the whole time.
    pub(crate) fn for_a_part(&self, part: Duration) -> Self {
        let sooner = (self.now)().checked_add(part);
        let end = self.end.map(|end| sooner.map_or(end, |sooner| sooner.min(end)));
        Self { end, ..*self }
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
