//! What a store runs on: locks, threads, and the points at which a scheduler may take over.
//!
//! A store is written once, generic over [`Runtime`]. [`Threads`] is the production form; the
//! explorer and loom bring their own. Schedule points live in the seams (a lock here, a call of
//! the file seam, a statement of a database connection), never in the body of a store.

mod access;
mod fault;
mod protection;
mod server_call;
mod span;
mod threads;
mod without;

use std::ops::{Deref, DerefMut};
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use access::{Access, Kind};
pub use fault::Fault;
pub use protection::{Protection, lacks};
pub use server_call::{Probe, ServerCall};
pub use span::Span;
pub use threads::Threads;
pub use without::{Relayed, Without};

/// Locks, atomics, threads and schedule points.
pub trait Runtime: Sized + Send + Sync + 'static {
    /// Whether one scheduler decides who runs. Then nobody may block in the operating system:
    /// who cannot go on tries, and calls [`Runtime::wait_for_release`] until it can.
    const COOPERATIVE: bool;

    /// The protection that stores on this runtime have to do without: none but in [`Without`].
    const LACKS: Option<Protection> = None;

    /// Whether this runtime takes the time of each [`Runtime::span`].
    const TAKES_TIMES: bool = false;

    /// Mutual exclusion.
    type Mutex<T: Send + 'static>: Lock<T>;
    /// Many readers or one writer.
    type RwLock<T: Send + Sync + 'static>: ReadWriteLock<T>;
    /// Waiting for a change of what a mutex guards.
    type Condvar: Condition<Self>;
    /// A number that threads share without a lock.
    type AtomicU64: Atomic;
    /// A started thread.
    type JoinHandle: Join;

    /// Starts a thread that belongs to a store: it has to end when the store is dropped.
    fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Self::JoinHandle;

    /// A step that others can see comes next.
    fn point(access: Access<'_>);

    /// A step that others can see comes next, at which one of `faults` may happen: which one shall.
    fn fallible_point(access: Access<'_>, faults: &'static [Fault]) -> Option<Fault> {
        let _ = faults;
        Self::point(access);
        None
    }

    /// Carries out work of one kind. Only a runtime that measures takes its time; in every other
    /// this is the work and nothing else.
    #[inline(always)]
    fn span<T>(span: Span, work: impl FnOnce() -> T) -> T {
        let _ = span;
        work()
    }

    /// Somebody else holds what this caller needs: returns when it may have been given back.
    /// `attempt` counts from 0 and sets the pause where a clock does.
    fn wait_for_release(attempt: u32);

    /// This caller lost a race and is about to begin again: steps aside for a moment.
    /// `attempt` counts from 0 and sets the pause where a clock does.
    fn back_off(attempt: u32);

    /// The time of day, since the beginning of 1970: what programs of several machines share. Where
    /// a scheduler decides what happens no time passes, so that a schedule leads to the same bytes
    /// each time.
    fn unix_time() -> Duration {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    /// Lets others go on while `wanted` says that they may bring something, at most for `limit`.
    /// Where a scheduler decides who goes on there is nothing to wait for, and nobody is asked.
    fn linger(limit: Duration, wanted: impl FnMut() -> bool) {
        let _ = (limit, wanted);
    }

    /// Makes a call that may wait inside a server for another session of the same server.
    fn server_call<C: ServerCall>(call: C) -> C::Output;
}

/// The guard of a [`Runtime::Mutex`].
pub type Guard<'a, R, T> = <<R as Runtime>::Mutex<T> as Lock<T>>::Guard<'a>;

/// Mutual exclusion around a `T`.
pub trait Lock<T>: Send + Sync + 'static {
    /// Access until dropped.
    type Guard<'a>: DerefMut<Target = T>
    where
        Self: 'a;

    /// An open lock.
    fn new(value: T) -> Self;

    /// Waits until nobody else is inside.
    fn lock(&self) -> Self::Guard<'_>;
}

/// Many readers or one writer of a `T`.
pub trait ReadWriteLock<T>: Send + Sync + 'static {
    /// Shared access until dropped.
    type ReadGuard<'a>: Deref<Target = T>
    where
        Self: 'a;
    /// Sole access until dropped.
    type WriteGuard<'a>: DerefMut<Target = T>
    where
        Self: 'a;

    /// An open lock.
    fn new(value: T) -> Self;

    /// Waits until no writer is inside.
    fn read(&self) -> Self::ReadGuard<'_>;

    /// Waits until nobody else is inside.
    fn write(&self) -> Self::WriteGuard<'_>;
}

/// Waiting for a change of what a mutex guards.
pub trait Condition<R: Runtime>: Send + Sync + 'static {
    /// Nobody waits.
    fn new() -> Self;

    /// Gives the lock back, waits for a notification, takes the lock again.
    fn wait<'a, T: Send + 'static>(&self, guard: Guard<'a, R, T>) -> Guard<'a, R, T>;

    /// The lock of `mutex`, as soon as `is_ready` says so of what it guards. Nobody else may wait
    /// for this condition, and whoever makes it ready notifies before its next schedule point.
    /// So it is all the same whether one comes early and waits or comes when all is ready: a
    /// scheduler need not try both.
    fn wait_alone<'a, T: Send + 'static>(
        &self,
        mutex: &'a R::Mutex<T>,
        mut is_ready: impl FnMut(&T) -> bool,
    ) -> Guard<'a, R, T> {
        let mut guard = mutex.lock();
        while !is_ready(&guard) {
            guard = self.wait::<T>(guard);
        }
        guard
    }

    /// Wakes one that waits.
    fn notify_one(&self);

    /// Wakes all that wait.
    fn notify_all(&self);
}

/// A number that threads share without a lock.
pub trait Atomic: Send + Sync + 'static {
    /// Starts at `value`.
    fn new(value: u64) -> Self;

    /// Reads.
    fn load(&self, ordering: Ordering) -> u64;

    /// Writes.
    fn store(&self, value: u64, ordering: Ordering);

    /// Adds; gives the value before.
    fn fetch_add(&self, value: u64, ordering: Ordering) -> u64;

    /// Writes `new` if the value is `current`.
    ///
    /// # Errors
    /// The value was another: that one.
    fn compare_exchange(&self, current: u64, new: u64, ordering: Ordering) -> Result<u64, u64>;
}

/// A started thread.
pub trait Join: Send + Sync + 'static {
    /// Waits for its end. A panic of the thread is passed on.
    fn join(self);
}
