//! The runtime of production, which also says where the time of an operation goes.

use std::time::Duration;

use lab_runtime::{
    Access, Condition, Guard, Lock, ReadWriteLock, Runtime, ServerCall, Span, Threads,
};

use crate::spent;

/// [`Threads`], with the time of each span. A lock of the runtime is a span only where it is found
/// taken: to take a free one costs less than to read the clock.
pub struct Traced;

impl Runtime for Traced {
    const COOPERATIVE: bool = Threads::COOPERATIVE;
    const TAKES_TIMES: bool = true;

    type Mutex<T: Send + 'static> = TracedMutex<T>;
    type RwLock<T: Send + Sync + 'static> = TracedRwLock<T>;
    type Condvar = parking_lot::Condvar;
    type AtomicU64 = <Threads as Runtime>::AtomicU64;
    type JoinHandle = <Threads as Runtime>::JoinHandle;

    fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Self::JoinHandle {
        Threads::spawn(name, body)
    }

    #[inline(always)]
    fn point(_access: Access<'_>) {}

    fn span<T>(span: Span, work: impl FnOnce() -> T) -> T {
        spent::span(span, work)
    }

    fn wait_for_release(attempt: u32) {
        spent::span(Span::Lock, || Threads::wait_for_release(attempt));
    }

    fn back_off(attempt: u32) {
        spent::span(Span::Retry, || Threads::back_off(attempt));
    }

    fn linger(limit: Duration, wanted: impl FnMut() -> bool) {
        spent::span(Span::HandOff, || Threads::linger(limit, wanted));
    }

    fn server_call<C: ServerCall>(call: C) -> C::Output {
        spent::span(Span::RoundTrip, || Threads::server_call(call))
    }
}

/// The mutex of [`Traced`].
pub struct TracedMutex<T>(parking_lot::Mutex<T>);

impl<T: Send + 'static> Lock<T> for TracedMutex<T> {
    type Guard<'a> = parking_lot::MutexGuard<'a, T>;

    fn new(value: T) -> Self {
        Self(parking_lot::Mutex::new(value))
    }

    fn lock(&self) -> Self::Guard<'_> {
        self.0.try_lock().unwrap_or_else(|| spent::span(Span::Lock, || self.0.lock()))
    }
}

/// The lock for many readers or one writer of [`Traced`].
pub struct TracedRwLock<T>(parking_lot::RwLock<T>);

impl<T: Send + Sync + 'static> ReadWriteLock<T> for TracedRwLock<T> {
    type ReadGuard<'a> = parking_lot::RwLockReadGuard<'a, T>;
    type WriteGuard<'a> = parking_lot::RwLockWriteGuard<'a, T>;

    fn new(value: T) -> Self {
        Self(parking_lot::RwLock::new(value))
    }

    fn read(&self) -> Self::ReadGuard<'_> {
        self.0.try_read().unwrap_or_else(|| spent::span(Span::Lock, || self.0.read()))
    }

    fn write(&self) -> Self::WriteGuard<'_> {
        self.0.try_write().unwrap_or_else(|| spent::span(Span::Lock, || self.0.write()))
    }
}

impl Condition<Traced> for parking_lot::Condvar {
    fn new() -> Self {
        Self::new()
    }

    fn wait<'a, T: Send + 'static>(&self, mut guard: Guard<'a, Traced, T>) -> Guard<'a, Traced, T> {
        spent::span(Span::HandOff, || self.wait(&mut guard));
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
    use std::sync::Arc;
    use std::sync::mpsc::channel;
    use std::thread;

    use super::*;
    use crate::Spent;

    type Locks = (TracedMutex<u64>, TracedRwLock<u64>);

    /// What an operation spends that wants `lock`, which another thread holds until it has begun.
    fn spent_in(take: fn(&Locks), is_taken: bool) -> Spent {
        let locks = Arc::new((TracedMutex::new(0), TracedRwLock::new(0)));
        let (begun, at_begin) = channel();
        let held = is_taken.then(|| (locks.0.lock(), locks.1.write()));
        let other = Arc::clone(&locks);
        let client = thread::spawn(move || {
            let ((), spent) = spent::operation(|| {
                begun.send(()).unwrap();
                take(&other);
            });
            spent
        });
        at_begin.recv().unwrap();
        // It may have come no further than that: then there is nothing to see, and one asks again.
        thread::yield_now();
        drop(held);
        client.join().unwrap()
    }

    #[test]
    fn a_lock_is_a_span_where_it_is_found_taken_and_else_it_is_none() {
        let takes: [fn(&Locks); 3] = [
            |locks| *locks.0.lock() += 1,
            |locks| *locks.1.write() += 1,
            |locks| assert_eq!(*locks.1.read(), 0),
        ];
        for take in takes {
            assert_eq!(spent_in(take, false).count(Span::Lock), 0);
            let spent = loop {
                let spent = spent_in(take, true);
                if spent.count(Span::Lock) > 0 {
                    break spent;
                }
            };
            assert!(spent.in_span_ns(Span::Lock) > 0);
            assert_eq!(spent.sum_ns(), spent.total_ns);
        }
    }
}
