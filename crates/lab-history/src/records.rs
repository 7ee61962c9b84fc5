//! A file as records, one at a time: lines, or the maps of an EDN file wherever they end.

use std::io::{self, BufRead, Cursor, Read};

/// What no record needs, so that a file that is no history is not held in memory.
const RECORD_BYTES_MAX: u64 = 64 << 20;
/// So much of the first line that is not blank tells what a file is.
const LOOK_BYTES_MAX: u64 = 4096;
/// Some editors begin a file with it; it says nothing that UTF-8 does not.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The records of a file, with the lines at which they begin.
pub(crate) struct Records {
    from: Box<dyn BufRead>,
    /// The record that was read last.
    pub(crate) bytes: Vec<u8>,
    /// Where it begins.
    pub(crate) line: u64,
    line_next: u64,
    is_in_vector: bool,
}

/// Why there is no next record.
pub(crate) enum Stop {
    Io(io::Error),
    /// The cause, at a line.
    At(u64, &'static str),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Records {
    /// The records of `from`, and how its first line that is not blank begins.
    pub(crate) fn new(mut from: Box<dyn BufRead>) -> io::Result<(Self, Vec<u8>)> {
        let mut start = Vec::new();
        let mut looked_at = 0;
        while start[looked_at..].trim_ascii().is_empty() {
            looked_at = start.len();
            if from.by_ref().take(LOOK_BYTES_MAX).read_until(b'\n', &mut start)? == 0 {
                break;
            }
            if start.starts_with(BYTE_ORDER_MARK) {
                start.drain(..BYTE_ORDER_MARK.len());
            }
        }
        let look = start[looked_at..].trim_ascii().to_vec();
        let from = Box::new(Cursor::new(start).chain(from));
        Ok((Self { from, bytes: Vec::new(), line: 0, line_next: 1, is_in_vector: false }, look))
    }

    /// Reads the next line that is not blank, without what ends it.
    pub(crate) fn next_line(&mut self) -> Result<bool, Stop> {
        loop {
            self.bytes.clear();
            let mut from = self.from.by_ref().take(RECORD_BYTES_MAX);
            let count = from.read_until(b'\n', &mut self.bytes)?;
            if count == 0 {
                return Ok(false);
            }
            self.line = self.line_next;
            if count as u64 == RECORD_BYTES_MAX {
                return Err(Stop::At(self.line, "the line is longer than 64 MiB"));
            }
            self.line_next += 1;
            let length = self.bytes.trim_ascii_end().len();
            self.bytes.truncate(length);
            if length > 0 {
                return Ok(true);
            }
        }
    }

    /// Reads the next map of an EDN file, with the tag before it; the maps may stand in a vector.
    pub(crate) fn next_map(&mut self) -> Result<bool, Stop> {
        self.bytes.clear();
        let Some(first) = self.skip_to_map()? else {
            return Ok(false);
        };
        self.line = self.line_next;
        let mut scan = Scan::default();
        scan.take(first);
        self.bytes.push(first);
        while !scan.is_complete {
            let chunk = self.from.fill_buf()?;
            if chunk.is_empty() {
                return Err(Stop::At(self.line, "the file ends within this map"));
            }
            let end = chunk.iter().position(|byte| {
                scan.take(*byte);
                scan.is_complete
            });
            let used = end.map_or(chunk.len(), |last| last + 1);
            self.bytes.extend_from_slice(&chunk[..used]);
            self.from.consume(used);
            if self.bytes.len() as u64 > RECORD_BYTES_MAX {
                return Err(Stop::At(self.line, "the map is longer than 64 MiB"));
            }
        }
        self.line_next += scan.newlines;
        Ok(true)
    }

    /// Goes over blanks, comments and the brackets of the one vector; takes the byte that begins a
    /// map or its tag.
    fn skip_to_map(&mut self) -> Result<Option<u8>, Stop> {
        let mut is_at_start = self.line == 0 && !self.is_in_vector;
        let mut is_comment = false;
        loop {
            let Some(&byte) = self.from.fill_buf()?.first() else {
                let open = Stop::At(self.line_next, "the file ends before its vector does");
                return if self.is_in_vector { Err(open) } else { Ok(None) };
            };
            self.from.consume(1);
            match byte {
                b'\n' => {
                    self.line_next += 1;
                    is_comment = false;
                }
                _ if is_comment || byte == b',' || byte.is_ascii_whitespace() => {}
                b';' => is_comment = true,
                b'{' | b'#' => return Ok(Some(byte)),
                b'[' if is_at_start => {
                    is_at_start = false;
                    self.is_in_vector = true;
                }
                b']' if self.is_in_vector => self.is_in_vector = false,
                _ => return Err(Stop::At(self.line_next, "something else than a map")),
            }
        }
    }
}

/// How far a map of EDN has come.
#[derive(Default)]
struct Scan {
    depth: usize,
    inside: Inside,
    newlines: u64,
    is_complete: bool,
}

#[derive(Default, PartialEq)]
enum Inside {
    #[default]
    Data,
    Text,
    /// After a backslash in a text.
    Escape,
    /// After a backslash outside: a letter follows that is no bracket and no quote.
    Letter,
    Comment,
}

impl Scan {
    #[inline]
    fn take(&mut self, byte: u8) {
        if byte == b'\n' {
            self.newlines += 1;
        }
        match self.inside {
            Inside::Data => self.take_data(byte),
            Inside::Text if byte == b'"' => self.inside = Inside::Data,
            Inside::Text if byte == b'\\' => self.inside = Inside::Escape,
            Inside::Escape => self.inside = Inside::Text,
            Inside::Letter => self.inside = Inside::Data,
            Inside::Comment if byte == b'\n' => self.inside = Inside::Data,
            Inside::Text | Inside::Comment => {}
        }
    }

    fn take_data(&mut self, byte: u8) {
        match byte {
            b'{' | b'[' | b'(' => self.depth += 1,
            b'}' | b']' | b')' => {
                self.depth = self.depth.saturating_sub(1);
                self.is_complete = self.depth == 0;
            }
            b'"' => self.inside = Inside::Text,
            b'\\' => self.inside = Inside::Letter,
            b';' => self.inside = Inside::Comment,
            _ => {}
        }
    }
}
