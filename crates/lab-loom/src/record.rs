//! What happens in an execution, step by step, with what is stored after each: kept where somebody
//! wants to know, in a second search that finds the same failure again.
//!
//! loom's threads are coroutines of one thread of the operating system, so that one record is
//! enough, and a look between two steps meets nobody.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use lab_explore::{Places, Run, Step, Touch};
use lab_runtime::Kind;
use lab_scenario::{Judgement, Told};
use lab_store::{Session, StoreError};
use lab_task::{Filter, Task};
use loom::thread::ThreadId;

thread_local! {
    static RECORD: RefCell<Option<Record>> = const { RefCell::new(None) };
    static IS_LOOKING: Cell<bool> = const { Cell::new(false) };
    static OBSERVER: RefCell<Option<Box<dyn Session>>> = const { RefCell::new(None) };
}

/// One execution.
#[derive(Default)]
pub(crate) struct Record {
    /// Nobody takes a step that counts any more.
    is_closed: bool,
    /// The thread that begins and ends it, the clients, then the threads of the store.
    threads: Vec<ThreadId>,
    clients: usize,
    before: Vec<Task>,
    pub(crate) steps: Vec<Step>,
    told: Vec<Vec<(usize, Told)>>,
    /// What is stored in the end, and what that means; `None` where it did not come to an end.
    ended: Option<(Result<Vec<Task>, StoreError>, Judgement)>,
}

impl Record {
    /// The record as an execution of the explorer. Without an end, `message` says why.
    pub(crate) fn into_run(mut self, message: &str) -> Run {
        mark_preemptions(&mut self.steps);
        let last = self.steps.iter().rev().find_map(|step| step.stored.clone());
        let (after, judgement) = self.ended.unwrap_or_else(|| {
            let last = last.unwrap_or_else(|| self.before.clone());
            (Ok(last), Judgement::Failed(message.lines().next().unwrap_or_default().to_owned()))
        });
        let (steps, told, before) = (self.steps, self.told, self.before);
        let places = after.as_ref().ok().map(|after| Places::of_tasks(&before, after));
        Run { steps, told, before, after, places, judgement, cut: None, left_out: 0 }
    }
}

/// A step is taken from the process before it if that one takes another later and did not wait.
fn mark_preemptions(steps: &mut [Step]) {
    for at in 1..steps.len() {
        let before = &steps[at - 1];
        let process = before.process;
        let could_go_on = !before.waited && steps[at..].iter().any(|step| step.process == process);
        steps[at].current = could_go_on.then_some(process);
    }
}

/// Keeps the record of what `search` does last.
pub(crate) fn of_the_last(search: impl FnOnce()) -> Record {
    RECORD.set(Some(Record { is_closed: true, ..Record::default() }));
    search();
    OBSERVER.take();
    RECORD.take().unwrap_or_default()
}

/// An execution begins, of so many clients, and the calling thread is none of them. What `observer`
/// opens is only used past loom.
pub(crate) fn begin(
    clients: usize,
    before: &[Task],
    observer: impl FnOnce() -> Option<Box<dyn Session>>,
) {
    if RECORD.with_borrow(Option::is_none) {
        return;
    }
    OBSERVER.set(observer());
    // The places of the clients are kept for them: a thread of the store may come first.
    let threads = vec![loom::thread::current().id(); clients + 1];
    let told = vec![Vec::new(); clients];
    let before = before.to_vec();
    RECORD.set(Some(Record { clients, threads, told, before, ..Record::default() }));
}

/// The clients are done, or an execution has failed: what comes now is no step of theirs.
pub(crate) fn close() {
    OBSERVER.take();
    with(|record| record.is_closed = true);
}

/// What came of the execution.
pub(crate) fn ended(after: &Result<Vec<Task>, StoreError>, judgement: &Judgement) {
    RECORD.with_borrow_mut(|record| {
        if let Some(record) = record {
            record.ended = Some((after.clone(), judgement.clone()));
        }
    });
}

/// The calling thread is that client, counted from 0.
pub(crate) fn client_begins(client: usize) {
    with(|record| record.threads[client + 1] = loom::thread::current().id());
}

/// A client was told something.
pub(crate) fn client_was_told(client: usize, told: &Told) {
    with(|record| {
        let own = |step: &Step| step.process == client + 1;
        let last = record.steps.iter().rposition(own).unwrap_or(0);
        record.told[client].push((last, told.clone()));
    });
}

/// The calling thread takes a step that others can see.
pub(crate) fn step(kind: Kind, label: &str) {
    with_process(|record, process| {
        let is_client = process <= record.clients;
        record.steps.push(Step::seen(process, is_client, kind, label));
    });
}

/// The calling thread takes a step on a cell that nothing guards.
pub(crate) fn step_on_cell(kind: Kind, label: &str, object: u64) {
    step(kind, label);
    let touch = Touch { object, is_write: kind == Kind::Write };
    with_own_last(|step| step.touches.push(touch));
}

/// The calling thread now waits for another.
pub(crate) fn waits() {
    with_own_last(|step| step.waited = true);
}

/// Looks at what is stored after the last step of the calling thread, if nobody is in the middle.
pub(crate) fn look() {
    if is_looking() || RECORD.with_borrow(|record| record.as_ref().is_none_or(|one| one.is_closed))
    {
        return;
    }
    let Some(mut observer) = OBSERVER.take() else { return };
    IS_LOOKING.set(true);
    let seen = catch_unwind(AssertUnwindSafe(|| observer.list(&Filter::ALL)));
    IS_LOOKING.set(false);
    OBSERVER.set(Some(observer));
    let Ok(Ok(tasks)) = seen else { return };
    with_own_last(|step| step.stored = Some(tasks));
}

/// Whether the caller only looks: then loom must not know.
pub(crate) fn is_looking() -> bool {
    IS_LOOKING.get()
}

/// What `body` gives; `None` if the caller only looks.
pub(crate) fn unless_looking<T>(body: impl FnOnce() -> T) -> Option<T> {
    (!is_looking()).then(body)
}

/// Somebody else is in the middle, or a look would change something. Only a look is ever told so.
pub(crate) fn cannot_look() -> ! {
    resume_unwind(Box::new("nobody can look now"))
}

fn with(body: impl FnOnce(&mut Record)) {
    RECORD.with_borrow_mut(|record| {
        if let Some(record) = record.as_mut().filter(|record| !record.is_closed) {
            body(record);
        }
    });
}

/// With the last step of the calling thread.
fn with_own_last(body: impl FnOnce(&mut Step)) {
    with_process(|record, process| {
        if let Some(step) = record.steps.iter_mut().rfind(|step| step.process == process) {
            body(step);
        }
    });
}

/// With the number of the calling thread, unless it is the one that begins and ends everything.
fn with_process(body: impl FnOnce(&mut Record, usize)) {
    with(|record| {
        let thread = loom::thread::current().id();
        let known = record.threads.iter().position(|one| *one == thread);
        let process = known.unwrap_or_else(|| {
            record.threads.push(thread);
            record.threads.len() - 1
        });
        if process > 0 {
            body(record, process);
        }
    });
}
