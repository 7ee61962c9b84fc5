//! loom's cell, which stops an execution at a data race.

use store_memory::unsafe_cell::{CellRuntime, WatchedCell};

use crate::Loom;

impl CellRuntime for Loom {
    type Cell<T: Send + 'static> = Cell<T>;
}

/// A cell whose accesses loom orders.
pub struct Cell<T>(loom::cell::UnsafeCell<T>);

// SAFETY: loom keeps for each cell which accesses are ordered before which, and panics before it
// gives out a pointer to one that is not ordered after all those that it could meet. Its threads
// take turns on one thread of the operating system, so that nobody else gets on meanwhile.
#[expect(unsafe_code, reason = "the promise of a watched cell, which loom keeps")]
unsafe impl<T: Send + 'static> WatchedCell<T> for Cell<T> {
    fn new(value: T) -> Self {
        Self(loom::cell::UnsafeCell::new(value))
    }

    fn with<O>(&self, look: impl FnOnce(*const T) -> O) -> O {
        self.0.with(look)
    }

    fn with_mut<O>(&self, change: impl FnOnce(*mut T) -> O) -> O {
        self.0.with_mut(change)
    }
}
