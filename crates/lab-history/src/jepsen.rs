//! Events as Jepsen has them: maps of EDN, and lines of its log.
//!
//! <https://github.com/jepsen-io/jepsen>. An event of a map has more keys than these as a rule;
//! the others are read and left out. What is not done by a client, as the nemesis' steps, is no
//! event of the history.

use serde_json::Value;

use crate::edn::Edn;
use crate::error::Trouble;
use crate::{Event, Kind};

const TYPES: [&str; 4] = [":invoke", ":ok", ":fail", ":info"];

/// Reads `{:process 0, :type :invoke, :f :write, :value 3}`; says whether a client did it.
pub(crate) fn read_map(text: &[u8], event: &mut Event) -> Result<bool, Trouble> {
    let mut edn = Edn::new(text_of(text)?);
    edn.takes_tag()?;
    if !edn.takes("{") {
        return Err(edn.expected("a map"));
    }
    let (mut process, mut kind, mut has_function) = (None, None, false);
    (event.key, event.value, event.time_ns) = (None, Value::Null, None);
    while !edn.takes("}") {
        match edn.name()? {
            "process" => process = Some(client(edn.atom())?),
            "type" => kind = Some(kind_of(edn.name()?)?),
            "f" => {
                has_function = true;
                set(&mut event.function, edn.name()?);
            }
            "key" => event.key = Some(edn.value()?).filter(|key| !key.is_null()),
            "value" => event.value = edn.value()?,
            "time" => event.time_ns = Some(time_ns(edn.atom())?),
            _ => drop(edn.value()?),
        }
    }
    if !edn.is_at_end() {
        return Err(edn.expected("the end of the map"));
    }
    let process = process.ok_or_else(|| missing(":process"))?;
    event.kind = kind.ok_or_else(|| missing(":type"))?;
    if !has_function {
        // Elle's own histories of transactions leave it out.
        let is_steps = event.value.as_array().is_some_and(|it| it.iter().all(Value::is_array));
        if !is_steps {
            return Err(missing(":f"));
        }
        set(&mut event.function, "txn");
    }
    event.process = process.unwrap_or_default();
    Ok(process.is_some())
}

/// Reads `INFO  jepsen.util - 0  :invoke  :write  3`, with blanks or tabs between the columns;
/// says whether a client did it.
pub(crate) fn read_log_line(text: &[u8], event: &mut Event) -> Result<bool, Trouble> {
    let line = text_of(text)?;
    let mut words = line.split_ascii_whitespace();
    let mut process = "";
    let kind = loop {
        match words.next() {
            None => return Err(no_operation()),
            Some(word) if TYPES.contains(&word) => break word,
            Some(word) => process = word,
        }
    };
    let process = client(process)?;
    event.kind = kind_of(&kind[1..])?;
    let after = kind.as_ptr() as usize - line.as_ptr() as usize + kind.len();
    let mut edn = Edn::new(&line[after..]);
    set(&mut event.function, edn.name()?);
    event.value = if edn.is_at_end() { Value::Null } else { edn.value()? };
    // A last column says why an operation failed.
    if !edn.is_at_end() {
        edn.value()?;
    }
    if !edn.is_at_end() {
        return Err(edn.expected("the end of the line"));
    }
    event.process = process.unwrap_or_default();
    (event.key, event.time_ns) = (None, None);
    Ok(process.is_some())
}

/// The number of a client, or `None` for who is none.
fn client(word: &str) -> Result<Option<u64>, Trouble> {
    if word.strip_prefix(':').is_some_and(|name| !name.is_empty()) {
        return Ok(None);
    }
    let trouble = || {
        let cause = format!("{word:?} is no number of a process");
        Trouble::new(cause, "number the clients from 0, and give others a keyword as :nemesis")
    };
    word.parse().map(Some).map_err(|_| trouble())
}

fn kind_of(name: &str) -> Result<Kind, Trouble> {
    name.parse().map_err(|cause: String| Trouble::new(cause, "put its type right"))
}

fn time_ns(word: &str) -> Result<u64, Trouble> {
    let trouble = || Trouble::new(format!("{word:?} is no time in nanoseconds"), "leave it out");
    word.parse().map_err(|_| trouble())
}

fn text_of(bytes: &[u8]) -> Result<&str, Trouble> {
    std::str::from_utf8(bytes).map_err(|_| Trouble::new("no UTF-8", "convert the file to UTF-8"))
}

fn missing(key: &str) -> Trouble {
    Trouble::new(format!("an event without {key}"), "every event has :process, :type and :f")
}

fn no_operation() -> Trouble {
    let remedy = "keep only the lines of operations, as in `INFO  jepsen.util - 0 :invoke :read \
                  nil`; or give the history as EDN or JSON lines";
    Trouble::new("no line of an operation", remedy)
}

fn set(name: &mut String, to: &str) {
    name.clear();
    name.push_str(to);
}
