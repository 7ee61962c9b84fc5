//! A runtime that withholds one protection: what a mutant of a store runs on.

use std::marker::PhantomData;
use std::time::Duration;

use crate::{Access, Condition, Fault, Guard, Protection, Runtime, ServerCall, Span};

/// The runtime `R` for a store that has to do without the protection of that number. The seams of
/// a family ask [`crate::lacks`], and the store itself does not know.
pub struct Without<R, const LACKED: u8>(PhantomData<R>);

impl<R: Runtime, const LACKED: u8> Runtime for Without<R, LACKED> {
    const COOPERATIVE: bool = R::COOPERATIVE;
    const LACKS: Option<Protection> = Some(Protection::ALL[LACKED as usize]);
    const TAKES_TIMES: bool = R::TAKES_TIMES;

    type Mutex<T: Send + 'static> = R::Mutex<T>;
    type RwLock<T: Send + Sync + 'static> = R::RwLock<T>;
    type Condvar = Relayed<R>;
    type AtomicU64 = R::AtomicU64;
    type JoinHandle = R::JoinHandle;

    fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Self::JoinHandle {
        R::spawn(name, body)
    }

    fn point(access: Access<'_>) {
        R::point(access);
    }

    fn fallible_point(access: Access<'_>, faults: &'static [Fault]) -> Option<Fault> {
        R::fallible_point(access, faults)
    }

    fn span<T>(span: Span, work: impl FnOnce() -> T) -> T {
        R::span(span, work)
    }

    fn wait_for_release(attempt: u32) {
        R::wait_for_release(attempt);
    }

    fn back_off(attempt: u32) {
        R::back_off(attempt);
    }

    fn unix_time() -> Duration {
        R::unix_time()
    }

    fn linger(limit: Duration, wanted: impl FnMut() -> bool) {
        R::linger(limit, wanted);
    }

    fn server_call<C: ServerCall>(call: C) -> C::Output {
        R::server_call(call)
    }
}

/// The condition of the runtime below.
pub struct Relayed<R: Runtime>(R::Condvar);

impl<R: Runtime, const LACKED: u8> Condition<Without<R, LACKED>> for Relayed<R> {
    fn new() -> Self {
        Self(Condition::new())
    }

    fn wait<'a, T: Send + 'static>(&self, guard: Guard<'a, R, T>) -> Guard<'a, R, T> {
        self.0.wait::<T>(guard)
    }

    fn wait_alone<'a, T: Send + 'static>(
        &self,
        mutex: &'a R::Mutex<T>,
        is_ready: impl FnMut(&T) -> bool,
    ) -> Guard<'a, R, T> {
        self.0.wait_alone::<T>(mutex, is_ready)
    }

    fn notify_one(&self) {
        self.0.notify_one();
    }

    fn notify_all(&self) {
        self.0.notify_all();
    }
}
