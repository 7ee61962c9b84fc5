//! Group commit: one sync for all that wait.

use std::collections::BTreeMap;
use std::mem;
use std::time::Duration;

use lab_runtime::{Condition, Guard, Lock, Runtime, Span};
use lab_store::{StoreError, Table};

use super::log::Log;

/// How long a leader waits for followers, at most: a small part of what a sync takes.
const FILL: Duration = Duration::from_micros(100);

/// The table, and the journal that it is committed to.
pub(super) struct Group<R: Runtime> {
    state: R::Mutex<State<R>>,
    settled: R::Condvar,
}

struct State<R> {
    table: Table,
    /// With the leader while there is one.
    log: Option<Log<R>>,
    /// What the next leader has to write.
    lines: Vec<u8>,
    /// The last ticket that was given to somebody who waits.
    issued: u64,
    /// The last ticket whose fate is known.
    settled: u64,
    /// How many wait or have just been answered, and may be back in a moment.
    company: u64,
    /// The settled tickets whose changes did not reach the disk.
    failures: BTreeMap<u64, StoreError>,
    /// Why nobody knows any more what the disk holds.
    broken: Option<StoreError>,
}

impl<R: Runtime> Group<R> {
    /// A group that commits to `log`, which means `table`.
    pub(super) fn new(log: Log<R>, table: Table) -> Self {
        let state = State {
            table,
            log: Some(log),
            lines: Vec::new(),
            issued: 0,
            settled: 0,
            company: 0,
            failures: BTreeMap::new(),
            broken: None,
        };
        Self { state: Lock::new(state), settled: Condition::new() }
    }

    /// Carries out an operation, which adds a line for what it changes, and gives its answer
    /// when everything that it saw or changed is on the disk.
    pub(super) fn run<T>(
        &self,
        operate: impl FnOnce(&mut Table, &mut Vec<u8>) -> T,
    ) -> Result<T, StoreError> {
        let mut guard = self.state.lock();
        let state = &mut *guard;
        if let Some(error) = &state.broken {
            return Err(error.clone());
        }
        let answer = operate(&mut state.table, &mut state.lines);
        if !state.lines.is_empty() || state.settled < state.issued {
            self.wait_for_disk(guard)?;
        }
        Ok(answer)
    }

    fn wait_for_disk<'a>(&'a self, mut state: Guard<'a, R, State<R>>) -> Result<(), StoreError> {
        state.issued += 1;
        let ticket = state.issued;
        while state.settled < ticket {
            state = match state.log.take() {
                Some(log) => self.lead(state, log),
                None => self.settled.wait(state),
            };
        }
        state.failures.remove(&ticket).map_or(Ok(()), Err)
    }

    /// Commits everything that waits, in the name of all who wait. Meanwhile others may go on
    /// and add to the next commit.
    fn lead<'a>(
        &'a self,
        state: Guard<'a, R, State<R>>,
        mut log: Log<R>,
    ) -> Guard<'a, R, State<R>> {
        let abandoned = Abandoned(self);
        let mut state = self.fill(state);
        let lines = mem::take(&mut state.lines);
        let (settled, last_ticket) = (state.settled, state.issued);
        let compacted = log.wants_compaction().then(|| R::span(Span::Copy, || state.table.clone()));
        drop(state);
        let committed = match compacted {
            _ if lines.is_empty() => Ok(()),
            Some(table) => log.compact(&table, &lines),
            None => log.commit(&lines),
        };
        let mut state = self.state.lock();
        match committed {
            Ok(()) => state.settled = last_ticket,
            Err(error) => state.fail(&log, &error),
        }
        state.company = state.issued - settled;
        state.log = Some(log);
        mem::forget(abandoned);
        self.settled.notify_all();
        state
    }

    /// Waits a moment, if there are fewer than there were at the last commit. Where they do not
    /// come back, the next leader expects fewer. A scheduler has no moments: it decides itself who
    /// comes before whom.
    fn fill<'a>(&'a self, state: Guard<'a, R, State<R>>) -> Guard<'a, R, State<R>> {
        let company = state.company;
        if R::COOPERATIVE || state.waiting() >= company {
            return state;
        }
        drop(state);
        R::linger(FILL, || self.state.lock().waiting() < company);
        self.state.lock()
    }
}

/// Dropped only if the leader panics: then the others are told, for nobody else has the file.
struct Abandoned<'a, R: Runtime>(&'a Group<R>);

impl<R: Runtime> Drop for Abandoned<'_, R> {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        let error = StoreError::indefinite("the journal", "the client that wrote it panicked");
        state.tell(&error);
        state.stop(&error);
        self.0.settled.notify_all();
    }
}

impl<R: Runtime> State<R> {
    fn waiting(&self) -> u64 {
        self.issued - self.settled
    }

    /// Tells `error` to all who wait, and goes back to the table that the disk has.
    fn fail(&mut self, log: &Log<R>, error: &StoreError) {
        self.tell(error);
        let recovered = if error.is_definite() { log.table() } else { Err(error.clone()) };
        match recovered {
            Ok(table) => self.table = table,
            Err(cause) => self.stop(&cause),
        }
    }

    /// Tells `error` to all who wait, also those who came during the commit, for they saw what
    /// it has not committed.
    fn tell(&mut self, error: &StoreError) {
        self.lines.clear();
        self.failures
            .extend((self.settled + 1..=self.issued).map(|ticket| (ticket, error.clone())));
        self.settled = self.issued;
    }

    fn stop(&mut self, cause: &StoreError) {
        let why = format!("{cause}; close the store and open it again");
        self.broken = Some(StoreError::unavailable("the journal", why));
    }
}
