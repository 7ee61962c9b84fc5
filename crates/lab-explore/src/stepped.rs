//! The runtime under which the explorer decides every step.

use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use lab_runtime::{
    Access, Atomic, Condition, Fault, Guard, Join, Lock, ReadWriteLock, Runtime, ServerCall,
};

use crate::crew;
use crate::engine::{Carriers, Engine, Interrupted, current, enter};
use crate::process::ProcessId;
use crate::status::Need;

/// How long a server may take to answer before it is asked whether the call waits there. This is
/// no timeout: nothing is decided before the server has said so.
const SERVER_PATIENCE: Duration = Duration::from_micros(300);

/// When everything happens: the beginning of 2026.
const UNIX_TIME: Duration = Duration::from_secs(1_767_225_600);

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
        let Some((engine, _)) = current() else {
            return SteppedThread { process: None, handle: Some(started(name, body)) };
        };
        let me = engine.adopt();
        let own = Arc::clone(&engine);
        let handle = match engine.carriers {
            Carriers::Crew => {
                crew::take_on(me, Box::new(move || run_as_process(&own, me, body)));
                None
            }
            Carriers::Threads => Some(started(name, move || {
                let _entered = enter(&own, me);
                own.begin(me);
                run_as_process(&own, me, body);
            })),
        };
        SteppedThread { process: Some((engine, me)), handle }
    }

    fn point(access: Access<'_>) {
        if let Some((engine, me)) = current() {
            engine.point(me, access, &[]);
        }
    }

    fn fallible_point(access: Access<'_>, faults: &'static [Fault]) -> Option<Fault> {
        current().and_then(|(engine, me)| engine.point(me, access, faults))
    }

    fn wait_for_release(_attempt: u32) {
        match current() {
            Some((engine, me)) => engine.wait_for_release(me),
            None => thread::yield_now(),
        }
    }

    fn back_off(_attempt: u32) {}

    fn unix_time() -> Duration {
        UNIX_TIME
    }

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

fn started(name: &str, body: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    #[expect(clippy::expect_used, reason = "without threads there is nothing to explore")]
    thread::Builder::new().name(name.to_owned()).spawn(body).expect("a thread")
}

fn run_as_process(engine: &Arc<Engine>, me: ProcessId, body: impl FnOnce()) {
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
    /// None outside of an execution.
    process: Option<(Arc<Engine>, ProcessId)>,
    /// None where the thread of the controller carries it out.
    handle: Option<thread::JoinHandle<()>>,
}

impl Join for SteppedThread {
    fn join(self) {
        if let Some((engine, process)) = self.process {
            engine.join(process);
        }
        if let Some(handle) = self.handle {
            Join::join(handle);
        }
    }
}

/// Tries until it is given something. Whoever the engine lets go on finds its lock open at once;
/// but where an execution was given up, whoever has the lock may still have to unwind.
fn until_given<T>(mut attempt: impl FnMut() -> Option<T>) -> T {
    loop {
        if let Some(given) = attempt() {
            return given;
        }
        match current() {
            Some((engine, me)) => engine.give_way(me),
            None => thread::yield_now(),
        }
    }
}

/// A name for a lock, a condition or an atomic that is made here.
fn new_object() -> u64 {
    current().map_or(0, |(engine, me)| engine.new_object(me))
}

/// A mutex whose every lock is a schedule point.
pub struct SteppedMutex<T> {
    object: u64,
    inner: parking_lot::Mutex<T>,
}

/// Access to what a [`SteppedMutex`] guards. Whoever only reads through it has only looked.
pub struct SteppedGuard<'a, T> {
    mutex: &'a SteppedMutex<T>,
    inner: Option<parking_lot::MutexGuard<'a, T>>,
    has_changed: bool,
}

impl<T> SteppedMutex<T> {
    fn guard(&self) -> SteppedGuard<'_, T> {
        SteppedGuard {
            mutex: self,
            inner: Some(until_given(|| self.inner.try_lock())),
            has_changed: false,
        }
    }
}

impl<T: Send + 'static> Lock<T> for SteppedMutex<T> {
    type Guard<'a> = SteppedGuard<'a, T>;

    fn new(value: T) -> Self {
        Self { object: new_object(), inner: parking_lot::Mutex::new(value) }
    }

    fn lock(&self) -> Self::Guard<'_> {
        if let Some((engine, me)) = current() {
            engine.acquire(me, Need::Sole(self.object), "lock");
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
        self.has_changed = true;
        self.inner.as_deref_mut().expect("held")
    }
}

impl<T> Drop for SteppedGuard<'_, T> {
    fn drop(&mut self) {
        if self.inner.take().is_some()
            && let Some((engine, me)) = current()
        {
            engine.give_back(me, self.mutex.object, self.has_changed);
        }
    }
}

