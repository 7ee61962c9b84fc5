//! How fast histories are read, in each form that there is a reader for.

use std::fmt::Write;
use std::io::Cursor;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use lab_history::{Event, Format, Kind, Reader, Writer};
use serde_json::Value;

const OPERATIONS: u64 = 100_000;
const CLIENTS: u64 = 8;
const ROUNDS: usize = 5;

/// A table of the readers on one history: a register that 8 clients write and read in turn.
///
/// # Errors
/// A reader does not give the history back.
pub fn readers() -> Result<String> {
    let events = events();
    let mut text = format!(
        "### readers\n\n{OPERATIONS} operations on one register, {CLIENTS} clients, from memory to \
         events\n\n| form | median | MB/s | operations/s |\n|---|--:|--:|--:|\n"
    );
    for (format, bytes) in [
        (Format::JsonLines, json_lines(&events)?),
        (Format::Edn, each_line(&events, edn)),
        (Format::JepsenLog, each_line(&events, log)),
    ] {
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            times.push(timed(format, &bytes, events.len())?);
        }
        times.sort_unstable();
        let (median, form) = (times[ROUNDS / 2], name(format));
        let (mb_per_s, per_s) = (bytes.len() as f64 / 1e6, OPERATIONS as f64);
        let [mb_per_s, per_s] = [mb_per_s, per_s].map(|amount| amount / median.as_secs_f64());
        // Writing to a string does not fail.
        let _ = writeln!(text, "| {form} | {median:.1?} | {mb_per_s:.0} | {per_s:.0} |");
    }
    Ok(text + "\n")
}

fn timed(format: Format, bytes: &[u8], events: usize) -> Result<Duration> {
    let bytes = bytes.to_vec();
    let begun = Instant::now();
    let mut reader = Reader::new("bench", Cursor::new(bytes))?;
    let (mut event, mut count) = (Event::default(), 0);
    while reader.read(&mut event)? {
        count += 1;
    }
    let time = begun.elapsed();
    if reader.format() != format || count != events {
        bail!("{}: {count} events were read and not {events}", name(format));
    }
    Ok(time)
}

fn name(format: Format) -> &'static str {
    match format {
        Format::JsonLines => "JSON lines",
        Format::Edn => "EDN",
        Format::JepsenLog => "Jepsen's log",
    }
}

/// Each client is answered when the others have asked: all of them overlap.
fn events() -> Vec<Event> {
    let event = |operation: u64, kind| {
        let is_write = operation.is_multiple_of(2);
        let is_known = is_write || kind == Kind::Ok;
        Event {
            process: operation % CLIENTS,
            kind,
            function: if is_write { "write" } else { "read" }.to_owned(),
            key: None,
            value: if is_known { Value::from(operation / 2) } else { Value::Null },
            time_ns: None,
        }
    };
    let mut events = Vec::new();
    for first in (0..OPERATIONS).step_by(CLIENTS as usize) {
        for kind in [Kind::Invoke, Kind::Ok] {
            events.extend((first..first + CLIENTS).map(|operation| event(operation, kind)));
        }
    }
    events
}

fn json_lines(events: &[Event]) -> Result<Vec<u8>> {
    let mut writer = Writer::new(Vec::new(), Some("register"))?;
    for event in events {
        writer.write(event)?;
    }
    Ok(writer.finish()?)
}

fn each_line(events: &[Event], line: impl Fn(&Event) -> String) -> Vec<u8> {
    events.iter().map(line).collect::<String>().into_bytes()
}

fn edn(event: &Event) -> String {
    let Event { process, function, .. } = event;
    let (kind, value) = (kind(event), value(event));
    format!("{{:process {process}, :type :{kind}, :f :{function}, :value {value}}}\n")
}

fn log(event: &Event) -> String {
    let Event { process, function, .. } = event;
    let (kind, value) = (kind(event), value(event));
    format!("INFO  jepsen.util - {process}\t:{kind}\t:{function}\t{value}\n")
}

fn kind(event: &Event) -> &'static str {
    if event.kind == Kind::Invoke { "invoke" } else { "ok" }
}

fn value(event: &Event) -> String {
    if event.value.is_null() { "nil".to_owned() } else { event.value.to_string() }
}
