//! The runtime under which the explorer decides every step.

use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use lab_runtime::{
    Access, Atomic, Condition, Guard, Join, Lock, ReadWriteLock, Runtime, ServerCall,
};

use crate::engine::{Engine, Interrupted, ProcessId, current, enter};
use crate::state::Need;

/// How long a server may take to answer before it is asked whether the call waits there. This is
/// no timeout: nothing is decided before the server has said so.
const SERVER_PATIENCE: Duration = Duration::from_micros(300);

/// Real threads of which exactly one runs. Outside of an execution it is like `Threads`.
pub struct Stepped;

impl Runtime for Stepped {
    const COOPERATIVE: bool = true;

    type Mutex<T: Send + 'static> = SteppedMutex<T>;
    type RwLock<T: Send + Sync + 'static> = SteppedRwLock<T>;
    type Condvar = SteppedCondvar;
    type AtomicU64 = SteppedAtomic;
    type JoinHandle = SteppedThread;

    fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Self::JoinHandle {
        let engine = current().map(|(engine, _)| (Arc::clone(&engine), engine.adopt()));
        let as_process = engine.clone();
        let run = move || match as_process {
            Some((engine, me)) => run_as_process(&engine, me, body),
            None => body(),
        };
        #[expect(clippy::expect_used, reason = "without threads there is nothing to explore")]
        let handle = thread::Builder::new().name(name.to_owned()).spawn(run).expect("a thread");
        SteppedThread { engine, handle }
    }

    fn point(access: Access<'_>) {
        if let Some((engine, me)) = current() {
            engine.point(me, access);
        }
    }

    fn wait_for_release(_attempt: u32) {
        match current() {
            Some((engine, me)) => engine.wait_for_release(me),
            None => thread::yield_now(),
        }
    }

    fn back_off(_attempt: u32) {}

    fn server_call<C: ServerCall>(mut call: C) -> C::Output {
        let Some((engine, me)) = current().filter(|(engine, _)| engine.is_stepping()) else {
            return call.finish();
        };
        let probe = call.probe();
        loop {
            if let Some(answer) = call.poll_for(SERVER_PATIENCE) {
                return answer;
            }
            if probe() {
                break;
            }
        }
        engine.hand_over(me, probe);
        let answer = call.finish();
        engine.come_back(me);
        answer
    }
}

fn run_as_process(engine: &Arc<Engine>, me: ProcessId, body: impl FnOnce()) {
    let _entered = enter(engine, me);
    engine.begin(me);
    if let Err(panic) = catch_unwind(AssertUnwindSafe(body))
        && !panic.is::<Interrupted>()
    {
        engine.panicked(panic_message(&*panic));
    }
    engine.finish(me);
}

/// What a panic said.
pub(crate) fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".into())
}

/// A thread that belongs to a store.
pub struct SteppedThread {
    engine: Option<(Arc<Engine>, ProcessId)>,
    handle: thread::JoinHandle<()>,
}

impl Join for SteppedThread {
    fn join(self) {
        if let Some((engine, process)) = self.engine {
            engine.join(process);
        }
        Join::join(self.handle);
    }
}

/// A mutex whose every lock is a schedule point.
pub struct SteppedMutex<T>(parking_lot::Mutex<T>);

/// Access to what a [`SteppedMutex`] guards.
pub struct SteppedGuard<'a, T> {
    mutex: &'a SteppedMutex<T>,
    inner: Option<parking_lot::MutexGuard<'a, T>>,
}

impl<T> SteppedMutex<T> {
    fn id(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    fn guard(&self) -> SteppedGuard<'_, T> {
        SteppedGuard { mutex: self, inner: Some(self.0.lock()) }
    }
}

impl<T: Send + 'static> Lock<T> for SteppedMutex<T> {
    type Guard<'a> = SteppedGuard<'a, T>;

    fn new(value: T) -> Self {
        Self(parking_lot::Mutex::new(value))
    }

    fn lock(&self) -> Self::Guard<'_> {
        if let Some((engine, me)) = current() {
            engine.acquire(me, Need::Sole(self.id()), "lock");
        }
        self.guard()
    }
}

impl<T> Deref for SteppedGuard<'_, T> {
    type Target = T;

    #[expect(
        clippy::expect_used,
        reason = "only `drop` and `wait` take it, and they own the guard"
    )]
    fn deref(&self) -> &T {
        self.inner.as_deref().expect("held")
    }
}

impl<T> DerefMut for SteppedGuard<'_, T> {
    #[expect(
        clippy::expect_used,
        reason = "only `drop` and `wait` take it, and they own the guard"
    )]
    fn deref_mut(&mut self) -> &mut T {
        self.inner.as_deref_mut().expect("held")
    }
}

