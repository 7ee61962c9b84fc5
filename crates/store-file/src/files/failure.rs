//! What an error of the operating system means for an operation, and what to do about it.

use std::io::{Error, ErrorKind};
use std::path::Path;

use lab_store::StoreError;

/// `error` came before anything had changed that others can see.
pub(crate) fn definite(path: &Path, error: &Error) -> StoreError {
    StoreError::unavailable(path.display(), why(error))
}

/// `error` came when the change was under way.
pub(crate) fn indefinite(path: &Path, error: &Error) -> StoreError {
    StoreError::indefinite(path.display(), why(error))
}

fn why(error: &Error) -> String {
    let next_step = match error.kind() {
        ErrorKind::NotFound => "create the folder, or name another one",
        ErrorKind::PermissionDenied => "let this user write to the folder and its files",
        ErrorKind::ReadOnlyFilesystem => "mount the file system writable, or name another folder",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "free some space and try again",
        _ => return error.to_string(),
    };
    format!("{error}; {next_step}")
}
