//! What SQLite's errors mean for an operation: whether it happened, and what to do about it.

use std::path::Path;

use lab_store::StoreError;
use rusqlite::ffi::{self, ErrorCode};

/// The error of a statement that commits nothing.
pub(crate) fn definite(path: &Path, error: &rusqlite::Error) -> StoreError {
    let place = path.display();
    match told(path, error) {
        Some(certain) => certain,
        None => StoreError::unavailable(place, message(error)),
    }
}

/// The error of a statement that commits. SQLite undoes a change that it refuses. But where the
/// disk failed under it, the commit may have reached the log: its next reader decides.
pub(crate) fn in_doubt(path: &Path, error: &rusqlite::Error) -> StoreError {
    match told(path, error) {
        Some(certain) => certain,
        None => StoreError::indefinite(path.display(), message(error)),
    }
}

/// The errors that leave no doubt, wherever they come up: nothing happened.
fn told(path: &Path, error: &rusqlite::Error) -> Option<StoreError> {
    if let rusqlite::Error::FromSqlConversionFailure(_, _, cause) = error {
        return Some(StoreError::corrupt(path.display(), cause));
    }
    let place = path.display();
    let message = message(error);
    let with = |next_step: &str| format!("{message}: {next_step}");
    let sqlite_error = error.sqlite_error()?;
    Some(match sqlite_error.code {
        ErrorCode::DatabaseBusy if sqlite_error.extended_code == ffi::SQLITE_BUSY_SNAPSHOT => {
            let why = "somebody else has committed since this transaction read: begin it again";
            StoreError::unavailable(place, why)
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::unavailable(
            place,
            with("another connection keeps its lock; look for a transaction that was left open"),
        ),
        ErrorCode::DiskFull => {
            StoreError::unavailable(place, with("make room on the disk and try again"))
        }
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
            StoreError::unavailable(place, with("make the file and its folder writable"))
        }
        ErrorCode::CannotOpen => StoreError::unavailable(
            place,
            with("look whether its folder is there and can be written"),
        ),
        ErrorCode::NotADatabase => {
            StoreError::corrupt(place, with("nothing was changed; move it away to begin anew"))
        }
        ErrorCode::DatabaseCorrupt => StoreError::corrupt(
            place,
            with("restore a copy of it, or try the `.recover` of sqlite3"),
        ),
        // A table or a column is missing, or a constraint or a trigger is there that is not ours.
        ErrorCode::Unknown | ErrorCode::ConstraintViolation => {
            StoreError::corrupt(place, with("its schema is not the one that this store created"))
        }
        _ => return None,
    })
}

/// The words of the error, with SQLite's number of an I/O error, which says what failed.
fn message(error: &rusqlite::Error) -> String {
    match (error, error.sqlite_error()) {
        (rusqlite::Error::SqlInputError { msg, .. }, _) => msg.clone(),
        (_, Some(ffi::Error { code: ErrorCode::SystemIoFailure, extended_code })) => {
            format!("disk I/O error ({})", ffi::code_to_str(*extended_code))
        }
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Error;

    use super::*;

    fn failure(extended_code: i32) -> Error {
        Error::SqliteFailure(ffi::Error::new(extended_code), None)
    }

    fn both(extended_code: i32) -> (StoreError, StoreError) {
        let path = Path::new("tasks.db");
        (definite(path, &failure(extended_code)), in_doubt(path, &failure(extended_code)))
    }

    #[test]
    fn an_io_error_leaves_doubt_only_where_something_was_committed() {
        for code in [ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_NOMEM] {
            let (before, at_commit) = both(code);
            assert!(matches!(before, StoreError::Unavailable { .. }), "{before}");
            assert!(matches!(at_commit, StoreError::Indefinite { .. }), "{at_commit}");
        }
    }

    #[test]
    fn a_refused_change_certainly_did_not_happen() {
        let codes = [
            ffi::SQLITE_BUSY,
            ffi::SQLITE_BUSY_SNAPSHOT,
            ffi::SQLITE_FULL,
            ffi::SQLITE_READONLY_DBMOVED,
            ffi::SQLITE_CANTOPEN_ISDIR,
        ];
        for code in codes {
            let (before, at_commit) = both(code);
            assert!(matches!(before, StoreError::Unavailable { .. }), "{before}");
            assert_eq!(before, at_commit);
        }
        for code in [ffi::SQLITE_NOTADB, ffi::SQLITE_CORRUPT_VTAB, ffi::SQLITE_CONSTRAINT_CHECK] {
            let (before, at_commit) = both(code);
            assert!(matches!(before, StoreError::Corrupt { .. }), "{before}");
            assert_eq!(before, at_commit);
        }
    }
}
