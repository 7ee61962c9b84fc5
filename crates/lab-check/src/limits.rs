//! The budget while it is spent.

use std::time::Instant;

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
        Self { end, memory_bytes: budget.memory_bytes }
    }

    pub(crate) fn check_time(&self) -> Result<(), Limit> {
        match self.end {
            Some(end) if Instant::now() >= end => Err(Limit::Time),
            _ => Ok(()),
        }
    }

    pub(crate) fn allow(&self, bytes: usize) -> Result<(), Limit> {
        if bytes > self.memory_bytes { Err(Limit::Memory) } else { Ok(()) }
    }

    /// The same limits, of which `bytes` are spent.
    pub(crate) fn spend(&self, bytes: usize) -> Self {
        Self { memory_bytes: self.memory_bytes.saturating_sub(bytes), ..*self }
    }
}