/// A reader-writer lock whose every lock is a schedule point.
pub struct SteppedRwLock<T> {
    object: u64,
    inner: parking_lot::RwLock<T>,
}

/// Access through a [`SteppedRwLock`].
pub struct SteppedRwGuard<G> {
    lock: u64,
    inner: Option<G>,
    has_changed: bool,
}

impl<T: Send + Sync + 'static> ReadWriteLock<T> for SteppedRwLock<T> {
    type ReadGuard<'a> = SteppedRwGuard<parking_lot::RwLockReadGuard<'a, T>>;
    type WriteGuard<'a> = SteppedRwGuard<parking_lot::RwLockWriteGuard<'a, T>>;

    fn new(value: T) -> Self {
        Self { object: new_object(), inner: parking_lot::RwLock::new(value) }
    }

    fn read(&self) -> Self::ReadGuard<'_> {
        let lock = self.object;
        if let Some((engine, me)) = current() {
            engine.acquire(me, Need::Shared(lock), "lock to read");
        }
        SteppedRwGuard {
            lock,
            inner: Some(until_given(|| self.inner.try_read())),
            has_changed: false,
        }
    }

    fn write(&self) -> Self::WriteGuard<'_> {
        let lock = self.object;
        if let Some((engine, me)) = current() {
            engine.acquire(me, Need::Sole(lock), "lock to write");
        }
        SteppedRwGuard {
            lock,
            inner: Some(until_given(|| self.inner.try_write())),
            has_changed: false,
        }
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
        self.has_changed = true;
        self.inner.as_deref_mut().expect("held")
    }
}

impl<G> Drop for SteppedRwGuard<G> {
    fn drop(&mut self) {
        self.inner.take();
        if let Some((engine, me)) = current() {
            engine.give_back(me, self.lock, self.has_changed);
        }
    }
}

/// A condition that the engine keeps.
pub struct SteppedCondvar {
    object: u64,
}

impl Condition<Stepped> for SteppedCondvar {
    fn new() -> Self {
        Self { object: new_object() }
    }

    fn wait<'a, T: Send + 'static>(
        &self,
        mut guard: Guard<'a, Stepped, T>,
    ) -> Guard<'a, Stepped, T> {
        let mutex = guard.mutex;
        guard.inner.take();
        match current() {
            Some((engine, me)) => engine.wait(me, self.object, mutex.object),
            None => thread::yield_now(),
        }
        mutex.guard()
    }

    fn wait_alone<'a, T: Send + 'static>(
        &self,
        mutex: &'a SteppedMutex<T>,
        mut is_ready: impl FnMut(&T) -> bool,
    ) -> Guard<'a, Stepped, T> {
        loop {
            if let Some((engine, me)) = current() {
                // Somebody inside may make it ready: that shows when one is inside oneself.
                let may_be_ready = mutex.inner.try_lock().is_none_or(|inner| is_ready(&inner));
                if may_be_ready {
                    engine.acquire(me, Need::Sole(mutex.object), "lock");
                } else {
                    engine.wait_alone(me, self.object, mutex.object);
                }
            }
            let guard = mutex.guard();
            if is_ready(&guard) {
                return guard;
            }
            drop(guard);
            if current().is_none() {
                thread::yield_now();
            }
        }
    }

    fn notify_one(&self) {
        if let Some((engine, me)) = current() {
            engine.notify(me, self.object, false);
        }
    }

    fn notify_all(&self) {
        if let Some((engine, me)) = current() {
            engine.notify(me, self.object, true);
        }
    }
}

/// A number whose every use is a schedule point.
pub struct SteppedAtomic {
    object: u64,
    inner: AtomicU64,
}

impl Atomic for SteppedAtomic {
    fn new(value: u64) -> Self {
        Self { object: new_object(), inner: AtomicU64::new(value) }
    }

    fn load(&self, ordering: Ordering) -> u64 {
        Stepped::point(Access::read(self.object, "load"));
        self.inner.load(ordering)
    }

    fn store(&self, value: u64, ordering: Ordering) {
        Stepped::point(Access::write(self.object, "store"));
        self.inner.store(value, ordering);
    }

    fn fetch_add(&self, value: u64, ordering: Ordering) -> u64 {
        Stepped::point(Access::write(self.object, "add"));
        self.inner.fetch_add(value, ordering)
    }

    fn compare_exchange(&self, current: u64, new: u64, ordering: Ordering) -> Result<u64, u64> {
        Stepped::point(Access::write(self.object, "compare and swap"));
        self.inner.compare_exchange(current, new, ordering, Ordering::Relaxed)
    }
}
