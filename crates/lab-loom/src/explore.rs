//! Runs a body under every schedule, and tells how the first failure began.

use std::any::Any;
use std::cell::Cell;
use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once};

use crate::record;

/// As many lines as an assertion with a message and both its sides.
const FAILURE_LINES_MAX: usize = 3;

/// How far loom looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bound {
    preemptions_max: Option<usize>,
    executions_max: Option<usize>,
}

impl Bound {
    /// Every schedule.
    pub const NONE: Self = Self { preemptions_max: None, executions_max: None };

    /// Those with at most so many switches away from a thread that could go on.
    pub const fn preemptions(most: usize) -> Self {
        Self { preemptions_max: Some(most), executions_max: None }
    }

    /// No more executions than so many, the first in loom's order. One that comes to fewer has
    /// seen all that the rest of the bound lets in.
    #[must_use]
    pub const fn executions(self, most: usize) -> Self {
        Self { executions_max: Some(most), ..self }
    }
}

/// Runs `body` under every schedule within `bound`, and gives the number of executions. loom leaves
/// out schedules that nobody could tell from one that was run, and runs some more than once.
///
/// # Errors
/// The first lines of the panic that ended an execution: an assertion of `body`, a data race, a
/// deadlock.
pub fn explore(bound: Bound, body: impl Fn() + Sync + Send + 'static) -> Result<usize, String> {
    let executions = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&executions);
    let mut model = loom::model::Builder::new();
    model.preemption_bound = bound.preemptions_max;
    if let Some(most) = bound.executions_max {
        model.max_permutations = Some(most);
        // loom counts from 1, and looks whether it is enough only before each so many executions.
        model.checkpoint_interval = most + 1;
    }
    let outcome = quietly(|| {
        model.check(move || {
            count.fetch_add(1, Ordering::Relaxed);
            body();
        });
    });
    match outcome {
        Ok(()) => Ok(executions.load(Ordering::Relaxed)),
        Err(panic) => Err(first_lines(panic.as_ref())),
    }
}

thread_local! {
    static IS_QUIET: Cell<bool> = const { Cell::new(false) };
    static FAILURE: Cell<Option<String>> = const { Cell::new(None) };
}

/// Runs `model` and catches its panic without a message to stderr. loom's threads are coroutines
/// of the calling thread, so that the panics of no other thread lose theirs.
fn quietly(model: impl FnOnce()) -> Result<(), Box<dyn Any + Send>> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(
            move |panic| {
                if IS_QUIET.get() { keep(panic) } else { usual(panic) }
            },
        ));
    });
    let before = IS_QUIET.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(model));
    IS_QUIET.set(before);
    FAILURE.take();
    outcome
}

/// Keeps the message of a first panic. A second one means that loom's locks did not survive the
/// end of an execution, and that ends the process: nobody else will tell of the first.
fn keep(panic: &PanicHookInfo<'_>) {
    record::close();
    match FAILURE.take() {
        None => FAILURE.set(Some(panic.to_string())),
        Some(first) => {
            // Past the capture of the test harness, which does not outlive the process.
            let _ = writeln!(io::stderr(), "loom found a failure: {first}\nthen: {panic}");
        }
    }
}

fn first_lines(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    let lines = text.unwrap_or("a panic without a message").lines();
    lines.take(FAILURE_LINES_MAX).collect::<Vec<_>>().join("\n")
}
