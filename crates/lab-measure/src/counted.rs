//! The runtime of production, which also counts what a store only does when it meets others.

use std::cell::Cell;
use std::time::Duration;

use lab_runtime::{Access, Condition, Guard, Runtime, ServerCall, Threads};

/// [`Threads`], with a count for each thread of how often it began again and how often it found a
/// lock taken. An operation that meets nobody costs the same: locks are those of [`Threads`].
pub struct Counted;

/// What one thread has met so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meetings {
    /// How often it lost a race and began again.
    pub retries: u64,
    /// How often it found a lock taken and stepped aside.
    pub waits: u64,
}

thread_local! {
    static RETRIES: Cell<u64> = const { Cell::new(0) };
    static WAITS: Cell<u64> = const { Cell::new(0) };
}

impl Meetings {
    /// What the calling thread has met since it started.
    pub fn of_this_thread() -> Self {
        Self { retries: RETRIES.get(), waits: WAITS.get() }
    }
}

impl Runtime for Counted {
    const COOPERATIVE: bool = Threads::COOPERATIVE;

    type Mutex<T: Send + 'static> = <Threads as Runtime>::Mutex<T>;
    type RwLock<T: Send + Sync + 'static> = <Threads as Runtime>::RwLock<T>;
    type Condvar = parking_lot::Condvar;
    type AtomicU64 = <Threads as Runtime>::AtomicU64;
    type JoinHandle = <Threads as Runtime>::JoinHandle;

    fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Self::JoinHandle {
        Threads::spawn(name, body)
    }

    #[inline(always)]
    fn point(_access: Access<'_>) {}

    fn wait_for_release(attempt: u32) {
        WAITS.set(WAITS.get() + 1);
        Threads::wait_for_release(attempt);
    }

    fn back_off(attempt: u32) {
        RETRIES.set(RETRIES.get() + 1);
        Threads::back_off(attempt);
    }

    fn linger(limit: Duration, wanted: impl FnMut() -> bool) {
        Threads::linger(limit, wanted);
    }

    fn server_call<C: ServerCall>(call: C) -> C::Output {
        Threads::server_call(call)
    }
}

impl Condition<Counted> for parking_lot::Condvar {
    fn new() -> Self {
        Self::new()
    }

    fn wait<'a, T: Send + 'static>(
        &self,
        mut guard: Guard<'a, Counted, T>,
    ) -> Guard<'a, Counted, T> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thread_counts_its_own_meetings() {
        let counted = std::thread::spawn(|| {
            Counted::back_off(0);
            Counted::wait_for_release(0);
            Counted::wait_for_release(1);
            Meetings::of_this_thread()
        });
        assert_eq!(counted.join().unwrap(), Meetings { retries: 1, waits: 2 });
        assert_eq!(Meetings::of_this_thread(), Meetings::default());
    }
}
