//! What an error of the operating system means for an operation, and what to do about it.

use std::fs::File;
use std::io::{Error, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use lab_store::StoreError;

/// `error` came before anything had changed that others can see.
pub(crate) fn definite(path: &Path, error: &Error) -> StoreError {
    StoreError::unavailable(path.display(), why(error))
}

/// Says so if the open `file` has no name any more: somebody removed it, and whatever is written or
/// locked there from now on is seen by nobody else, and gone when the program ends.
pub(crate) fn check_not_removed(path: &Path, file: &File) -> Result<(), StoreError> {
    let found = file.metadata().map_err(|error| definite(path, &error))?;
    if found.nlink() > 0 {
        return Ok(());
    }
    let why = "it was removed while the store was open; close the store, put the file back from a \
               backup if there were tasks, and open it again";
    Err(StoreError::unavailable(path.display(), why))
}

/// `error` came when the change was under way.
pub(crate) fn indefinite(path: &Path, error: &Error) -> StoreError {
    StoreError::indefinite(path.display(), why(error))
}

fn why(error: &Error) -> String {
    let next_step = match error.kind() {
        ErrorKind::NotFound => "create the folder, or name another one",
        ErrorKind::IsADirectory => "move the folder of this name away",
        ErrorKind::PermissionDenied => "let this user write to the folder and its files",
        ErrorKind::ReadOnlyFilesystem => "mount the file system writable, or name another folder",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "free some space and try again",
        _ => return error.to_string(),
    };
    format!("{error}; {next_step}")
}
