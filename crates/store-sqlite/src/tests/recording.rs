//! A runtime for one thread that writes the steps down, and lets a test act right before one.

use std::cell::RefCell;

use lab_runtime::{Access, Condition, Guard, Runtime, ServerCall, Threads};

/// What [`Recording::wait_for_release`] is written down as.
pub(super) const WAIT: &str = "wait";

type Act = Box<dyn FnOnce()>;

thread_local! {
    static STEPS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static ACT: RefCell<Option<(&'static str, Act)>> = const { RefCell::new(None) };
}

/// The runtime.
pub(super) struct Recording;

impl Recording {
    /// The first words of the steps that this thread takes in `body`.
    pub(super) fn steps(body: impl FnOnce()) -> Vec<String> {
        STEPS.take();
        body();
        STEPS.take()
    }

    /// Has `act` called right before this thread's next step that begins with `step`. The steps of
    /// `act` itself are written down as well.
    pub(super) fn before(step: &'static str, act: impl FnOnce() + 'static) {
        ACT.set(Some((step, Box::new(act))));
    }

    fn step(label: &str) {
        let due = ACT.with_borrow_mut(|act| act.take_if(|(step, _)| label.starts_with(*step)));
        if let Some((_, act)) = due {
            act();
        }
        let word = label.split(' ').next().unwrap_or_default().to_owned();
        STEPS.with_borrow_mut(|steps| steps.push(word));
    }
}

impl Runtime for Recording {
    const COOPERATIVE: bool = true;

    type Mutex<T: Send + 'static> = <Threads as Runtime>::Mutex<T>;
    type RwLock<T: Send + Sync + 'static> = <Threads as Runtime>::RwLock<T>;
    type Condvar = NeverWaits;
    type AtomicU64 = <Threads as Runtime>::AtomicU64;
    type JoinHandle = <Threads as Runtime>::JoinHandle;

    fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Self::JoinHandle {
        Threads::spawn(name, body)
    }

    fn point(access: Access<'_>) {
        Self::step(access.label);
    }

    fn wait_for_release(_attempt: u32) {
        Self::step(WAIT);
    }

    fn back_off(_attempt: u32) {}

    fn server_call<C: ServerCall>(mut call: C) -> C::Output {
        call.finish()
    }
}

/// No store of this crate has a condition to wait for.
pub(super) struct NeverWaits;

impl Condition<Recording> for NeverWaits {
    fn new() -> Self {
        Self
    }

    fn wait<'a, T: Send + 'static>(
        &self,
        guard: Guard<'a, Recording, T>,
    ) -> Guard<'a, Recording, T> {
        guard
    }

    fn notify_one(&self) {}

    fn notify_all(&self) {}
}
