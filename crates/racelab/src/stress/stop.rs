//! The word to stop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Said once, heard by all, also by who waits.
#[derive(Debug, Default)]
pub struct Stop {
    is_said: AtomicBool,
    lock: Mutex<()>,
    said: Condvar,
}

impl Stop {
    /// Whether it was said.
    pub fn is_said(&self) -> bool {
        self.is_said.load(Ordering::Relaxed)
    }

    /// Says it.
    pub fn say(&self) {
        let _lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_said.store(true, Ordering::Relaxed);
        self.said.notify_all();
    }

    /// Waits until that much time has passed, or until it is said.
    pub(super) fn wait(&self, time: Duration) {
        if time.is_zero() {
            return;
        }
        let lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.said.wait_timeout_while(lock, time, |()| !self.is_said()));
    }
}
