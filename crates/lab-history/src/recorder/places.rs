//! Where events stand in their order.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering, fence};

use rustix::time::{ClockId, clock_gettime};

/// What gives events their places.
#[derive(Clone, Debug)]
pub enum Places {
    /// One number that all clients count up: for threads of one process.
    Sequence(Arc<Sequence>),
    /// Nanoseconds of the monotonic clock: for several processes of one machine.
    Clock,
}

/// A number in a line of the cache of its own.
#[derive(Debug)]
#[repr(align(128))]
pub struct Sequence(AtomicU64);

impl Places {
    /// A sequence that begins at 1, as events are counted wherever people read of them.
    pub fn sequence() -> Self {
        Self::Sequence(Arc::new(Sequence(AtomicU64::new(1))))
    }

    /// A place for an event. What the caller has stored before can be seen by whoever has learnt
    /// of a later place by [`Places::reached`].
    #[inline]
    pub(super) fn take(&self) -> u64 {
        match self {
            Self::Sequence(sequence) => sequence.0.fetch_add(1, Ordering::AcqRel),
            Self::Clock => {
                fence(Ordering::SeqCst);
                clock_ns()
            }
        }
    }

    /// The place that comes next.
    pub(super) fn reached(&self) -> u64 {
        match self {
            Self::Sequence(sequence) => sequence.0.load(Ordering::Acquire),
            Self::Clock => {
                let now = clock_ns();
                fence(Ordering::SeqCst);
                now
            }
        }
    }
}

fn clock_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec.cast_unsigned() * 1_000_000_000 + now.tv_nsec.cast_unsigned()
}
