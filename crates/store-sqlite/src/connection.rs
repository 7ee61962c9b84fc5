//! A connection, and the seam in it: what waits for a lock or takes a step asks the runtime.

use std::cell::Cell;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lab_runtime::{Access, Protection, Runtime, Span, lacks};
use lab_store::StoreError;
use parking_lot::{FairMutex, FairMutexGuard};
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use rusqlite::{Connection, MAIN_DB, OpenFlags, TransactionState};

use crate::busy::Lock;
use crate::statement::{WAITS_MAX, execute};
use crate::{busy, failure, schema, spanned};

/// There is one database, and any two of its statements may meet.
const DATABASE: u64 = 0;

/// BEGIN DEFERRED takes no lock and sees nothing yet.
const NOTHING: u64 = 4;

/// One connection to the database of a store.
pub(crate) struct Database<R: Runtime> {
    path: PathBuf,
    connection: Connection,
    /// None where nobody else of this instance writes.
    turn: Option<Turn>,
    /// Whether it is the turn of this connection, for several statements.
    has_turn: Cell<bool>,
    /// What it has of the write lock between its statements, where a scheduler decides.
    lock: Cell<Lock>,
    runtime: PhantomData<fn() -> R>,
}

/// Whose turn it is to write, among the connections of one instance. It protects nothing, SQLite's
/// own lock does; but for that one nobody stands in a line. Whoever finds it taken looks again
/// after a pause, and whoever has just given it back is always there before. So it is handed to
/// whoever has waited longest, and no lock of the runtime: a scheduler lets nobody starve, and what
/// it explores is the lock of SQLite.
pub(crate) type Turn = Arc<FairMutex<()>>;

impl<R: Runtime> Database<R> {
    /// How often an operation that lost a race begins again.
    pub(crate) const ATTEMPTS_MAX: u32 = if lacks::<R>(Protection::Retry) { 1 } else { 1_000 };

    /// What SQLite calls when it finds a lock taken.
    const ON_BUSY: Option<fn(i32) -> bool> =
        if lacks::<R>(Protection::BusyWait) { None } else { Some(on_busy::<R>) };

    /// When a commit is synced.
    const SYNCHRONOUS: &str = if lacks::<R>(Protection::Sync) { "OFF" } else { "FULL" };

    /// Connects, and creates the database where there is none. Only who opens a store does this,
    /// and its statements are nobody's steps.
    pub(crate) fn create(path: &Path) -> Result<Self, StoreError> {
        let database = Self::connect(path, OpenFlags::SQLITE_OPEN_CREATE, None)?;
        schema::create::<R>(&database.connection, path)?;
        Ok(database)
    }

    /// Connects to a database that is there.
    pub(crate) fn open(path: &Path, turn: Option<Turn>) -> Result<Self, StoreError> {
        let database = Self::connect(path, OpenFlags::empty(), turn)?;
        // This look also makes SQLite read the schema. It would do so at the first statement
        // otherwise, and how many steps an operation takes must not depend on which is first.
        schema::check(&database.connection, path)?;
        if R::COOPERATIVE {
            let statements = TraceEventCodes::SQLITE_TRACE_STMT;
            database.connection.trace_v2(statements, Some(on_statement::<R>));
        }
        Ok(database)
    }

