//! What is written reads back as it was.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Write as _;

use lab_history::{Event, Kind, Reader, Writer};
use proptest::prelude::*;
use serde_json::{Number, Value};

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-9e15..9e15).prop_map(|number| Value::Number(Number::from_f64(number).unwrap())),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::hash_map(any::<String>(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A process for each operation, so that any order of kinds is one that clients can live through.
fn history() -> impl Strategy<Value = Vec<Event>> {
    let key = value().prop_map(|key| Some(key).filter(|key| !key.is_null()));
    let answer = prop_oneof![Just(Kind::Ok), Just(Kind::Fail), Just(Kind::Info)];
    let operation = ("[a-z][a-z_?*-]{0,8}", key, value(), prop::option::of((answer, value())));
    let timed = any::<bool>();
    (prop::collection::vec((any::<u64>(), operation), 1..8), timed).prop_map(
        |(operations, timed)| {
            let mut events = Vec::new();
            let mut seen = std::collections::BTreeSet::new();
            for (process, (function, key, value, answer)) in operations {
                if !seen.insert(process) {
                    continue;
                }
                let event =
                    Event { process, kind: Kind::Invoke, function, key, value, time_ns: None };
                events.push(event.clone());
                events.extend(answer.map(|(kind, value)| Event { kind, value, ..event }));
            }
            for (at, event) in events.iter_mut().enumerate() {
                event.time_ns = timed.then_some(at as u64 / 2);
            }
            events
        },
    )
}

fn read(text: Vec<u8>) -> Vec<Event> {
    Reader::new("h", std::io::Cursor::new(text)).unwrap().read_all().unwrap()
}

/// As Clojure prints it: each letter that needs it as an escape.
fn edn(value: &Value) -> String {
    match value {
        Value::Null => "nil".to_owned(),
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(edn).collect();
            format!("[{}]", values.join(" "))
        }
        Value::Object(map) => {
            let text = |key: &String| Value::from(key.clone()).to_string();
            let pairs: Vec<String> =
                map.iter().map(|(key, value)| format!("{} {}", text(key), edn(value))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        value => value.to_string(),
    }
}

proptest! {
    #[test]
    fn json_lines_read_back_as_they_were_written(events in history()) {
        let mut writer = Writer::new(Vec::new(), Some("kv")).unwrap();
        for event in &events {
            writer.write(event).unwrap();
        }
        prop_assert_eq!(read(writer.finish().unwrap()), events);
    }

    #[test]
    fn maps_of_edn_read_back_as_they_were_printed(events in history(), in_vector: bool) {
        let mut text = String::new();
        for event in &events {
            let (process, kind, function) = (event.process, event.kind.as_str(), &event.function);
            let value = edn(&event.value);
            write!(text, "{{:process {process}, :type :{kind}, ").unwrap();
            write!(text, ":f :{function}, :value {value}").unwrap();
            if let Some(key) = &event.key {
                write!(text, ", :key {}", edn(key)).unwrap();
            }
            if let Some(time_ns) = event.time_ns {
                write!(text, ", :time {time_ns}").unwrap();
            }
            text.push_str("}\n");
        }
        let text = if in_vector { format!("[{text}]") } else { text };
        prop_assert_eq!(read(text.into_bytes()), events);
    }

    #[test]
    fn lines_of_a_log_read_back_as_they_were_printed(events in history(), blank in "[ \t]{1,3}") {
        let mut text = String::new();
        for event in &events {
            let (process, kind, function) = (event.process, event.kind.as_str(), &event.function);
            let columns = [process.to_string(), format!(":{kind}"), format!(":{function}")];
            let (columns, value) = (columns.join(&blank), edn(&event.value));
            writeln!(text, "INFO  jepsen.util - {columns}{blank}{value}").unwrap();
        }
        let bare = |event: Event| Event { key: None, time_ns: None, ..event };
        let events: Vec<Event> = events.into_iter().map(bare).collect();
        prop_assert_eq!(read(text.into_bytes()), events);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(mut bytes: Vec<u8>, start in 0..5_usize) {
        let header = "{\"racelab_history\":1}\n";
        let start = ["", header, "{:process 0 ", "[{:type ", "- 0 :invoke "][start];
        bytes.splice(..0, start.bytes());
        if let Ok(reader) = Reader::new("h", std::io::Cursor::new(bytes)) {
            let _ = reader.read_all();
        }
    }
}
