//! loom's cell, which stops an execution at a data race.

use std::cell::UnsafeCell;

use lab_runtime::Kind;
use store_memory::unsafe_cell::{CellRuntime, WatchedCell};

use crate::{Loom, record};

impl CellRuntime for Loom {
    type Cell<T: Send + 'static> = Cell<T>;
}

/// A cell whose accesses loom orders. What it holds stands beside what loom watches, so that the
/// record can look at it between two steps.
pub struct Cell<T> {
    watched: loom::cell::UnsafeCell<()>,
    value: UnsafeCell<T>,
}

impl<T> Cell<T> {
    fn object(&self) -> u64 {
        std::ptr::from_ref(self) as u64
    }
}

// SAFETY: loom keeps for each cell which accesses are ordered before which, and panics before it
// calls back for one that is not ordered after all those that it could meet. Its threads take turns
// on one thread of the operating system, and none can be in the middle of an access while another
// has its turn: an access takes no step that loom knows of. So a look between two steps, which loom
// is not asked about, meets nobody either.
#[expect(unsafe_code, reason = "the promise of a watched cell, which loom keeps")]
unsafe impl<T: Send + 'static> WatchedCell<T> for Cell<T> {
    fn new(value: T) -> Self {
        Self { watched: loom::cell::UnsafeCell::new(()), value: UnsafeCell::new(value) }
    }

    fn with<O>(&self, look: impl FnOnce(*const T) -> O) -> O {
        if record::is_looking() {
            return look(self.value.get());
        }
        record::step_on_cell(Kind::Read, "read the cell", self.object());
        let seen = self.watched.with(|_| look(self.value.get()));
        record::look();
        seen
    }

    fn with_mut<O>(&self, change: impl FnOnce(*mut T) -> O) -> O {
        if record::is_looking() {
            record::cannot_look();
        }
        record::step_on_cell(Kind::Write, "write the cell", self.object());
        let changed = self.watched.with_mut(|_| change(self.value.get()));
        record::look();
        changed
    }
}
