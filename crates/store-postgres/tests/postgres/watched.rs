//! A runtime that notes each step of this thread, and lets a test do something before a step or
//! when the server makes a statement wait.

use std::cell::RefCell;
use std::time::Duration;

use lab_runtime::{Access, Condition, Guard, Kind, Runtime, ServerCall, Threads};

pub(crate) struct Watched;

type Hook = Box<dyn FnOnce()>;

thread_local! {
    static STEPS: RefCell<Vec<(Kind, String)>> = const { RefCell::new(Vec::new()) };
    static BEFORE: RefCell<Option<(&'static str, Hook)>> = const { RefCell::new(None) };
    static WHEN_BLOCKED: RefCell<Option<Hook>> = const { RefCell::new(None) };
}

/// The steps since the last time they were asked for.
pub(crate) fn steps() -> Vec<(Kind, String)> {
    STEPS.take()
}

/// The first words of those steps.
pub(crate) fn verbs() -> Vec<String> {
    let first_word = |(_, label): (Kind, String)| label.split(' ').next().map(str::to_owned);
    steps().into_iter().filter_map(first_word).collect()
}

/// Calls `hook` once, before the next step of this thread whose label begins so.
pub(crate) fn before(label: &'static str, hook: impl FnOnce() + 'static) {
    BEFORE.set(Some((label, Box::new(hook))));
}

/// Calls `hook` once, when the server says that a statement of this thread waits.
pub(crate) fn when_blocked(hook: impl FnOnce() + 'static) {
    WHEN_BLOCKED.set(Some(Box::new(hook)));
}

impl Runtime for Watched {
    const COOPERATIVE: bool = true;

    type Mutex<T: Send + 'static> = <Threads as Runtime>::Mutex<T>;
    type RwLock<T: Send + Sync + 'static> = <Threads as Runtime>::RwLock<T>;
    type Condvar = Never;
    type AtomicU64 = <Threads as Runtime>::AtomicU64;
    type JoinHandle = <Threads as Runtime>::JoinHandle;

    fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Self::JoinHandle {
        Threads::spawn(name, body)
    }

    fn point(access: Access<'_>) {
        let due = BEFORE
            .with_borrow_mut(|hook| hook.take_if(|(label, _)| access.label.starts_with(*label)));
        if let Some((_, hook)) = due {
            hook();
        }
        STEPS.with_borrow_mut(|steps| steps.push((access.kind, access.label.to_owned())));
    }

    fn wait_for_release(attempt: u32) {
        Threads::wait_for_release(attempt);
    }

    fn back_off(_attempt: u32) {}

    fn server_call<C: ServerCall>(mut call: C) -> C::Output {
        loop {
            if let Some(answer) = call.poll_for(Duration::from_millis(1)) {
                return answer;
            }
            if (call.probe())()
                && let Some(hook) = WHEN_BLOCKED.take()
            {
                hook();
            }
        }
    }
}

/// A condition that wakes at once, as any may: no store of this family waits for one.
pub(crate) struct Never;

impl Condition<Watched> for Never {
    fn new() -> Self {
        Self
    }

    fn wait<'a, T: Send + 'static>(&self, guard: Guard<'a, Watched, T>) -> Guard<'a, Watched, T> {
        guard
    }

    fn notify_one(&self) {}

    fn notify_all(&self) {}
}