impl<T> Drop for SteppedGuard<'_, T> {
    fn drop(&mut self) {
        if self.inner.take().is_some()
            && let Some((engine, _)) = current()
        {
            engine.give_back(self.mutex.id());
        }
    }
}

/// A reader-writer lock whose every lock is a schedule point.
pub struct SteppedRwLock<T>(parking_lot::RwLock<T>);

/// Access through a [`SteppedRwLock`].
pub struct SteppedRwGuard<G> {
    lock: usize,
    inner: Option<G>,
}

impl<T: Send + Sync + 'static> ReadWriteLock<T> for SteppedRwLock<T> {
    type ReadGuard<'a> = SteppedRwGuard<parking_lot::RwLockReadGuard<'a, T>>;
    type WriteGuard<'a> = SteppedRwGuard<parking_lot::RwLockWriteGuard<'a, T>>;

    fn new(value: T) -> Self {
        Self(parking_lot::RwLock::new(value))
    }

    fn read(&self) -> Self::ReadGuard<'_> {
        let lock = std::ptr::from_ref(self).addr();
        if let Some((engine, me)) = current() {
            engine.acquire(me, Need::Shared(lock), "lock to read");
        }
        SteppedRwGuard { lock, inner: Some(self.0.read()) }
    }

    fn write(&self) -> Self::WriteGuard<'_> {
        let lock = std::ptr::from_ref(self).addr();
        if let Some((engine, me)) = current() {
            engine.acquire(me, Need::Sole(lock), "lock to write");
        }
        SteppedRwGuard { lock, inner: Some(self.0.write()) }
    }
}

impl<G: Deref> Deref for SteppedRwGuard<G> {
    type Target = G::Target;

    #[expect(clippy::expect_used, reason = "only `drop` takes it")]
    fn deref(&self) -> &G::Target {
        self.inner.as_deref().expect("held")
    }
}

impl<G: DerefMut> DerefMut for SteppedRwGuard<G> {
    #[expect(clippy::expect_used, reason = "only `drop` takes it")]
    fn deref_mut(&mut self) -> &mut G::Target {
        self.inner.as_deref_mut().expect("held")
    }
}

impl<G> Drop for SteppedRwGuard<G> {
    fn drop(&mut self) {
        self.inner.take();
        if let Some((engine, _)) = current() {
            engine.give_back(self.lock);
        }
    }
}

/// A condition that the engine keeps. It has a size, so that each has an address of its own.
pub struct SteppedCondvar(#[expect(dead_code, reason = "its address is its identity")] u8);

impl SteppedCondvar {
    fn id(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

impl Condition<Stepped> for SteppedCondvar {
    fn new() -> Self {
        Self(0)
    }

    fn wait<'a, T: Send + 'static>(
        &self,
        mut guard: Guard<'a, Stepped, T>,
    ) -> Guard<'a, Stepped, T> {
        let mutex = guard.mutex;
        guard.inner.take();
        match current() {
            Some((engine, me)) => engine.wait(me, self.id(), mutex.id()),
            None => thread::yield_now(),
        }
        mutex.guard()
    }

    fn notify_one(&self) {
        if let Some((engine, _)) = current() {
            engine.notify(self.id(), false);
        }
    }

    fn notify_all(&self) {
        if let Some((engine, _)) = current() {
            engine.notify(self.id(), true);
        }
    }
}

/// A number whose every use is a schedule point.
pub struct SteppedAtomic(AtomicU64);

impl SteppedAtomic {
    fn object(&self) -> u64 {
        std::ptr::from_ref(self).addr() as u64
    }
}

impl Atomic for SteppedAtomic {
    fn new(value: u64) -> Self {
        Self(AtomicU64::new(value))
    }

    fn load(&self, ordering: Ordering) -> u64 {
        Stepped::point(Access::read(self.object(), "load"));
        self.0.load(ordering)
    }

    fn store(&self, value: u64, ordering: Ordering) {
        Stepped::point(Access::write(self.object(), "store"));
        self.0.store(value, ordering);
    }

    fn fetch_add(&self, value: u64, ordering: Ordering) -> u64 {
        Stepped::point(Access::write(self.object(), "add"));
        self.0.fetch_add(value, ordering)
    }

    fn compare_exchange(&self, current: u64, new: u64, ordering: Ordering) -> Result<u64, u64> {
        Stepped::point(Access::write(self.object(), "compare and swap"));
        self.0.compare_exchange(current, new, ordering, Ordering::Relaxed)
    }
}
