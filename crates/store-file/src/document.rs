//! The JSON document that a table of tasks is in a file.

use std::io::{self, Write};
use std::mem;

use lab_runtime::{Runtime, Span};
use lab_store::{StoreError, Table};
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::files::Files;

/// The document's file.
pub(crate) const TASKS: &str = "tasks.json";

/// What a session knows of the document. While the file has the text that it saw or wrote last, it
/// has the table as well, and parses nothing: to compare is thirty times faster.
#[derive(Default)]
pub(crate) struct Document {
    text: Option<Vec<u8>>,
    pub(crate) table: Table,
}

impl Document {
    /// Looks at the file, which is read anew each time.
    pub(crate) fn read<R: Runtime>(&mut self, files: &Files<R>) -> Result<&Table, StoreError> {
        let text = files.read(TASKS)?;
        if text != self.text {
            self.table = parse(files, text.as_deref())?;
            self.text = text;
        }
        Ok(&self.table)
    }

    /// The text in the file, `None` where there is no file yet.
    pub(crate) fn text(&self) -> Option<&[u8]> {
        self.text.as_deref()
    }

    /// The text that is to be written, if the table was changed.
    pub(crate) fn new_text<R: Runtime>(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.table.is_changed().then(|| print::<R>(&self.table)).transpose()
    }

    /// `text` is in the file, and means the table.
    pub(crate) fn is_written(&mut self, text: Vec<u8>) {
        self.text = Some(text);
        self.table.written();
    }

    /// Changes the table and replaces the file durably. If that fails, nothing is known any more.
    pub(crate) fn replace<R: Runtime, T>(
        &mut self,
        files: &Files<R>,
        change: impl FnOnce(&mut Table) -> T,
    ) -> Result<T, StoreError> {
        let mut document = mem::take(self);
        let answer = change(&mut document.table);
        if let Some(text) = document.new_text::<R>()? {
            files.replace_durably(TASKS, &text)?;
            document.is_written(text);
        }
        *self = document;
        Ok(answer)
    }
}

/// Reads the table; a file that is not there yet is an empty one.
pub(crate) fn read<R: Runtime>(files: &Files<R>) -> Result<Table, StoreError> {
    parse(files, files.read(TASKS)?.as_deref())
}

/// The table that the document's bytes mean, `None` where there is no file yet.
fn parse<R: Runtime>(files: &Files<R>, bytes: Option<&[u8]>) -> Result<Table, StoreError> {
    let Some(bytes) = bytes else {
        return Ok(Table::default());
    };
    R::span(Span::Serialise, || serde_json::from_slice(bytes)).map_err(|error| {
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
pub(crate) fn print<R: Runtime>(table: &Table) -> Result<Vec<u8>, StoreError> {
    R::span(Span::Serialise, || text(table))
}

fn text(table: &Table) -> Result<Vec<u8>, StoreError> {
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
