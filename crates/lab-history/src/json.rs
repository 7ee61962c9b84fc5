//! JSON lines: a header, then an event a line.
//!
//! ```json
//! {"racelab_history":1,"spec":"register"}
//! {"process":0,"type":"invoke","f":"write","value":3,"time_ns":120}
//! {"process":0,"type":"ok","f":"write","value":3,"time_ns":250}
//! ```
//!
//! `key`, `value` and `time_ns` may be missing, and so may `spec`. Nothing else may be there.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Trouble;
use crate::exact::exact;
use crate::{Event, Kind};

/// The version of the format that this reads and writes.
const VERSION: u32 = 1;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header<'a> {
    racelab_history: u32,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(crate) spec: Option<Cow<'a, str>>,
}

impl<'a> Header<'a> {
    pub(crate) fn new(spec: Option<&'a str>) -> Self {
        Self { racelab_history: VERSION, spec: spec.map(Cow::Borrowed) }
    }

    pub(crate) fn read(line: &'a [u8]) -> Result<Self, Trouble> {
        let header: Self = serde_json::from_slice(line).map_err(|error| {
            let cause = format!("no header of a history: {}", cause(&error));
            Trouble::new(cause, r#"begin the file with the line {"racelab_history":1}"#)
        })?;
        let version = header.racelab_history;
        if version == VERSION {
            return Ok(header);
        }
        let cause = format!("a history of version {version}, and this reads version {VERSION}");
        Err(Trouble::new(cause, "use the racelab that wrote it"))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    process: u64,
    r#type: Kind,
    #[serde(borrow)]
    f: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<Cow<'a, Value>>,
    #[serde(default, skip_serializing_if = "is_null")]
    value: Cow<'a, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time_ns: Option<u64>,
}

fn is_null(value: &Value) -> bool {
    value.is_null()
}

/// Reads one event.
pub(crate) fn read(line: &[u8], event: &mut Event) -> Result<(), Trouble> {
    let line: Line<'_> = serde_json::from_slice(line).map_err(|error| trouble(line, &error))?;
    event.process = line.process;
    event.kind = line.r#type;
    event.function.clear();
    event.function.push_str(&line.f);
    event.key = line.key.map(Cow::into_owned);
    event.value = line.value.into_owned();
    event.time_ns = line.time_ns;
    event.key.iter().try_for_each(exact)?;
    exact(&event.value)
}

/// What is wrong with a line that is no event.
fn trouble(line: &[u8], error: &serde_json::Error) -> Trouble {
    let value: Option<Value> = serde_json::from_slice(line).ok();
    let no_number = |field: &str| {
        let value = value.as_ref()?.get(field)?;
        let is_none = !value.is_u64() && (field == "process" || !value.is_null());
        is_none.then(|| format!("{field} is {value}, and no whole number from 0 to 2^64 - 1"))
    };
    if let Some(cause) = no_number("time_ns") {
        let remedy = "give nanoseconds since the run began, or leave out all times if events \
                      happened in the order of lines";
        return Trouble::new(cause, remedy);
    }
    if let Some(cause) = no_number("process") {
        return Trouble::new(cause, "number the clients from 0");
    }
    if error.to_string().starts_with("recursion limit") {
        let remedy = "expected values of at most 127 lists and objects within each other";
        return Trouble::new(
            format!("data is nested too deep (column {})", error.column()),
            remedy,
        );
    }
    let remedy = r#"expected as in {"process":0,"type":"invoke","f":"write","value":3}"#;
    Trouble::new(cause(error), remedy)
}

/// Appends the line of one event to `text`, and what ends it.
pub(crate) fn write(event: &Event, text: &mut Vec<u8>) -> serde_json::Result<()> {
    let line = Line {
        process: event.process,
        r#type: event.kind,
        f: Cow::Borrowed(&event.function),
        key: event.key.as_ref().map(Cow::Borrowed),
        value: Cow::Borrowed(&event.value),
        time_ns: event.time_ns,
    };
    serde_json::to_writer(&mut *text, &line)?;
    text.push(b'\n');
    Ok(())
}

/// What serde_json says, with the column alone: the line is that of the file.
fn cause(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
    format!("{what} (column {})", error.column())
}
