//! What every reader must keep, whatever it is given.

use std::io::Cursor;

use lab_history::{Format, Reader, Writer};

/// Reads `bytes` after `start`, which makes them `format`. Reading ends with an error or with
/// events, and events that are written read back as they were.
///
/// # Panics
/// Where a reader breaks that.
pub fn reads(start: &str, bytes: &[u8], format: Format) {
    let bytes = [start.as_bytes(), bytes].concat();
    let Ok(reader) = Reader::new("fuzz", Cursor::new(bytes)) else {
        return;
    };
    assert_eq!(reader.format(), format);
    let Ok(events) = reader.read_all() else {
        return;
    };
    let mut writer = Writer::new(Vec::new(), None).expect("memory can be written");
    for event in &events {
        writer.write(event).expect("memory can be written");
    }
    let written = writer.finish().expect("memory can be written");
    let again = Reader::new("fuzz", Cursor::new(written)).and_then(Reader::read_all);
    assert_eq!(again.expect("what was written reads back"), events);
}
