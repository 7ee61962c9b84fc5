//! shuttle as a runtime of the stores.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use lab_runtime::{
    Access, Atomic, Condition, Guard, Join, Lock, ReadWriteLock, Runtime, ServerCall,
};

/// Locks, atomics and threads of shuttle; everything here works only within one of its runners.
pub(crate) struct Shuttle;

impl Runtime for Shuttle {
    const COOPERATIVE: bool = true;

    type Mutex<T: Send + 'static> = Mutex<T>;
    type RwLock<T: Send + Sync + 'static> = RwLock<T>;
    type Condvar = Condvar;
    type AtomicU64 = AtomicU64;
    type JoinHandle = JoinHandle;

    fn spawn(_name: &str, body: impl FnOnce() + Send + 'static) -> Self::JoinHandle {
        JoinHandle(shuttle::thread::spawn(body))
    }

    /// shuttle has points of its own, in its locks and atomics.
    fn point(_access: Access<'_>) {}

    fn wait_for_release(_attempt: u32) {
        shuttle::thread::yield_now();
    }

    fn back_off(_attempt: u32) {
        shuttle::thread::yield_now();
    }

    fn server_call<C: ServerCall>(mut call: C) -> C::Output {
        call.finish()
    }
}

pub(crate) struct JoinHandle(shuttle::thread::JoinHandle<()>);

impl Join for JoinHandle {
    fn join(self) {
        if let Err(panic) = self.0.join() {
            std::panic::resume_unwind(panic);
        }
    }
}

pub(crate) struct Mutex<T>(shuttle::sync::Mutex<T>);

impl<T: Send + 'static> Lock<T> for Mutex<T> {
    type Guard<'a> = shuttle::sync::MutexGuard<'a, T>;

    fn new(value: T) -> Self {
        Self(shuttle::sync::Mutex::new(value))
    }

    fn lock(&self) -> Self::Guard<'_> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) struct RwLock<T>(shuttle::sync::RwLock<T>);

impl<T: Send + Sync + 'static> ReadWriteLock<T> for RwLock<T> {
    type ReadGuard<'a> = shuttle::sync::RwLockReadGuard<'a, T>;
    type WriteGuard<'a> = shuttle::sync::RwLockWriteGuard<'a, T>;

    fn new(value: T) -> Self {
        Self(shuttle::sync::RwLock::new(value))
    }

    fn read(&self) -> Self::ReadGuard<'_> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> Self::WriteGuard<'_> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) struct Condvar(shuttle::sync::Condvar);

impl Condition<Shuttle> for Condvar {
    fn new() -> Self {
        Self(shuttle::sync::Condvar::new())
    }

    fn wait<'a, T: Send + 'static>(&self, guard: Guard<'a, Shuttle, T>) -> Guard<'a, Shuttle, T> {
        self.0.wait(guard).unwrap_or_else(PoisonError::into_inner)
    }

    fn notify_one(&self) {
        self.0.notify_one();
    }

    fn notify_all(&self) {
        self.0.notify_all();
    }
}

pub(crate) struct AtomicU64(shuttle::sync::atomic::AtomicU64);

impl Atomic for AtomicU64 {
    fn new(value: u64) -> Self {
        Self(shuttle::sync::atomic::AtomicU64::new(value))
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
