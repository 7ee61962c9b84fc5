//! SQLITE_BUSY as a choice of the scheduler: the lab takes the write lock through a connection of
//! its own just before a statement wants it, and the statement does not wait. The error is
//! SQLite's own.

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::time::Duration;

use lab_runtime::{Access, Fault, Kind, Runtime};
use rusqlite::Connection;

/// What this thread's connection has of the write lock, as its statements tell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lock {
    /// Outside of a transaction: each statement takes and returns it.
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

thread_local! {
    static PLACE: RefCell<PathBuf> = RefCell::default();
    static LOCK: Cell<Lock> = const { Cell::new(Lock::Auto) };
    static IS_STRUCK: Cell<bool> = const { Cell::new(false) };
    static KEEPER: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

/// The statements of this thread from here on are for the database at `path`.
pub(crate) fn at(path: &Path, is_autocommit: bool) {
    PLACE.with_borrow_mut(|place| {
        if place != path {
            path.clone_into(place);
        }
    });
    if is_autocommit {
        LOCK.set(Lock::Auto);
    }
}

/// The statements of a transaction are carried out; whether it has the write lock now. One that was
/// refused it has not.
pub(crate) fn after(has_lock: bool) {
    match (LOCK.get(), has_lock) {
        (Lock::Auto, _) => {}
        (_, true) => LOCK.set(Lock::Held),
        (Lock::Held, false) => LOCK.set(Lock::Read),
        (Lock::NotYet | Lock::Read, false) => {}
    }
}

/// A statement comes next: takes the step, and where the scheduler says so the lock.
pub(crate) fn step<R: Runtime>(access: Access<'_>) {
    let_go();
    let wants_lock = access.kind == Kind::Write && LOCK.get() != Lock::Held;
    let object = match (access.kind, LOCK.get()) {
        (Kind::Write, Lock::Held) => UNSEEN,
        (Kind::Read, Lock::Read | Lock::Held) => SNAPSHOT,
        (Kind::Release, Lock::NotYet | Lock::Read) => LOOK,
        _ => access.object,
    };
    let access = Access { object, ..access };
    let sql = access.label;
    let fault = match wants_lock {
        true => R::fallible_point(access, &[Fault::Busy]),
        false => {
            R::point(access);
            None
        }
    };
    if fault.is_some() {
        IS_STRUCK.set(true);
        KEEPER.set(PLACE.with_borrow(|place| keep(place)));
    } else {
        LOCK.set(lock_after(sql, wants_lock));
    }
}

/// Whether the statement that waits for a lock has to give up.
pub(crate) fn gives_up() -> bool {
    let is_struck = IS_STRUCK.get();
    let_go();
    is_struck
}

/// Gives the lock back, if the lab has it.
pub(crate) fn let_go() {
    IS_STRUCK.set(false);
    KEEPER.set(None);
}

/// A connection that has the write lock; `None` where somebody else has it, which will do.
fn keep(place: &Path) -> Option<Connection> {
    let keeper = Connection::open(place).ok()?;
    keeper.busy_timeout(Duration::ZERO).ok()?;
    keeper.execute_batch("BEGIN IMMEDIATE").ok()?;
    Some(keeper)
}

fn lock_after(sql: &str, wants_lock: bool) -> Lock {
    let mut words = sql.split_ascii_whitespace();
    match (words.next(), words.next(), LOCK.get()) {
        (Some("BEGIN"), Some("IMMEDIATE"), _) => Lock::Held,
        (Some("BEGIN"), ..) => Lock::NotYet,
        (Some("COMMIT" | "ROLLBACK"), ..) => Lock::Auto,
        (_, _, Lock::NotYet | Lock::Read) if wants_lock => Lock::Held,
        (Some("SELECT"), _, Lock::NotYet) => Lock::Read,
        (_, _, lock) => lock,
    }
}
