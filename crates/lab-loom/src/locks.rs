//! loom's locks and atomics in the form that stores ask for.
//!
//! loom decides who enters, at a gate that guards nothing. What a store guards stands behind it, in
//! a lock of the standard library that is always free then: so the record can look at it between
//! two steps, past the gate and without loom's knowledge.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::Ordering;
use std::sync::{PoisonError, TryLockError, atomic};

use lab_runtime::{Atomic, Condition, Guard, Kind, Lock, ReadWriteLock};

use crate::{Loom, record};

/// loom's mutex.
pub struct Mutex<T> {
    gate: loom::sync::Mutex<()>,
    value: std::sync::Mutex<T>,
}

/// Access until dropped.
pub struct MutexGuard<'a, T> {
    // In the order in which they are dropped.
    value: Value<std::sync::MutexGuard<'a, T>>,
    gate: Option<loom::sync::MutexGuard<'a, ()>>,
    lock: &'a Mutex<T>,
}

impl<T> Mutex<T> {
    /// The value, whoever is past the gate.
    fn value(&self) -> Value<std::sync::MutexGuard<'_, T>> {
        Value::of(self.value.try_lock())
    }
}

impl<T: Send + 'static> Lock<T> for Mutex<T> {
    type Guard<'a> = MutexGuard<'a, T>;

    fn new(value: T) -> Self {
        Self { gate: loom::sync::Mutex::new(()), value: std::sync::Mutex::new(value) }
    }

    fn lock(&self) -> Self::Guard<'_> {
        let gate = record::unless_looking(|| {
            let gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
            record::step(Kind::Write, "lock");
            gate
        });
        MutexGuard { value: self.value(), gate, lock: self }
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.get()
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }
}

/// loom's reader-writer lock.
pub struct RwLock<T> {
    gate: loom::sync::RwLock<()>,
    value: std::sync::RwLock<T>,
}

/// Access of one of many or of one alone, until dropped.
pub struct RwLockGuard<V, G> {
    // In the order in which they are dropped.
    value: Value<V>,
    _gate: Option<G>,
}

impl<T: Send + Sync + 'static> ReadWriteLock<T> for RwLock<T> {
    type ReadGuard<'a> =
        RwLockGuard<std::sync::RwLockReadGuard<'a, T>, loom::sync::RwLockReadGuard<'a, ()>>;
    type WriteGuard<'a> =
        RwLockGuard<std::sync::RwLockWriteGuard<'a, T>, loom::sync::RwLockWriteGuard<'a, ()>>;

    fn new(value: T) -> Self {
        Self { gate: loom::sync::RwLock::new(()), value: std::sync::RwLock::new(value) }
    }

    fn read(&self) -> Self::ReadGuard<'_> {
        let _gate = record::unless_looking(|| {
            let gate = self.gate.read().unwrap_or_else(PoisonError::into_inner);
            record::step(Kind::Read, "lock to read");
            gate
        });
        RwLockGuard { value: Value::of(self.value.try_read()), _gate }
    }

    fn write(&self) -> Self::WriteGuard<'_> {
        let _gate = record::unless_looking(|| {
            let gate = self.gate.write().unwrap_or_else(PoisonError::into_inner);
            record::step(Kind::Write, "lock to write");
            gate
        });
        RwLockGuard { value: Value::of(self.value.try_write()), _gate }
    }
}

impl<V: Deref, G> Deref for RwLockGuard<V, G> {
    type Target = V::Target;

    fn deref(&self) -> &V::Target {
        self.value.get()
    }
}

impl<V: DerefMut, G> DerefMut for RwLockGuard<V, G> {
    fn deref_mut(&mut self) -> &mut V::Target {
        self.value.get_mut()
    }
}

/// What is behind a gate. When it is let go, the record looks at what is stored now.
struct Value<V>(Option<V>);

impl<V> Value<V> {
    /// Whoever looks while somebody is inside sees nothing.
    fn of(tried: Result<V, TryLockError<V>>) -> Self {
        match tried {
            Ok(value) => Self(Some(value)),
            Err(TryLockError::Poisoned(value)) => Self(Some(value.into_inner())),
            Err(TryLockError::WouldBlock) => record::cannot_look(),
        }
    }

    #[expect(clippy::expect_used, reason = "only `drop` takes it")]
    fn get(&self) -> &V::Target
    where
        V: Deref,
    {
        self.0.as_deref().expect("held")
    }

    /// Whoever looks must change nothing.
    #[expect(clippy::expect_used, reason = "only `drop` takes it")]
    fn get_mut(&mut self) -> &mut V::Target
    where
        V: DerefMut,
    {
        if record::is_looking() {
            record::cannot_look();
        }
        self.0.as_deref_mut().expect("held")
    }
}

impl<V> Drop for Value<V> {
    fn drop(&mut self) {
        self.0 = None;
        record::look();
    }
}

/// loom's condition variable.
pub struct Condvar(loom::sync::Condvar);

impl Condition<Loom> for Condvar {
    fn new() -> Self {
        Self(loom::sync::Condvar::new())
    }

    fn wait<'a, T: Send + 'static>(&self, guard: Guard<'a, Loom, T>) -> Guard<'a, Loom, T> {
        let MutexGuard { value, gate, lock } = guard;
        drop(value);
        let Some(gate) = gate else { record::cannot_look() };
        record::waits();
        let gate = self.0.wait(gate).unwrap_or_else(PoisonError::into_inner);
        record::step(Kind::Write, "lock");
        MutexGuard { value: lock.value(), gate: Some(gate), lock }
    }

    fn notify_one(&self) {
        self.0.notify_one();
    }

    fn notify_all(&self) {
        self.0.notify_all();
    }
}

/// loom's atomic number, and what was last written to it, for whoever looks.
pub struct AtomicU64 {
    number: loom::sync::atomic::AtomicU64,
    last: atomic::AtomicU64,
}

impl AtomicU64 {
    fn wrote(&self, value: u64) {
        self.last.store(value, Ordering::Relaxed);
        record::look();
    }
}

impl Atomic for AtomicU64 {
    fn new(value: u64) -> Self {
        let number = loom::sync::atomic::AtomicU64::new(value);
        Self { number, last: atomic::AtomicU64::new(value) }
    }

    fn load(&self, ordering: Ordering) -> u64 {
        let loaded = record::unless_looking(|| {
            let loaded = self.number.load(ordering);
            record::step(Kind::Read, &format!("load {loaded} ({ordering:?})"));
            record::look();
            loaded
        });
        loaded.unwrap_or_else(|| self.last.load(Ordering::Relaxed))
    }

    fn store(&self, value: u64, ordering: Ordering) {
        self.number.store(value, ordering);
        record::step(Kind::Write, &format!("store {value} ({ordering:?})"));
        self.wrote(value);
    }

    fn fetch_add(&self, value: u64, ordering: Ordering) -> u64 {
        let before = self.number.fetch_add(value, ordering);
        record::step(Kind::Write, &format!("add {value} to {before} ({ordering:?})"));
        self.wrote(before.wrapping_add(value));
        before
    }

    fn compare_exchange(&self, current: u64, new: u64, ordering: Ordering) -> Result<u64, u64> {
        let exchanged = self.number.compare_exchange(current, new, ordering, Ordering::Relaxed);
        record::step(Kind::Write, &format!("exchange {current} for {new} ({ordering:?})"));
        if exchanged.is_ok() {
            self.wrote(new);
        }
        exchanged
    }
}
