//! Runs a body under every schedule, and tells how the first failure began.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once};

/// As many lines as an assertion with a message and both its sides.
const FAILURE_LINES_MAX: usize = 3;

/// Runs `body` once for each schedule that differs to those who take part in it, with at most
/// `preemptions_max` switches away from a thread that could go on (`None`: with any number), and
/// gives the number of executions.
///
/// # Errors
/// The first lines of the panic that ended an execution: an assertion of `body`, a data race, a
/// deadlock.
pub fn explore(
    preemptions_max: Option<usize>,
    body: impl Fn() + Sync + Send + 'static,
) -> Result<usize, String> {
    let executions = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&executions);
    let mut model = loom::model::Builder::new();
    model.preemption_bound = preemptions_max;
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
}

/// Runs `model` and catches its panic without a message to stderr. loom's threads are coroutines
/// of the calling thread, so that the panics of no other thread lose theirs.
fn quietly(model: impl FnOnce()) -> Result<(), Box<dyn Any + Send>> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !IS_QUIET.get() {
                usual(panic);
            }
        }));
    });
    let before = IS_QUIET.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(model));
    IS_QUIET.set(before);
    outcome
}

fn first_lines(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    let lines = text.unwrap_or("a panic without a message").lines();
    lines.take(FAILURE_LINES_MAX).collect::<Vec<_>>().join("\n")
}
