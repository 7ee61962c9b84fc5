//! Readers without a lock: the table of each version stands in a cell of its own, and an atomic
//! number says which version is the last. Published with `Relaxed`, that number says nothing about
//! the cell.
//!
//! # Mechanism
//! A writer holds a lock, copies the table of the last version, changes the copy, puts it in the
//! next cell, which nobody has read so far, and then publishes the next version. A reader loads the
//! version and reads its cell. Each cell is written once, and only so many versions have room.
//!
//! # What protects it
//! That a version is published with `Release` and loaded with `Acquire`: who sees it sees all that
//! was written before. With `Relaxed` a reader may see the new version and, in its cell, memory as
//! it was before the table was put there. Writers meet at the lock and are safe either way.
//!
//! # What it admits
//! With `Relaxed`, a data race between a reader and the writer:
//! ```text
//! A  write the cell of v3
//! A  store 3 (Relaxed)
//! B  load 3
//! B  read the cell of v3       nothing orders that after A's write
//! ```
//! On x86 the processor keeps the order and no test on threads sees anything, until the compiler
//! or another machine does not. The explorer, which takes one step after the other, sees nothing
//! either. So this too is for a model checker only, like `unsafe_cell` beside it.
//!
//! # Where it comes from
//! Every flag that is set after the data "in the same thread, so in order"; publication by release
//! and acquire in Boehm and Adve, "Foundations of the C++ Concurrency Memory Model", PLDI 2008.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use lab_runtime::{Atomic, Lock};
use lab_store::{Session, Store, StoreError, Table, TableAccess, TableSession};
use lab_task::Rules;

use crate::unsafe_cell::{CellRuntime, WatchedCell};

/// As many changes as a scenario of a model checker makes, and then some.
const VERSIONS_MAX: usize = 12;

/// Opens the store, empty; each version is published in the order of memory that `publishes` is.
pub fn open<R: CellRuntime>(publishes: Ordering) -> Box<dyn Store> {
    let cells = (0..VERSIONS_MAX).map(|_| WatchedCell::new(Table::default())).collect();
    let (writer, last) = (Lock::new(()), Atomic::new(0));
    Box::new(Shared::<R>(Arc::new(Versions { cells, last, writer, publishes })))
}

struct Versions<R: CellRuntime> {
    cells: Vec<R::Cell<Table>>,
    last: R::AtomicU64,
    writer: R::Mutex<()>,
    publishes: Ordering,
}

// SAFETY: each cell is written once, by the one writer, and read only by those who have seen that
// its version is published. That is an order if publishing is `Release`; if it is not, this line is
// a lie, and the watched cell stops each execution in which it matters.
#[expect(unsafe_code, reason = "the lesson: what makes this true is one word elsewhere")]
unsafe impl<R: CellRuntime> Sync for Versions<R> {}

struct Shared<R: CellRuntime>(Arc<Versions<R>>);

impl<R: CellRuntime> Store for Shared<R> {
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        Ok(Box::new(TableSession(Self(Arc::clone(&self.0)))))
    }
}

impl<R: CellRuntime> Versions<R> {
    fn last(&self) -> usize {
        usize::try_from(self.last.load(Ordering::Acquire)).unwrap_or(usize::MAX)
    }

    fn cell(&self, version: usize) -> Result<&R::Cell<Table>, StoreError> {
        let why = "every version has its cell, and all are taken; open the store again";
        self.cells.get(version).ok_or_else(|| StoreError::unavailable("the store", why))
    }
}

impl<R: CellRuntime> TableAccess for Shared<R> {
    const RULES: Rules = Rules { refuses_stale: false, idempotent_creates: false };

    #[expect(unsafe_code, reason = "the pointer of the cell")]
    fn read<T>(&mut self, look: impl FnOnce(&Table) -> T) -> Result<T, StoreError> {
        let cell = self.0.cell(self.0.last())?;
        // SAFETY: the cell has stopped the execution if somebody may be writing.
        Ok(cell.with(|table| look(unsafe { &*table })))
    }

    #[expect(unsafe_code, reason = "the pointer of the cell")]
    fn write<T>(&mut self, mut change: impl FnMut(&mut Table) -> T) -> Result<T, StoreError> {
        let _writer = self.0.writer.lock();
        let last = self.0.last();
        // SAFETY: the cell has stopped the execution if somebody may be writing.
        let mut copy = self.0.cell(last)?.with(|table| unsafe { (*table).clone() });
        let answer = change(&mut copy);
        // SAFETY: the cell has stopped the execution if somebody may be looking or writing.
        self.0.cell(last + 1)?.with_mut(|table| unsafe { *table = copy });
        self.0.last.store(last as u64 + 1, self.0.publishes);
        Ok(answer)
    }
}
