//! A clock for tests that goes on with the work of their thread alone, whatever the machine does.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// By how much a limit may be overrun.
pub(crate) const OVERRUN_MAX: Duration = Duration::from_millis(10);

thread_local! {
    static BEGUN: Instant = Instant::now();
    static WORKED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// The time.
pub(crate) fn clock() -> Instant {
    BEGUN.with(|begun| *begun) + worked()
}

/// Something takes so long.
pub(crate) fn work(time: Duration) {
    WORKED.set(worked() + time);
}

/// How long all took since the last [`begin`].
pub(crate) fn worked() -> Duration {
    WORKED.get()
}

/// Nothing was done yet.
pub(crate) fn begin() {
    WORKED.set(Duration::ZERO);
}