    fn connect(path: &Path, create: OpenFlags, turn: Option<Turn>) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | create;
        let file_system = if R::TAKES_TIMES { spanned::of::<R>() } else { None };
        let opened = match &file_system {
            Some(name) => Connection::open_with_flags_and_vfs(path, flags, name.as_c_str()),
            None => Connection::open_with_flags(path, flags),
        };
        let connection = opened.map_err(|error| failure::definite(path, &error))?;
        let (has_turn, lock) = (Cell::default(), Cell::default());
        let database =
            Self { path: path.to_owned(), connection, turn, has_turn, lock, runtime: PhantomData };
        database.read(|connection| {
            connection.busy_handler(Self::ON_BUSY)?;
            connection.pragma_update(None, "synchronous", Self::SYNCHRONOUS)
        })?;
        // SQLite opens what it must not write all the same, and would fail at the first change.
        if database.read(|connection| connection.is_readonly(MAIN_DB))? {
            let why = "it can only be read: make the file and its folder writable";
            return Err(StoreError::unavailable(path.display(), why));
        }
        Ok(database)
    }

    /// Runs statements that commit nothing: if they fail, nothing happened.
    pub(crate) fn read<T>(
        &self,
        statements: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        self.run(statements).map_err(|error| failure::definite(&self.path, &error))
    }

    /// Runs a statement that commits: by itself, or because it is the COMMIT.
    pub(crate) fn write<T>(
        &self,
        statement: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let _turn = self.turn();
        self.run(statement).map_err(|error| failure::in_doubt(&self.path, &error))
    }

    fn run<T>(
        &self,
        statements: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        if !R::COOPERATIVE {
            return R::span(Span::Statement, || statements(&self.connection));
        }
        let is_autocommit = self.connection.is_autocommit();
        busy::begin(&self.path, if is_autocommit { Lock::Auto } else { self.lock.get() });
        let answer = statements(&self.connection);
        let state = self.connection.transaction_state(Some(MAIN_DB));
        self.lock.set(busy::end(state == Ok(TransactionState::Write)));
        answer
    }

    /// Begins a transaction in the way that `sql` says.
    pub(crate) fn begin(&self, sql: &str) -> Result<(), StoreError> {
        if const { lacks::<R>(Protection::Transaction) } {
            return Ok(());
        }
        let is_late = const { lacks::<R>(Protection::WriteLock) };
        let sql = if is_late { "BEGIN DEFERRED" } else { sql };
        self.read(|connection| execute(connection, sql))
    }

    /// Carries out `statements` between `begin` and COMMIT; if they fail, nothing happened.
    pub(crate) fn transaction<T>(
        &self,
        begin: &str,
        statements: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let _turn = self.turn();
        self.begin(begin)?;
        let answer = self.read(statements).inspect_err(|_| self.roll_back())?;
        self.commit()?;
        Ok(answer)
    }

    /// Ends the transaction and keeps what it did.
    pub(crate) fn commit(&self) -> Result<(), StoreError> {
        if const { lacks::<R>(Protection::Transaction) } {
            return Ok(());
        }
        self.write(|connection| execute(connection, "COMMIT")).inspect_err(|_| self.roll_back())
    }

    /// Carries out several statements in one turn: none of this instance writes in between. For
    /// whoever has lost a race once, and would lose it again to those who are quicker.
    pub(crate) fn in_turn<T>(&self, statements: impl FnOnce() -> T) -> T {
        let turn = self.turn();
        self.has_turn.set(turn.is_some());
        let answer = statements();
        self.has_turn.set(false);
        answer
    }

    /// Waits for its turn, unless it has it, as an open transaction does.
    fn turn(&self) -> Option<FairMutexGuard<'_, ()>> {
        let is_in_turn = self.has_turn.get() || !self.connection.is_autocommit();
        let is_first = !R::COOPERATIVE && !is_in_turn;
        let turn = self.turn.as_deref().filter(|_| is_first)?;
        Some(turn.try_lock().unwrap_or_else(|| R::span(Span::Lock, || turn.lock())))
    }

    /// Ends the transaction, if SQLite has not done so yet, and forgets what it did.
    pub(crate) fn roll_back(&self) {
        if !self.connection.is_autocommit() {
            // The caller reports why it rolls back, which matters more than a second failure:
            // the next BEGIN would fail as well and say so.
            let _ = self.run(|connection| execute(connection, "ROLLBACK"));
        }
    }

    /// The error of an operation that lost every race.
    pub(crate) fn contended(&self) -> StoreError {
        StoreError::Contended {
            what: self.path.display().to_string(),
            attempts: Self::ATTEMPTS_MAX,
        }
    }
}

/// SQLite found a lock taken, for the `attempt`th time in one statement. Whether to try again.
fn on_busy<R: Runtime>(attempt: i32) -> bool {
    match u32::try_from(attempt) {
        Ok(_) if R::COOPERATIVE && busy::gives_up() => false,
        Ok(attempt) if attempt < WAITS_MAX => {
            busy::aside(|| R::wait_for_release(attempt));
            true
        }
        _ => false,
    }
}

/// SQLite begins a statement; it has taken no lock for it yet. A panic would not get further than
/// here: rusqlite stops it, because it may not cross the C code below.
fn on_statement<R: Runtime>(event: TraceEvent<'_>) {
    if let TraceEvent::Stmt(_, sql) = event
        && let Some(access) = access(sql)
    {
        busy::step::<R>(access);
    }
}

/// What a statement does, as others see it.
fn access(sql: &str) -> Option<Access<'_>> {
    let mut words = sql.split_ascii_whitespace();
    match (words.next()?, words.next()) {
        // A trigger within a statement comes as a comment, and is no step of its own.
        ("--" | "PRAGMA", _) => None,
        ("BEGIN", Some("DEFERRED")) => Some(Access::read(NOTHING, sql)),
        ("SELECT", _) => Some(Access::read(DATABASE, sql)),
        ("COMMIT" | "ROLLBACK", _) => Some(Access::release(DATABASE, sql)),
        _ => Some(Access::write(DATABASE, sql)),
    }
}

#[cfg(test)]
mod tests {
    use lab_runtime::Kind;

    use super::*;

    #[test]
    fn a_statement_is_known_by_its_first_words() {
        let kind = |sql| access(sql).map(|access| access.kind);
        assert_eq!(kind("SELECT 1"), Some(Kind::Read));
        assert_eq!(kind("BEGIN DEFERRED"), Some(Kind::Read));
        assert_eq!(kind("BEGIN IMMEDIATE"), Some(Kind::Write));
        assert_eq!(kind("UPDATE task SET minutes = 1"), Some(Kind::Write));
        assert_eq!(kind("COMMIT"), Some(Kind::Release));
        assert_eq!(kind("ROLLBACK"), Some(Kind::Release));
        assert_eq!(kind("-- TRIGGER audit"), None);
        assert_eq!(kind("PRAGMA user_version"), None);
    }
}
