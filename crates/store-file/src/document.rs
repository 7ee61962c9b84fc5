//! The JSON document that a table of tasks is in a file.

use std::io::{self, Write};

use lab_runtime::Runtime;
use lab_store::{StoreError, Table};
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

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

/// The bytes of `table`: a line for each task.
///
/// # Errors
/// Nobody could read them again.
pub(crate) fn print(table: &Table) -> Result<Vec<u8>, StoreError> {
    table.check().map_err(|why| StoreError::unavailable("the changed table", why))?;
    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, Lines::default());
    table
        .serialize(&mut serializer)
        .map_err(|error| StoreError::unavailable("the table as JSON", error))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Lines that a person can read and compare, without what indentation costs: each value of an
/// outer array begins one.
#[derive(Default)]
struct Lines {
    arrays: usize,
}

impl Formatter for Lines {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.arrays += 1;
        writer.write_all(b"[")
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        writer.write_all(match (first, self.arrays) {
            (true, 1) => b"\n",
            (false, 1) => b",\n",
            (true, _) => b"",
            (false, _) => b",",
        })
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.arrays -= 1;
        writer.write_all(b"]")
    }
}
