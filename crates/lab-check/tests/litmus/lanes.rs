//! Reads a litmus file: what it is about, what is expected of it, and a lane for each process.
//!
//! ```text
//! # Why it is interesting.
//! spec: register
//! verdict: violated
//! anomaly: stale read
//!
//! 0  |-- write 1 --|
//! 1                  |-- read -> null --|
//! ```
//!
//! A bar is an operation: `key: function argument -> result`, of which the function must be there;
//! key, argument and result are JSON. It ends with `|` where it was answered, with `x` where it
//! failed, with `?` where nobody knows. The columns are the time: what begins in the column in
//! which another ends is concurrent with it. `anomaly` names what the history shows, if a name
//! fits.

use lab_check::Object;
use lab_history::{Event, Kind};
use serde_json::Value;

/// One litmus test.
#[derive(Debug)]
pub(crate) struct Litmus {
    /// `None` for a task store.
    pub(crate) object: Option<Object>,
    pub(crate) holds: bool,
    pub(crate) anomalies: Vec<String>,
    /// In the order of their times.
    pub(crate) events: Vec<Event>,
}

/// Reads the text of a file.
///
/// # Errors
/// The line that is not understood, and why.
pub(crate) fn parse(text: &str) -> Result<Litmus, String> {
    let (mut object, mut holds) = (None, None);
    let (mut anomalies, mut events) = (Vec::new(), Vec::new());
    let mut has_story = false;
    for (number, line) in (1..).zip(text.lines()) {
        let at = |why: String| format!("line {number}: {why}");
        if let Some(spec) = line.strip_prefix("spec: ") {
            object = Some(if spec == "task" { None } else { Some(spec.parse().map_err(at)?) });
        } else if let Some(anomaly) = line.strip_prefix("anomaly: ") {
            anomalies.push(anomaly.to_owned());
        } else if let Some(verdict) = line.strip_prefix("verdict: ") {
            holds = Some(match verdict {
                "holds" => true,
                "violated" => false,
                _ => return Err(at(format!("{verdict:?} is neither holds nor violated"))),
            });
        } else if line.starts_with("# ") {
            has_story = true;
        } else if !line.is_empty() {
            events.extend(lane(line).map_err(at)?);
        }
    }
    if !has_story {
        return Err("no line begins with # and says what it is about".to_owned());
    }
    if events.is_empty() {
        return Err("there is no operation".to_owned());
    }
    events.sort_by_key(|event: &Event| event.time_ns);
    let object = object.ok_or("there is no spec")?;
    Ok(Litmus { object, holds: holds.ok_or("there is no verdict")?, anomalies, events })
}

/// The events of a lane; columns are nanoseconds.
fn lane(line: &str) -> Result<Vec<Event>, String> {
    let letters: Vec<char> = line.chars().collect();
    let name: String = letters.iter().take_while(|letter| !letter.is_whitespace()).collect();
    let process = name.parse().map_err(|_| format!("{name:?} is no number of a process"))?;
    let mut events = Vec::new();
    let mut at = name.len();
    while let Some(from) = (at..letters.len()).find(|at| letters[*at] != ' ') {
        let (until, end, label) = bar(&letters, from)?;
        let operation = operation(&label).map_err(|why| format!("{label:?}: {why}"))?;
        let event = |kind, value: Value, time: usize| Event {
            process,
            kind,
            function: operation.function.clone(),
            key: operation.key.clone(),
            value,
            time_ns: Some(time as u64),
        };
        events.push(event(Kind::Invoke, operation.argument.clone(), from));
        let result = operation.result.clone();
        events.push(match end {
            '|' => event(Kind::Ok, result, until),
            'x' => event(Kind::Fail, Value::Null, until),
            _ => event(Kind::Info, Value::Null, until),
        });
        at = until + 1;
    }
    Ok(events)
}

/// Where a bar ends that begins at `from`, with which letter, and what it says.
fn bar(letters: &[char], from: usize) -> Result<(usize, char, String), String> {
    let column = from + 1;
    if letters[from] != '|' {
        return Err(format!("column {column}: expected | to begin an operation"));
    }
    let dashes = letters[from + 1..].iter().take_while(|letter| **letter == '-').count();
    let start = from + 1 + dashes;
    for at in start..letters.len() {
        let dashes = letters[at..].iter().take_while(|letter| **letter == '-').count();
        let end = letters.get(at + dashes).copied().unwrap_or(' ');
        if dashes > 0 && "|x?".contains(end) && letters[at - 1] == ' ' {
            let label: String = letters[start..at].iter().collect();
            return Ok((at + dashes, end, label.trim().to_owned()));
        }
    }
    Err(format!("column {column}: the operation does not end with --|, --x or --?"))
}

struct Operation {
    key: Option<Value>,
    function: String,
    argument: Value,
    result: Value,
}

fn operation(label: &str) -> Result<Operation, String> {
    let json = |text: &str| {
        serde_json::from_str::<Value>(text).map_err(|why| format!("{text:?} is no JSON: {why}"))
    };
    let (key, rest) = match label.split_once(": ") {
        Some((key, rest)) => (Some(json(key)?), rest),
        None => (None, label),
    };
    let (asked, result) = match rest.split_once("->") {
        Some((asked, result)) => (asked.trim(), json(result.trim())?),
        None => (rest, Value::Null),
    };
    let (function, argument) = asked.split_once(' ').unwrap_or((asked, "null"));
    if function.is_empty() || !function.chars().all(|letter| letter.is_ascii_lowercase()) {
        return Err(format!("{function:?} is no function"));
    }
    Ok(Operation { key, function: function.to_owned(), argument: json(argument)?, result })
}

#[test]
fn columns_are_times_and_ends_are_answers() {
    let text = "# x\nspec: kv\nverdict: holds\n12 |- \"a\": put \"-1\" -| |-- get -> -1 ---?\n";
    let litmus = parse(text).unwrap();
    assert_eq!((litmus.object, litmus.holds), (Some(Object::KeyValue), true));
    let [put, put_answer, get, get_answer] = &litmus.events[..] else { panic!("{litmus:?}") };
    assert_eq!((put.process, &put.key), (12, &Some("a".into())));
    assert_eq!((&put.value, put.time_ns), (&"-1".into(), Some(3)));
    assert_eq!((put_answer.kind, put_answer.time_ns), (Kind::Ok, Some(21)));
    assert_eq!((get.function.as_str(), get.time_ns), ("get", Some(23)));
    assert_eq!((get_answer.kind, get_answer.time_ns), (Kind::Info, Some(40)));
}

#[test]
fn what_is_not_understood_is_named() {
    let said =
        |lane: &str| parse(&format!("# x\nspec: set\nverdict: holds\n{lane}\n")).unwrap_err();
    assert_eq!(said("a |- read -|"), "line 4: \"a\" is no number of a process");
    assert_eq!(said("1 - read -|"), "line 4: column 3: expected | to begin an operation");
    let open = "line 4: column 3: the operation does not end with --|, --x or --?";
    assert_eq!(said("1 |- read"), open);
    assert!(said("1 |- Read -|").contains("\"Read\" is no function"));
    assert!(said("1 |- read [ -|").contains("is no JSON"));
    assert!(said("verdict: maybe").contains("neither holds nor violated"));
    assert!(said("spec: heap").starts_with("line 4: no specification is called \"heap\""));
    assert_eq!(said(""), "there is no operation");
    assert_eq!(parse("# x\nspec: set\n0 |- read -|").unwrap_err(), "there is no verdict");
    assert!(parse("spec: set\n").unwrap_err().contains("what it is about"));
}
