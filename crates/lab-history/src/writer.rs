//! Writes a history as JSON lines.

use std::io::{self, Write};

use crate::Event;
use crate::json::{self, Header};

const BUFFER_BYTES: usize = 64 << 10;

/// Writes a header, then event by event.
pub struct Writer<W: Write> {
    to: W,
    text: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Begins a history, of `spec` if that is known.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn new(to: W, spec: Option<&str>) -> io::Result<Self> {
        let mut text = serde_json::to_vec(&Header::new(spec))?;
        text.push(b'\n');
        Ok(Self { to, text })
    }

    /// Writes the next event.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&mut self, event: &Event) -> io::Result<()> {
        json::write(event, &mut self.text)?;
        if self.text.len() < BUFFER_BYTES {
            return Ok(());
        }
        self.write_out()
    }

    /// Writes what is still held back, and gives back where it was written to.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.write_out()?;
        self.to.flush()?;
        Ok(self.to)
    }

    fn write_out(&mut self) -> io::Result<()> {
        self.to.write_all(&self.text)?;
        self.text.clear();
        Ok(())
    }
}
