//! What every reader must keep, whatever it is given.

use std::io::Cursor;
use std::time::Duration;

use lab_check::Budget;
use lab_history::{Event, Format, HistoryError, Reader, TaskEvents, Writer};
use lab_order::{
    Core, OrderChecker, TransactionsBuilder, Values, check_transactions, verify_serial,
};

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
    let Ok(events) = events(bytes) else {
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

fn events(bytes: &[u8]) -> Result<Vec<Event>, HistoryError> {
    let bytes = [HEADER.as_bytes(), bytes].concat();
    Reader::new("fuzz", Cursor::new(bytes)).and_then(Reader::read_all)
}

/// Reads `bytes` as what a task store was asked and answered, and checks it. Each event ends with
/// an error or with records, the checker takes or refuses each of these, and finds a core for
/// whatever it names.
///
/// # Panics
/// Where the reader or the checker breaks that.
pub fn reads_tasks(bytes: &[u8]) {
    let Ok(events) = events(bytes) else {
        return;
    };
    let (mut reading, mut checker) = (TaskEvents::new(), OrderChecker::new());
    let mut records = Vec::new();
    for (place, event) in (1..).zip(&events) {
        if reading.take(event, place, &mut records).is_err() {
            return;
        }
        if records.drain(..).any(|record| checker.push(&record).is_err()) {
            return;
        }
        checker.settle(reading.first_open().unwrap_or(place));
    }
    if reading.finish().any(|record| checker.push(&record).is_err()) {
        return;
    }
    for finding in checker.finish().0.iter() {
        assert!(!Core::of(finding).steps.is_empty(), "{finding:?}");
    }
}
