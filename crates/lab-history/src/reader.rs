//! Reads a history event by event, whatever it is written in.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use crate::error::Trouble;
use crate::json::{self, Header};
use crate::order::Order;
use crate::records::{Records, Stop};
use crate::{Event, HistoryError, jepsen};

const BUFFER_BYTES: usize = 256 << 10;

/// What a history is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// This lab's own: a header, then an object a line.
    JsonLines,
    /// Jepsen's maps, one after another or in a vector.
    Edn,
    /// The operations of Jepsen's log, a line each.
    JepsenLog,
}

/// A history that is read event by event; its text is never held as a whole.
///
/// Every event is understood and follows from those before it, or reading ends with an error: a
/// process does one thing at a time, is answered what it asked, and does nothing after an `info`.
pub struct Reader {
    path: String,
    format: Format,
    spec: Option<String>,
    records: Records,
    order: Order,
    left_out: u64,
}

impl Reader {
    /// Opens the file at `path`; what it is written in shows at its beginning.
    ///
    /// # Errors
    /// It cannot be read, or begins as no history does.
    pub fn open(path: &Path) -> Result<Self, HistoryError> {
        let name = path.display().to_string();
        let file =
            File::open(path).map_err(|why| HistoryError::Read { path: name.clone(), why })?;
        Self::new(name, file)
    }

    /// Reads `from`, which errors call `path`.
    ///
    /// # Errors
    /// It cannot be read, or begins as no history does.
    pub fn new(path: impl Into<String>, from: impl Read + 'static) -> Result<Self, HistoryError> {
        let path = path.into();
        let from = Box::new(BufReader::with_capacity(BUFFER_BYTES, from));
        let (records, look) =
            Records::new(from).map_err(|why| HistoryError::Read { path: path.clone(), why })?;
        let format = format(&look).map_err(|trouble| trouble.at(&path, 1))?;
        let order = Order::default();
        let mut reader = Self { path, format, spec: None, records, order, left_out: 0 };
        reader.read_header()?;
        Ok(reader)
    }

    /// What it is written in.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The path or the name that errors have.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The name of the specification, where the header has one.
    pub fn spec(&self) -> Option<&str> {
        self.spec.as_deref()
    }

    /// The line of the event that was read last.
    pub fn line(&self) -> u64 {
        self.records.line
    }

    /// How many steps of others than clients were read and left out so far.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Reads the next event over the one that `event` holds; `false` at the end.
    ///
    /// # Errors
    /// The path, the line, the cause, and what to do about it.
    pub fn read(&mut self, event: &mut Event) -> Result<bool, HistoryError> {
        while self.next_record()? {
            let bytes = &self.records.bytes;
            let by_client = match self.format {
                Format::JsonLines => json::read(bytes, event).map(|()| true),
                Format::Edn => jepsen::read_map(bytes, event),
                Format::JepsenLog => jepsen::read_log_line(bytes, event),
            };
            let line = self.records.line;
            if by_client.map_err(|trouble| trouble.at(&self.path, line))? {
                let taken = self.order.take(event, line);
                return taken.map(|()| true).map_err(|trouble| trouble.at(&self.path, line));
            }
            self.left_out += 1;
        }
        if self.order.events() > 0 {
            return Ok(false);
        }
        Err(HistoryError::Empty { path: self.path.clone() })
    }

    /// Reads every event into memory: for short histories.
    ///
    /// # Errors
    /// As [`Reader::read`].
    pub fn read_all(mut self) -> Result<Vec<Event>, HistoryError> {
        let mut events = Vec::new();
        let mut event = Event::default();
        while self.read(&mut event)? {
            events.push(std::mem::take(&mut event));
        }
        Ok(events)
    }

    fn read_header(&mut self) -> Result<(), HistoryError> {
        if self.format == Format::JsonLines && self.next_record()? {
            let header = Header::read(&self.records.bytes);
            let header = header.map_err(|trouble| trouble.at(&self.path, self.records.line))?;
            self.spec = header.spec.map(|spec| spec.into_owned());
        }
        Ok(())
    }

    fn next_record(&mut self) -> Result<bool, HistoryError> {
        let next = match self.format {
            Format::JsonLines | Format::JepsenLog => self.records.next_line(),
            Format::Edn => self.records.next_map(),
        };
        next.map_err(|stop| match stop {
            Stop::Io(why) => HistoryError::Read { path: self.path.clone(), why },
            Stop::At(line, cause) => Trouble::new(cause, NO_EVENT).at(&self.path, line),
        })
    }
}

const NO_EVENT: &str = "every event is a line or a map of its own";

/// What begins like this is written in.
fn format(look: &[u8]) -> Result<Format, Trouble> {
    let mut marks = look.iter().filter(|byte| !byte.is_ascii_whitespace() && **byte != b',');
    match (marks.next(), marks.next(), marks.next()) {
        (Some(b'{'), Some(b'"'), _) => Ok(Format::JsonLines),
        (Some(b'['), Some(b'{'), Some(b'"')) => {
            let remedy = r#"write an object a line, after the line {"racelab_history":1}"#;
            Err(Trouble::new("an array of JSON", remedy))
        }
        (Some(b'{' | b'[' | b'#' | b';'), _, _) => Ok(Format::Edn),
        _ => Ok(Format::JepsenLog),
    }
}
