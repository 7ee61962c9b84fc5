//! The database: its one table, and the marks by which a store knows its own.

use std::path::Path;

use lab_runtime::Runtime;
use lab_store::StoreError;
use rusqlite::{Connection, ErrorCode};

use crate::failure;
use crate::statement::{WAITS_MAX, execute};

/// "race" in ASCII, where SQLite has room for a number that says whose a database is.
const APPLICATION_ID: i32 = 0x7261_6365;

/// Counts the changes of the schema.
const SCHEMA_VERSION: i32 = 1;

/// AUTOINCREMENT is what keeps an id from being given again after its task was deleted.
const TABLE: &str = "
CREATE TABLE task (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('todo', 'in_progress', 'done')),
    minutes INTEGER NOT NULL CHECK (minutes BETWEEN 0 AND 4294967295),
    version INTEGER NOT NULL CHECK (version >= 1),
    idempotency_key TEXT UNIQUE
) STRICT";

/// One statement, so that the three are of one moment.
const MARKS: &str = "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema) \
                     FROM pragma_application_id, pragma_user_version";

/// Makes an empty database one of ours; one of ours stays as it is. Two may do this at once.
pub(crate) fn create<R: Runtime>(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    // Looks before it touches anything: somebody else's database is left as it is.
    if marks(connection, path)? != Marks::EMPTY {
        check(connection, path)?;
    }
    write_ahead::<R>(connection, path)?;
    let created = create_table(connection);
    if !connection.is_autocommit() {
        execute(connection, "ROLLBACK").map_err(|error| failure::definite(path, &error))?;
    }
    created.map_err(|error| failure::in_doubt(path, &error))?;
    check(connection, path)
}

/// Says what is wrong with a database that is not one of ours.
pub(crate) fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let found = marks(connection, path)?;
    let why = match found {
        Marks { application_id: APPLICATION_ID, schema_version: SCHEMA_VERSION, .. } => {
            return Ok(());
        }
        Marks { application_id: APPLICATION_ID, schema_version, .. } => format!(
            "its schema has version {schema_version} and this program knows {SCHEMA_VERSION}: \
             use the program that wrote it"
        ),
        Marks::EMPTY => {
            "it is an empty database: the tasks are gone; restore a copy of it, or open \
                         the store again to begin without tasks"
                .to_owned()
        }
        Marks { application_id, .. } => format!(
            "it is the database of another program (application id {application_id}) and was \
             left as it is: choose another folder"
        ),
    };
    Err(StoreError::corrupt(path.display(), why))
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Marks {
    application_id: i32,
    schema_version: i32,
    tables: i64,
}

impl Marks {
    const EMPTY: Self = Self { application_id: 0, schema_version: 0, tables: 0 };
}

fn marks(connection: &Connection, path: &Path) -> Result<Marks, StoreError> {
    connection
        .query_one(MARKS, [], |row| {
            Ok(Marks {
                application_id: row.get(0)?,
                schema_version: row.get(1)?,
                tables: row.get(2)?,
            })
        })
        .map_err(|error| failure::definite(path, &error))
}

/// Turns the write-ahead log on. SQLite calls no busy handler here: it reads the mode first, and
/// two that hold a read lock and wait for each other's end would wait for ever.
fn write_ahead<R: Runtime>(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let mut attempt = 0;
    loop {
        let set = connection
            .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
        match set {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => {
                let why = format!("its folder allows no write-ahead log, only {mode:?}");
                return Err(StoreError::unavailable(path.display(), why));
            }
            Err(error) if is_busy(&error) && attempt < WAITS_MAX => {
                R::wait_for_release(attempt);
                attempt += 1;
            }
            Err(error) => return Err(failure::definite(path, &error)),
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

/// All or nothing; and nothing if another instance was faster.
fn create_table(connection: &Connection) -> rusqlite::Result<()> {
    execute(connection, "BEGIN IMMEDIATE")?;
    let tables: i64 =
        connection.query_one("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 {
        execute(connection, TABLE)?;
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        connection.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    }
    execute(connection, "COMMIT")
}
