//! The changes that wait, and the connection that commits them.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::{mem, slice};

use lab_runtime::{Condition, Guard, Lock, Runtime};
use lab_store::StoreError;

use super::{Answer, Write};
use crate::connection::Database;

/// Changes that wait, and the one connection that writes.
pub(super) struct Queue<R: Runtime> {
    state: R::Mutex<State<R>>,
    answered: R::Condvar,
}

struct State<R: Runtime> {
    /// With whoever writes, while somebody does.
    writer: Option<Database<R>>,
    tickets: u64,
    waiting: Vec<(u64, Write)>,
    answers: HashMap<u64, Result<Answer, StoreError>>,
}

impl<R: Runtime> Queue<R> {
    /// Nothing waits for `writer`.
    pub(super) fn new(writer: Database<R>) -> Self {
        let (waiting, answers) = (Vec::new(), HashMap::new());
        let state = State { writer: Some(writer), tickets: 0, waiting, answers };
        Self { state: Lock::new(state), answered: Condition::new() }
    }

    /// Waits until `write` is committed, by this session or by another.
    pub(super) fn commit(&self, write: Write) -> Result<Answer, StoreError> {
        self.commit_by(write, commit_all)
    }

    fn commit_by(&self, write: Write, commit: Commit<R>) -> Result<Answer, StoreError> {
        let mut state = self.state.lock();
        state.tickets += 1;
        let ticket = state.tickets;
        state.waiting.push((ticket, write));
        loop {
            if let Some(answer) = state.answers.remove(&ticket) {
                return answer;
            }
            state = match state.writer.take() {
                Some(writer) => self.lead(state, writer, commit),
                None => self.answered.wait::<State<R>>(state),
            };
        }
    }

    /// Commits everything that waits, in the name of all who wait. If that panics, they are told
    /// that nobody knows, and another of them can go on.
    fn lead<'a>(
        &'a self,
        mut state: Guard<'a, R, State<R>>,
        writer: Database<R>,
        commit: Commit<R>,
    ) -> Guard<'a, R, State<R>> {
        let (tickets, writes): (Vec<u64>, Vec<Write>) =
            mem::take(&mut state.waiting).into_iter().unzip();
        drop(state);
        let committed = catch_unwind(AssertUnwindSafe(|| commit(&writer, &writes)));
        let (answers, panic) = match committed {
            Ok(answers) => (answers, None),
            Err(panic) => {
                writer.roll_back();
                let error = StoreError::indefinite("the database", "the one that wrote panicked");
                (vec![Err(error); tickets.len()], Some(panic))
            }
        };
        let mut state = self.state.lock();
        state.answers.extend(tickets.into_iter().zip(answers));
        state.writer = Some(writer);
        self.answered.notify_all();
        if let Some(panic) = panic {
            drop(state);
            resume_unwind(panic);
        }
        state
    }
}

/// How changes are committed: an answer for each of them.
type Commit<R> = fn(&Database<R>, &[Write]) -> Vec<Result<Answer, StoreError>>;

/// In one transaction; and each in one of its own if a damaged row is among them.
fn commit_all<R: Runtime>(
    writer: &Database<R>,
    writes: &[Write],
) -> Vec<Result<Answer, StoreError>> {
    let together = writer.transaction("BEGIN IMMEDIATE", |connection| {
        writes.iter().map(|write| write.carry_out(connection)).collect::<Result<Vec<_>, _>>()
    });
    match together {
        Ok(answers) => answers.into_iter().map(Ok).collect(),
        Err(StoreError::Corrupt { .. }) if writes.len() > 1 => {
            writes.iter().flat_map(|write| commit_all(writer, slice::from_ref(write))).collect()
        }
        Err(error) => writes.iter().map(|_| Err(error.clone())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use lab_runtime::Threads;
    use lab_task::{Change, Outcome, Refusal, TaskId};

    use super::*;

    static QUEUE: LazyLock<Queue<Threads>> = LazyLock::new(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tasks.db");
        Database::<Threads>::create(&path).unwrap();
        // The file is there until it is closed.
        Queue::new(Database::open(&path, None).unwrap())
    });
    static LEADS: AtomicBool = AtomicBool::new(false);

    fn edit() -> Write {
        Write::Edit(TaskId(7), Change::AddMinutes(1))
    }

    /// Panics in a transaction, when two others wait.
    fn panics(writer: &Database<Threads>, _writes: &[Write]) -> Vec<Result<Answer, StoreError>> {
        writer.begin("BEGIN IMMEDIATE").unwrap();
        LEADS.store(true, Ordering::SeqCst);
        while QUEUE.state.lock().waiting.len() < 2 {
            thread::yield_now();
        }
        panic!("as a bug would")
    }

    #[test]
    fn a_writer_that_panics_fails_alone_and_those_who_wait_go_on() {
        let leader = thread::spawn(|| QUEUE.commit_by(edit(), panics));
        while !LEADS.load(Ordering::SeqCst) {
            thread::yield_now();
        }
        let followers = [(); 2].map(|()| thread::spawn(|| QUEUE.commit(edit())));
        assert!(leader.join().is_err());
        for follower in followers {
            let not_found = (TaskId(7), Outcome::Refused(Refusal::NotFound));
            assert_eq!(follower.join().unwrap(), Ok(not_found));
        }
    }
}
