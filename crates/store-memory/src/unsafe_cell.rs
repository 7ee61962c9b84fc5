//! The table in an `UnsafeCell` that threads share: the data race that safe Rust does not compile.
//!
//! # Mechanism
//! That of `mutex`, without the mutex: a pointer to the table, and everybody writes through it.
//!
//! # What protects it
//! Nothing. Without the `unsafe impl Sync` below the compiler refuses to share the cell between
//! threads, and says why. So safe Rust prevents data races: two accesses to one place, one of them
//! a write, none ordered before the other. It does not prevent race conditions: `naive_vec` loses
//! the same minutes, with a lock for each access and without a word of `unsafe`.
//!
//! # What it admits
//! Lost update, in the mildest case:
//! ```text
//! A  load   task 1, 0 min
//! B  load   task 1, 0 min
//! B  store  task 1, 20 min
//! A  store  task 1, 10 min     B's 20 minutes are gone
//! ```
//! Beyond that anything: a data race is undefined behaviour, and a title that one thread reads
//! while another replaces it is memory that was freed. So only a model checker may run this, which
//! stops at the race: the [`CellRuntime`] of `lab-loom` is the only one, and no catalogue has it.
//!
//! # Where it comes from
//! Every counter that "only needs a moment"; Boehm, "How to Miscompile Programs with 'Benign' Data
//! Races", HotPar 2011, and "Data Races and Race Conditions" in the Rustonomicon.

use std::sync::Arc;

use lab_runtime::Runtime;
use lab_store::{Session, Store, StoreError, Table, TableAccess, TableSession};
use lab_task::Rules;

/// A runtime that watches what threads do to a cell.
pub trait CellRuntime: Runtime {
    /// A cell that threads may share.
    type Cell<T: Send + 'static>: WatchedCell<T>;
}

/// A cell that gives out pointers to its value.
///
/// # Safety
/// Before an access could meet another that is not ordered before it, one of the two a write, the
/// cell stops the execution: `look` and `change` are not called. The cell of the standard library
/// watches nothing and must not implement this.
#[expect(unsafe_code, reason = "what a cell promises here no compiler can check")]
pub unsafe trait WatchedCell<T>: Send + 'static {
    /// A cell that holds `value`.
    fn new(value: T) -> Self;

    /// Calls `look` with a pointer that may be read until `look` returns.
    fn with<O>(&self, look: impl FnOnce(*const T) -> O) -> O;

    /// Calls `change` with a pointer that may be read and written until `change` returns.
    fn with_mut<O>(&self, change: impl FnOnce(*mut T) -> O) -> O;
}

/// Opens the store, empty.
pub fn open<R: CellRuntime>() -> Box<dyn Store> {
    Box::new(Shared::<R>(Arc::new(Unprotected(WatchedCell::new(Table::default())))))
}

struct Unprotected<R: CellRuntime>(R::Cell<Table>);

// SAFETY: there is none, on purpose. This line says that threads may use the table through a
// shared reference, and nothing makes that true: around the cell of the standard library it would
// be unsound. Here the watched cell stops each execution in which it turns out to be a lie.
#[expect(unsafe_code, reason = "the lesson: the data race begins with this promise")]
unsafe impl<R: CellRuntime> Sync for Unprotected<R> {}

struct Shared<R: CellRuntime>(Arc<Unprotected<R>>);

impl<R: CellRuntime> Store for Shared<R> {
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        Ok(Box::new(TableSession(Self(Arc::clone(&self.0)))))
    }
}

impl<R: CellRuntime> TableAccess for Shared<R> {
    const RULES: Rules = Rules { refuses_stale: false, idempotent_creates: false };

    #[expect(unsafe_code, reason = "the pointer of the cell")]
    fn read<T>(&mut self, look: impl FnOnce(&Table) -> T) -> Result<T, StoreError> {
        // SAFETY: the cell has stopped the execution if somebody may be writing.
        Ok(self.0.0.with(|table| look(unsafe { &*table })))
    }

    #[expect(unsafe_code, reason = "the pointer of the cell")]
    fn write<T>(&mut self, mut change: impl FnMut(&mut Table) -> T) -> Result<T, StoreError> {
        // SAFETY: the cell has stopped the execution if somebody may be looking or writing.
        Ok(self.0.0.with_mut(|table| change(unsafe { &mut *table })))
    }
}
