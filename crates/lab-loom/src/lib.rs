//! The loom runtime: every schedule of a memory model, in tests only.
//!
//! loom runs a body again and again, each time with another order of its threads and another
//! choice among the values that the C11 memory model lets an atomic read give. It models at most
//! five threads and knows no files and no servers: it runs the stores that keep tasks in memory.

mod cell;
mod explore;
mod locks;
mod race;
mod record;
mod scene;

use std::cell::Cell;

use lab_runtime::{Access, Join, Runtime, ServerCall};

pub use explore::{Bound, explore};
pub use scene::{Open, fits, play_once, search};

thread_local! {
    static SPAWNED: Cell<usize> = const { Cell::new(0) };
}

/// How many threads stores have started here so far.
fn spawned() -> usize {
    SPAWNED.get()
}

/// Locks, atomics and threads of loom; everything here works only within [`explore`].
pub struct Loom;

impl Runtime for Loom {
    /// loom's threads are coroutines of one thread of the operating system: one that blocked
    /// there would stop them all.
    const COOPERATIVE: bool = true;

    type Mutex<T: Send + 'static> = locks::Mutex<T>;
    type RwLock<T: Send + Sync + 'static> = locks::RwLock<T>;
    type Condvar = locks::Condvar;
    type AtomicU64 = locks::AtomicU64;
    type JoinHandle = JoinHandle;

    fn spawn(_name: &str, body: impl FnOnce() + Send + 'static) -> Self::JoinHandle {
        SPAWNED.set(SPAWNED.get() + 1);
        JoinHandle(loom::thread::spawn(body))
    }

    /// loom has points of its own, in its locks and atomics.
    fn point(_access: Access<'_>) {}

    fn wait_for_release(_attempt: u32) {
        loom::thread::yield_now();
    }

    fn back_off(_attempt: u32) {
        loom::thread::yield_now();
    }

    fn server_call<C: ServerCall>(mut call: C) -> C::Output {
        call.finish()
    }
}

/// A started thread of a model.
pub struct JoinHandle(loom::thread::JoinHandle<()>);

impl Join for JoinHandle {
    fn join(self) {
        if let Err(panic) = self.0.join() {
            std::panic::resume_unwind(panic);
        }
    }
}
