//! The readers of histories, each on the same one.

use std::io::Cursor;

use anyhow::{Result, ensure};
use lab_history::{Event, Format, Reader, Writer};

use super::{Case, histories};
use crate::only_this_is_counted;

const OPERATIONS: u32 = 1_000;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new("reader JSON lines", || read(Format::JsonLines)),
        Case::new("reader EDN", || read(Format::Edn)),
        Case::new("reader Jepsen's log", || read(Format::JepsenLog)),
    ]
}

fn read(format: Format) -> Result<()> {
    let events = histories::register(OPERATIONS, true);
    let text = match format {
        Format::JsonLines => json_lines(&events)?,
        Format::Edn => events.iter().map(map).collect::<String>().into_bytes(),
        Format::JepsenLog => events.iter().map(log_line).collect::<String>().into_bytes(),
    };
    let count = events.len();
    only_this_is_counted(&mut || {
        let mut reader = Reader::new("a history", Cursor::new(text.clone()))?;
        ensure!(reader.format() == format, "read as {:?}", reader.format());
        let (mut event, mut read) = (Event::default(), 0);
        while reader.read(&mut event)? {
            read += 1;
        }
        ensure!(read == count, "{read} events of {count}");
        Ok(())
    })
}

fn json_lines(events: &[Event]) -> Result<Vec<u8>> {
    let mut writer = Writer::new(Vec::new(), Some("register"))?;
    for event in events {
        writer.write(event)?;
    }
    Ok(writer.finish()?)
}

fn map(event: &Event) -> String {
    let (process, kind, function) = (event.process, event.kind.as_str(), &event.function);
    let value = value(event);
    format!("{{:process {process}, :type :{kind}, :f :{function}, :value {value}}}\n")
}

fn log_line(event: &Event) -> String {
    let (process, kind, function) = (event.process, event.kind.as_str(), &event.function);
    format!("INFO  jepsen.util - {process}\t:{kind}\t:{function}\t{}\n", value(event))
}

fn value(event: &Event) -> String {
    event.value.as_u64().map_or_else(|| "nil".to_owned(), |value| value.to_string())
}
