//! The production form: `parking_lot` and the threads of the operating system.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::{Access, Atomic, Condition, Guard, Join, Lock, ReadWriteLock, Runtime, ServerCall};

/// Real threads, real locks; a schedule point is nothing.
pub struct Threads;

impl Runtime for Threads {
    const COOPERATIVE: bool = false;

    type Mutex<T: Send + 'static> = parking_lot::Mutex<T>;
    type RwLock<T: Send + Sync + 'static> = parking_lot::RwLock<T>;
    type Condvar = parking_lot::Condvar;
    type AtomicU64 = AtomicU64;
    type JoinHandle = thread::JoinHandle<()>;

    fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Self::JoinHandle {
        #[expect(clippy::expect_used, reason = "without threads there is nothing to test")]
        thread::Builder::new().name(name.to_owned()).spawn(body).expect("a thread starts")
    }

    #[inline(always)]
    fn point(_access: Access<'_>) {}

    fn wait_for_release(attempt: u32) {
        pause(attempt, Duration::from_micros(50), Duration::from_millis(5));
    }

    fn back_off(attempt: u32) {
        pause(attempt, Duration::from_micros(20), Duration::from_millis(5));
    }

    /// Yields instead of sleeping: the shortest sleep is about as long as a sync. Spinning first
    /// takes the processor from whoever is to answer, and made an actor a third slower.
    fn linger(limit: Duration, mut wanted: impl FnMut() -> bool) {
        let begin = Instant::now();
        while wanted() && begin.elapsed() < limit {
            thread::yield_now();
        }
    }

    fn server_call<C: ServerCall>(mut call: C) -> C::Output {
        call.finish()
    }
}

/// Sleeps between half of and the whole of `first` times two to the power of `attempt`, at most
/// `longest`: without the jitter two that lost the same race would meet again.
fn pause(attempt: u32, first: Duration, longest: Duration) {
    let full = first.saturating_mul(1 << attempt.min(16)).min(longest);
    // Each `RandomState` has fresh keys: enough randomness for a jitter.
    let share = RandomState::new().hash_one(attempt) % 512;
    thread::sleep(full / 2 + full / 1024 * u32::try_from(share).unwrap_or(0));
}

impl<T: Send + 'static> Lock<T> for parking_lot::Mutex<T> {
    type Guard<'a> = parking_lot::MutexGuard<'a, T>;

    fn new(value: T) -> Self {
        Self::new(value)
    }

    #[inline]
    fn lock(&self) -> Self::Guard<'_> {
        self.lock()
    }
}

impl<T: Send + Sync + 'static> ReadWriteLock<T> for parking_lot::RwLock<T> {
    type ReadGuard<'a> = parking_lot::RwLockReadGuard<'a, T>;
    type WriteGuard<'a> = parking_lot::RwLockWriteGuard<'a, T>;

    fn new(value: T) -> Self {
        Self::new(value)
    }

    #[inline]
    fn read(&self) -> Self::ReadGuard<'_> {
        self.read()
    }

    #[inline]
    fn write(&self) -> Self::WriteGuard<'_> {
        self.write()
    }
}

impl Condition<Threads> for parking_lot::Condvar {
    fn new() -> Self {
        Self::new()
    }

    fn wait<'a, T: Send + 'static>(
        &self,
        mut guard: Guard<'a, Threads, T>,
    ) -> Guard<'a, Threads, T> {
        self.wait(&mut guard);
        guard
    }

    fn notify_one(&self) {
        self.notify_one();
    }

    fn notify_all(&self) {
        self.notify_all();
    }
}

impl Atomic for AtomicU64 {
    fn new(value: u64) -> Self {
        Self::new(value)
    }

    #[inline]
    fn load(&self, ordering: Ordering) -> u64 {
        self.load(ordering)
    }

    #[inline]
    fn store(&self, value: u64, ordering: Ordering) {
        self.store(value, ordering);
    }

    #[inline]
    fn fetch_add(&self, value: u64, ordering: Ordering) -> u64 {
        self.fetch_add(value, ordering)
    }

    #[inline]
    fn compare_exchange(&self, current: u64, new: u64, ordering: Ordering) -> Result<u64, u64> {
        self.compare_exchange(current, new, ordering, Ordering::Relaxed)
    }
}

impl Join for thread::JoinHandle<()> {
    fn join(self) {
        if let Err(panic) = self.join() {
            std::panic::resume_unwind(panic);
        }
    }
}
