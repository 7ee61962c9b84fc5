//! SQLITE_BUSY as a choice of the scheduler: the lab takes the write lock through a connection of
//! its own just before a statement wants it, and the statement does not wait. The error is
//! SQLite's own.

use std::cell::RefCell;
use std::mem;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lab_runtime::{Access, Fault, Kind, Runtime};
use rusqlite::Connection;

/// What a connection has of the write lock, as its statements tell.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Lock {
    /// Outside of a transaction: each statement takes and returns it.
    #[default]
    Auto,
    /// In a transaction that has not begun to read.
    NotYet,
    /// In a transaction that has read and not written.
    Read,
    /// In a transaction that has it.
    Held,
}

/// What a transaction writes when it has the write lock is nobody else's before its COMMIT.
const UNSEEN: u64 = 1;
/// What it reads after its first look is as it was then.
const SNAPSHOT: u64 = 2;
/// What ends with a transaction that has not got the write lock.
const LOOK: u64 = 3;

/// What a connection has while its statements are carried out.
struct Standing {
    place: PathBuf,
    lock: Lock,
    is_struck: bool,
    keeper: Option<Connection>,
}

thread_local! {
    /// Of the statements that are carried out on this thread: SQLite's callbacks are told nothing
    /// that would lead to it.
    static STANDING: RefCell<Option<Standing>> = const { RefCell::new(None) };
}

/// The statements of this thread from here on are for the database at `path`.
pub(crate) fn begin(path: &Path, lock: Lock) {
    let place = path.to_owned();
    STANDING.set(Some(Standing { place, lock, is_struck: false, keeper: None }));
}

/// The statements are carried out; `has_lock` says whether their transaction has the write lock
/// now. What it has: one that was refused the lock has not got it.
pub(crate) fn end(has_lock: bool) -> Lock {
    let lock = STANDING.take().map_or(Lock::Auto, |standing| standing.lock);
    match (lock, has_lock) {
        (Lock::Auto, _) => Lock::Auto,
        (_, true) => Lock::Held,
        (Lock::Held, false) => Lock::Read,
        (Lock::NotYet | Lock::Read, false) => lock,
    }
}

/// A statement comes next: takes the step, and where the scheduler says so the lock.
pub(crate) fn step<R: Runtime>(access: Access<'_>) {
    let lock = let_go();
    let wants_lock = access.kind == Kind::Write && lock != Lock::Held;
    let (kind, object) = match (access.kind, lock) {
        (Kind::Write, Lock::Held) => (Kind::Write, UNSEEN),
        (Kind::Read, Lock::Read | Lock::Held) => (Kind::Read, SNAPSHOT),
        // Nobody waits for the end of a look: to wake who waits for the lock would have two that
        // were refused wake each other for ever, while whoever has it is not run.
        (Kind::Release, Lock::NotYet | Lock::Read) => (Kind::Read, LOOK),
        (kind, _) => (kind, access.object),
    };
    let access = Access { kind, object, ..access };
    let sql = access.label;
    let fault = aside(|| match wants_lock {
        true => R::fallible_point(access, &[Fault::Busy]),
        false => {
            R::point(access);
            None
        }
    });
    with(|standing| {
        standing.is_struck = fault.is_some();
        standing.keeper = fault.and_then(|_| keep(&standing.place));
        if fault.is_none() {
            standing.lock = lock_after(sql, wants_lock, standing.lock);
        }
    });
}

/// Carries out `waiting`, in which another process may use this thread for statements of its own.
pub(crate) fn aside<T>(waiting: impl FnOnce() -> T) -> T {
    let standing = STANDING.take();
    let value = waiting();
    STANDING.set(standing);
    value
}

/// Whether the statement that waits for a lock has to give up. Then the lab gives the lock back.
pub(crate) fn gives_up() -> bool {
    with(|standing| {
        standing.keeper = None;
        mem::take(&mut standing.is_struck)
    })
}

/// Gives the lock back, if the lab has it; what the connection has.
fn let_go() -> Lock {
    with(|standing| {
        standing.is_struck = false;
        standing.keeper = None;
        standing.lock
    })
}

/// Outside of statements, as where the schema is made, there is nothing to know.
fn with<T: Default>(look: impl FnOnce(&mut Standing) -> T) -> T {
    STANDING.with_borrow_mut(|standing| standing.as_mut().map(look).unwrap_or_default())
}

/// A connection that has the write lock; `None` where somebody else has it, which will do.
fn keep(place: &Path) -> Option<Connection> {
    let keeper = Connection::open(place).ok()?;
    keeper.busy_timeout(Duration::ZERO).ok()?;
    keeper.execute_batch("BEGIN IMMEDIATE").ok()?;
    Some(keeper)
}

fn lock_after(sql: &str, wants_lock: bool, lock: Lock) -> Lock {
    let mut words = sql.split_ascii_whitespace();
    match (words.next(), words.next(), lock) {
        (Some("BEGIN"), Some("IMMEDIATE"), _) => Lock::Held,
        (Some("BEGIN"), ..) => Lock::NotYet,
        (Some("COMMIT" | "ROLLBACK"), ..) => Lock::Auto,
        (_, _, Lock::NotYet | Lock::Read) if wants_lock => Lock::Held,
        (Some("SELECT"), _, Lock::NotYet) => Lock::Read,
        (_, _, lock) => lock,
    }
}
