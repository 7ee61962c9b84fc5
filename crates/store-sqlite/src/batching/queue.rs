//! The changes that wait, and the connection that commits them.

use std::collections::HashMap;
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
        let mut state = self.state.lock();
        state.tickets += 1;
        let ticket = state.tickets;
        state.waiting.push((ticket, write));
        loop {
            if let Some(answer) = state.answers.remove(&ticket) {
                return answer;
            }
            state = match state.writer.take() {
                Some(writer) => self.lead(state, writer),
                None => self.answered.wait::<State<R>>(state),
            };
        }
    }

    /// Commits everything that waits, in the name of all who wait.
    fn lead<'a>(
        &'a self,
        mut state: Guard<'a, R, State<R>>,
        writer: Database<R>,
    ) -> Guard<'a, R, State<R>> {
        let (tickets, writes): (Vec<u64>, Vec<Write>) =
            mem::take(&mut state.waiting).into_iter().unzip();
        drop(state);
        let answers = commit_all(&writer, &writes);
        let mut state = self.state.lock();
        state.answers.extend(tickets.into_iter().zip(answers));
        state.writer = Some(writer);
        self.answered.notify_all();
        state
    }
}

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
