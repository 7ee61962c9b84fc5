//! What every reader must keep, whatever it is given.

use std::io::Cursor;
use std::time::Duration;

use lab_check::Budget;
use lab_history::{Format, Reader, Writer};
use lab_order::{TransactionsBuilder, Values, check_transactions, verify_serial};

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

/// The header of JSON lines.
const HEADER: &str = "{\"racelab_history\":1}\n";
const BUDGET: Budget = Budget { time: Duration::from_millis(100), memory_bytes: 1 << 24 };

/// Reads `bytes` as transactions over keys that hold `values`. Reading ends with an error or with
/// transactions, and an order that is said to explain them does.
///
/// # Panics
/// Where the reader or the check breaks that.
pub fn reads_transactions(bytes: &[u8], values: Values) {
    let bytes = [HEADER.as_bytes(), bytes].concat();
    let Ok(events) = Reader::new("fuzz", Cursor::new(bytes)).and_then(Reader::read_all) else {
        return;
    };
    let mut builder = TransactionsBuilder::new(values);
    if events.iter().any(|event| builder.push(event).is_err()) {
        return;
    }
    let transactions = builder.finish();
    let isolation = check_transactions(&transactions, BUDGET);
    if let Some(order) = isolation.order {
        assert_eq!(verify_serial(&transactions, &order), Ok(()));
    }
}
