//! loom's locks and atomics in the form that stores ask for.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use lab_runtime::{Atomic, Condition, Guard, Lock, ReadWriteLock};

use crate::Loom;

/// loom's mutex.
pub struct Mutex<T>(loom::sync::Mutex<T>);

impl<T: Send + 'static> Lock<T> for Mutex<T> {
    type Guard<'a> = loom::sync::MutexGuard<'a, T>;

    fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    fn lock(&self) -> Self::Guard<'_> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// loom's reader-writer lock.
pub struct RwLock<T>(loom::sync::RwLock<T>);

impl<T: Send + Sync + 'static> ReadWriteLock<T> for RwLock<T> {
    type ReadGuard<'a> = loom::sync::RwLockReadGuard<'a, T>;
    type WriteGuard<'a> = loom::sync::RwLockWriteGuard<'a, T>;

    fn new(value: T) -> Self {
        Self(loom::sync::RwLock::new(value))
    }

    fn read(&self) -> Self::ReadGuard<'_> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> Self::WriteGuard<'_> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// loom's condition variable.
pub struct Condvar(loom::sync::Condvar);

impl Condition<Loom> for Condvar {
    fn new() -> Self {
        Self(loom::sync::Condvar::new())
    }

    fn wait<'a, T: Send + 'static>(&self, guard: Guard<'a, Loom, T>) -> Guard<'a, Loom, T> {
        self.0.wait(guard).unwrap_or_else(PoisonError::into_inner)
    }

    fn notify_one(&self) {
        self.0.notify_one();
    }

    fn notify_all(&self) {
        self.0.notify_all();
    }
}

/// loom's atomic number.
pub struct AtomicU64(loom::sync::atomic::AtomicU64);

impl Atomic for AtomicU64 {
    fn new(value: u64) -> Self {
        Self(loom::sync::atomic::AtomicU64::new(value))
    }

    fn load(&self, ordering: Ordering) -> u64 {
        self.0.load(ordering)
    }

    fn store(&self, value: u64, ordering: Ordering) {
        self.0.store(value, ordering);
    }

    fn fetch_add(&self, value: u64, ordering: Ordering) -> u64 {
        self.0.fetch_add(value, ordering)
    }

    fn compare_exchange(&self, current: u64, new: u64, ordering: Ordering) -> Result<u64, u64> {
        self.0.compare_exchange(current, new, ordering, Ordering::Relaxed)
    }
}
