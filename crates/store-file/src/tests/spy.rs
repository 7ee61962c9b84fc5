//! A runtime that writes down the steps of each thread and can hold one up.

use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use lab_runtime::{Access, Condition, Guard, Runtime, ServerCall, Threads};

/// How many threads wait for a condition.
pub(super) static WAITING: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static STEPS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static BEFORE_APPEND: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
}

/// The steps that this thread has taken since it was last asked.
pub(super) fn steps() -> Vec<String> {
    STEPS.take()
}

/// Has `hook` called before this thread appends to a file.
pub(super) fn before_append(hook: impl FnOnce() + 'static) {
    BEFORE_APPEND.set(Some(Box::new(hook)));
}

/// `Threads` with a note of each step.
pub(super) struct Spy;

impl Runtime for Spy {
    const COOPERATIVE: bool = true;

    type Mutex<T: Send + 'static> = <Threads as Runtime>::Mutex<T>;
    type RwLock<T: Send + Sync + 'static> = <Threads as Runtime>::RwLock<T>;
    type Condvar = SpyCondvar;
    type AtomicU64 = <Threads as Runtime>::AtomicU64;
    type JoinHandle = <Threads as Runtime>::JoinHandle;

    fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Self::JoinHandle {
        Threads::spawn(name, body)
    }

    fn point(access: Access<'_>) {
        if access.label.starts_with("append")
            && let Some(hook) = BEFORE_APPEND.take()
        {
            hook();
        }
        STEPS.with_borrow_mut(|steps| steps.push(access.label.to_owned()));
    }

    fn wait_for_release(_attempt: u32) {
        thread::yield_now();
    }

    fn back_off(_attempt: u32) {}

    fn server_call<C: ServerCall>(call: C) -> C::Output {
        Threads::server_call(call)
    }
}

/// Counts who waits.
pub(super) struct SpyCondvar(<Threads as Runtime>::Condvar);

impl Condition<Spy> for SpyCondvar {
    fn new() -> Self {
        Self(Condition::<Threads>::new())
    }

    fn wait<'a, T: Send + 'static>(&self, guard: Guard<'a, Spy, T>) -> Guard<'a, Spy, T> {
        WAITING.fetch_add(1, Ordering::SeqCst);
        let guard = Condition::<Threads>::wait(&self.0, guard);
        WAITING.fetch_sub(1, Ordering::SeqCst);
        guard
    }

    fn notify_one(&self) {
        Condition::<Threads>::notify_one(&self.0);
    }

    fn notify_all(&self) {
        Condition::<Threads>::notify_all(&self.0);
    }
}
