//! The JSON document that a table of tasks is in a file.

use lab_runtime::Runtime;
use lab_store::{StoreError, Table};

use crate::files::Files;

/// The document's file.
pub(crate) const TASKS: &str = "tasks.json";

/// Reads the table; a file that is not there yet is an empty one.
pub(crate) fn read<R: Runtime>(files: &Files<R>) -> Result<Table, StoreError> {
    parse(files, files.read(TASKS)?.as_deref())
}

/// The table that the document's bytes mean, `None` where there is no file yet.
pub(crate) fn parse<R: Runtime>(
    files: &Files<R>,
    bytes: Option<&[u8]>,
) -> Result<Table, StoreError> {
    let Some(bytes) = bytes else {
        return Ok(Table::default());
    };
    serde_json::from_slice(bytes).map_err(|error| {
        let size = bytes.len();
        let why = format!(
            "expected a whole {{\"last_id\":..,\"tasks\":[..]}}, found {size} bytes with this \
             fault: {error}; restore it from a backup, or move it away to begin without tasks"
        );
        StoreError::corrupt(files.path(TASKS).display(), why)
    })
}

/// The bytes of `table`, in lines that a person can read.
///
/// # Errors
/// Nobody could read them again.
pub(crate) fn print(table: &Table) -> Result<Vec<u8>, StoreError> {
    table.check().map_err(|why| StoreError::unavailable("the changed table", why))?;
    let mut bytes = serde_json::to_vec_pretty(table)
        .map_err(|error| StoreError::unavailable("the table as JSON", error))?;
    bytes.push(b'\n');
    Ok(bytes)
}
