//! Coroutines on the controller's thread that carry out the processes of an execution.
//!
//! The system knows nothing of it when one hands the baton to another, which is most of what a
//! schedule costs with threads. Only a process that waits inside a server needs one.

use std::cell::{Cell, RefCell};
use std::ptr;

use corosensei::{Coroutine, CoroutineResult, Yielder};

use crate::process::{MAIN, ProcessId};

/// What a process does from its beginning to its end.
pub(crate) type Work = Box<dyn FnOnce()>;

/// Who stops, and why: for the controller goes on then.
enum Stop {
    /// It is not its turn.
    Waits,
    /// Its work is done.
    IsDone,
}

/// Does one work after the other; none sends it home.
type Member = Coroutine<Option<Work>, Stop, ()>;
type Way = Yielder<Option<Work>, Stop>;

#[derive(Default)]
struct Crew {
    /// Who carries out a process, each with the work that it has not begun.
    at_work: Vec<(ProcessId, Member, Option<Work>)>,
    /// A stack is mapped once and serves many executions.
    idle: Vec<Member>,
}

thread_local! {
    static CREW: RefCell<Crew> = RefCell::default();
    /// The process that runs on this thread, and its way back to the controller.
    static RUNNING: Cell<(ProcessId, *const Way)> = const { Cell::new((MAIN, ptr::null())) };
}

/// The process that runs on this thread.
pub(crate) fn running() -> ProcessId {
    RUNNING.get().0
}

/// From here on somebody carries out `me`, and begins `work` when the controller first waits for
/// it.
pub(crate) fn take_on(me: ProcessId, work: Work) {
    CREW.with_borrow_mut(|crew| {
        let member = crew.idle.pop().unwrap_or_else(|| Coroutine::new(serve));
        crew.at_work.push((me, member, Some(work)));
    });
}

/// Lets `process` go on until it waits or ends; whether there is one of that number. Only the
/// controller asks for it.
pub(crate) fn let_go_on(process: ProcessId) -> bool {
    let found = CREW.with_borrow_mut(|crew| {
        let at = crew.at_work.iter().position(|(number, ..)| *number == process)?;
        Some(crew.at_work.swap_remove(at))
    });
    let Some((_, mut member, work)) = found else { return false };
    let before = RUNNING.replace((process, ptr::null()));
    let stop = member.resume(work);
    RUNNING.set(before);
    CREW.with_borrow_mut(|crew| match stop {
        CoroutineResult::Yield(Stop::Waits) => crew.at_work.push((process, member, None)),
        CoroutineResult::Yield(Stop::IsDone) => crew.idle.push(member),
        CoroutineResult::Return(()) => {}
    });
    true
}

/// Lets everybody go on for once; whether there was anybody.
pub(crate) fn let_all_go_on() -> bool {
    let numbers = |crew: &Crew| crew.at_work.iter().map(|(number, ..)| *number).collect();
    let processes: Vec<ProcessId> = CREW.with_borrow(numbers);
    processes.into_iter().filter(|process| let_go_on(*process)).count() > 0
}

/// The process that runs waits until the controller lets it go on; the controller itself does not.
#[expect(unsafe_code, reason = "a store's code does not carry the way back along")]
pub(crate) fn wait() {
    let running @ (_, way) = RUNNING.get();
    // SAFETY: it is null, or points into the stack of the coroutine that runs: `serve` sets it when
    // a work begins, this function when it goes on, and `let_go_on` takes it away in between.
    if let Some(way) = unsafe { way.as_ref() } {
        way.suspend(Stop::Waits);
        RUNNING.set(running);
    }
}

fn serve(way: &Way, mut work: Option<Work>) {
    while let Some(doing) = work {
        RUNNING.set((running(), way));
        doing();
        work = way.suspend(Stop::IsDone);
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;

    #[test]
    fn whoever_waits_goes_on_where_it_was_and_knows_who_it_is() {
        let seen = Rc::new(RefCell::new(Vec::new()));
        for me in [1, 2] {
            let seen = Rc::clone(&seen);
            take_on(
                me,
                Box::new(move || {
                    seen.borrow_mut().push((me, running()));
                    wait();
                    seen.borrow_mut().push((me, running()));
                }),
            );
        }
        assert!(let_go_on(2) && let_all_go_on() && let_all_go_on());
        assert_eq!(running(), MAIN);
        assert!(!let_go_on(2) && !let_all_go_on(), "both have ended");
        assert_eq!(seen.take(), [(2, 2), (1, 1), (2, 2), (1, 1)]);
    }
}
