//! Three formats, one history; and what is no history, with the place, the cause and what to do.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::Read;

use lab_history::{Event, Format, HistoryError, Kind, Reader};
use serde_json::{Value, json};

fn reader(text: &str) -> Result<Reader, HistoryError> {
    Reader::new("h", std::io::Cursor::new(text.to_owned()))
}

fn read(text: &str) -> Result<Vec<Event>, HistoryError> {
    reader(text)?.read_all()
}

fn event(process: u64, kind: Kind, function: &str, value: Value) -> Event {
    Event { process, kind, function: function.to_owned(), value, ..Event::default() }
}

fn said(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

const TABS: &str = "INFO  jepsen.util - 0\t:invoke\t:cas\t[3 0]\n\
                    INFO  jepsen.util - 0\t:fail\t:cas\t[3 0]\n\
                    INFO  jepsen.util - 0\t:invoke\t:read\tnil\n\
                    INFO  jepsen.util - 0\t:info\t:read\t:timed-out\n";
const HEADER: &str = "{\"racelab_history\":1}\n";

fn expected() -> Vec<Event> {
    vec![
        event(0, Kind::Invoke, "cas", json!([3, 0])),
        event(0, Kind::Fail, "cas", json!([3, 0])),
        event(0, Kind::Invoke, "read", json!(null)),
        event(0, Kind::Info, "read", json!("timed-out")),
    ]
}

#[test]
fn every_format_reads_as_the_same_events() {
    let edn = "{:process 0, :type :invoke, :f :cas, :value [3 0]}\n\
               {:process 0, :type :fail, :f :cas, :value [3 0]}\n\
               {:process 0, :type :invoke, :f :read, :value nil}\n\
               {:process 0, :type :info, :f :read, :value :timed-out}\n";
    let vector = format!("; a run\n[{}]\n", edn.replace('\n', ", "));
    let json = format!(
        "{HEADER}{}\n{}\n\n{}\r\n{}",
        r#"{"process":0,"type":"invoke","f":"cas","value":[3,0]}"#,
        r#" {"f":"cas","process":0,"type":"fail","value":[3,0]} "#,
        r#"{"process":0,"type":"invoke","f":"read"}"#,
        r#"{"process":0,"type":"info","f":"read","value":"timed-out"}"#,
    );
    let texts = [
        (TABS.to_owned(), Format::JepsenLog),
        (TABS.replace('\t', "   "), Format::JepsenLog),
        (TABS.replace('\n', "\r\n"), Format::JepsenLog),
        (edn.to_owned(), Format::Edn),
        (edn.replace(", ", "\n, ;}{\n"), Format::Edn),
        (vector, Format::Edn),
        (json, Format::JsonLines),
    ];
    for (text, format) in texts {
        let reader = reader(&text).unwrap();
        assert_eq!(reader.format(), format, "{text}");
        assert_eq!(reader.read_all().unwrap(), expected(), "{text}");
    }
}

#[test]
fn a_file_is_read_the_same_in_pieces_of_any_size() {
    struct Pieces(std::io::Cursor<String>);
    impl Read for Pieces {
        fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
            let length = to.len().min(1);
            self.0.read(&mut to[..length])
        }
    }
    let edn = "[{:process 0, :type :invoke, :f :write, :value \"}\\\"]\"}\n";
    for text in [TABS, &format!("{edn}]")] {
        let pieces = Pieces(std::io::Cursor::new(text.to_owned()));
        let events = Reader::new("h", pieces).unwrap().read_all().unwrap();
        assert_eq!(events, read(text).unwrap());
    }
}

#[test]
fn keys_times_and_the_specification_are_read() {
    let text = "{\"racelab_history\":1,\"spec\":\"kv\"}\n\
                {\"process\":7,\"type\":\"invoke\",\"f\":\"get\",\"key\":\"a\",\"time_ns\":12}\n";
    let reader = reader(text).unwrap();
    assert_eq!(reader.spec(), Some("kv"));
    let edn =
        "{:index 0, :process 7, :type :invoke, :f :get, :key \"a\", :time 12, :node #x/y nil}";
    let events = reader.read_all().unwrap();
    assert_eq!(events, read(edn).unwrap());
    assert_eq!((&events[0].key, events[0].time_ns), (&Some(json!("a")), Some(12)));
}

#[test]
fn data_of_edn_has_its_likeness_in_json() {
    let value = |edn: &str| {
        let text = format!("{{:process 0 :type :invoke :f :f :value {edn}}}");
        read(&text).unwrap().remove(0).value
    };
    assert_eq!(value("[:r (1 -2) #{+3} nil true]"), json!(["r", [1, -2], [3], null, true]));
    assert_eq!(
        value(r#"{:a "\u00e9\ud83d\ude00\n\"", "b" 1.5M}"#),
        json!({"a": "é😀\n\"", "b": 1.5})
    );
    assert_eq!(value(r"[\a \newline \{ \é sym]"), json!(["a", "\n", "{", "é", "sym"]));
    assert_eq!(value("18446744073709551615"), json!(u64::MAX));
    assert_eq!(value("#inst \"2020\""), json!("2020"));
}

#[test]
fn what_is_not_done_by_a_client_is_left_out_and_counted() {
    let text = format!("INFO  jepsen.util - :nemesis\t:info\t:start\tnil\n{TABS}");
    let mut reader = reader(&text).unwrap();
    let mut event = Event::default();
    let mut events = 0;
    while reader.read(&mut event).unwrap() {
        events += 1;
    }
    assert_eq!((events, reader.left_out()), (4, 1));
    let nemesis = "{:process :nemesis, :type :info, :f :start}";
    assert!(said(nemesis).starts_with("h holds no operation of a client"));
}

#[test]
fn a_line_that_is_not_understood_ends_the_reading_and_is_named() {
    let log = |line: &str| said(&format!("{TABS}{line}\n"));
    assert_eq!(
        log("INFO  jepsen.core - Run complete, writing"),
        "h:5: no line of an operation; keep only the lines of operations, as in `INFO  \
         jepsen.util - 0 :invoke :read nil`; or give the history as EDN or JSON lines"
    );
    assert!(
        log("INFO  jepsen.util - x\t:invoke\t:read\tnil").starts_with("h:5: \"x\" is no number")
    );
    assert!(log("INFO  jepsen.util - 1\t:invoke\t:read\t[1").contains("expected a value"));
    assert!(log("INFO  jepsen.util - 1\t:invoke\t:read\t1 2 3").contains("the end of the line"));
    let json = |line: &str| said(&format!("{HEADER}\n{line}\n"));
    let unknown = json(r#"{"process":0,"type":"invoke","f":"read","valeu":1}"#);
    assert!(unknown.starts_with("h:3: unknown field `valeu`"), "{unknown}");
    assert!(unknown.contains("; expected as in {\"process\":0,"), "{unknown}");
    assert!(json(r#"{"process":0,"type":"invoked","f":"read"}"#).contains("unknown variant"));
    assert!(
        json(r#"{"process":-1,"type":"invoke","f":"read"}"#)
            .starts_with("h:3: process is -1, and no whole number")
    );
    let rounded = json(r#"{"process":0,"type":"invoke","f":"w","value":36893488147419103233}"#);
    assert!(rounded.contains("too large to be told from its neighbours"), "{rounded}");
    let edn = |text: &str| said(&format!("{{:process 0 :type :invoke :f :read}}\n{text}"));
    assert!(edn("7").starts_with("h:2: something else than a map; "));
    assert!(edn("{:process 1").starts_with("h:2: the file ends within this map"));
    assert!(edn("{:type :ok :f :read}").starts_with("h:2: an event without :process"));
    assert!(edn("#_{:process 0 :type :ok :f :read}").contains("#_ is not supported"));
    assert!(edn("{:process 0 :type :ok :f :read :value 99999999999999999999}").contains("64 bits"));
    assert!(said("[{:process 0 :type :invoke :f :read}").contains("ends before its vector"));
}

#[test]
fn what_is_no_history_is_said_at_the_first_line() {
    assert!(said("").starts_with("h holds no operation of a client"));
    assert!(said("\n \n").starts_with("h holds no operation of a client"));
    assert!(said(HEADER).starts_with("h holds no operation of a client"));
    assert!(said("[]").starts_with("h holds no operation of a client"));
    assert!(said("\u{0}\u{1}").starts_with("h:1: no line of an operation"));
    let headless = said(r#"{"process":0,"type":"invoke","f":"read"}"#);
    assert!(
        headless.contains(r#"begin the file with the line {"racelab_history":1}"#),
        "{headless}"
    );
    assert!(
        said(r#"{"racelab_history":2}"#).contains("this reads version 1; use the racelab that")
    );
    assert!(
        said(r#"[{"process":0}]"#).starts_with("h:1: an array of JSON; write an object a line")
    );
    let missing = Reader::open("/nowhere/h.edn".as_ref()).err().unwrap().to_string();
    assert!(missing.starts_with("/nowhere/h.edn cannot be read: No such file"), "{missing}");
}

#[test]
fn deep_nesting_and_endless_lines_are_errors() {
    let deep = format!("{{:process 0 :type :invoke :f :f :value {}}}", "[".repeat(1 << 20));
    assert!(said(&deep).contains("ends within this map"));
    let deep = "[".repeat(200) + &"]".repeat(200);
    let deep = format!("{{:process 0 :type :invoke :f :f :value {deep}}}");
    assert!(said(&deep).contains("nested too deep"));
    let deep = "[".repeat(200) + &"]".repeat(200);
    let deep =
        format!("{HEADER}\n{{\"process\":0,\"type\":\"invoke\",\"f\":\"f\",\"value\":{deep}}}");
    assert!(said(&deep).starts_with("h:3: data is nested too deep (column "), "{}", said(&deep));
    let endless = Reader::new("h", std::io::repeat(b'x')).unwrap().read_all();
    assert!(endless.unwrap_err().to_string().starts_with("h:1: the line is longer than 64 MiB"));
}

#[test]
fn a_process_does_one_thing_at_a_time_and_nothing_after_an_info() {
    let lines = |events: &[(u64, &str, &str)]| {
        let line =
            |(process, kind, f): &(u64, &str, &str)| format!("- {process} :{kind} :{f} nil\n");
        events.iter().map(line).collect::<String>()
    };
    let cases = [
        (lines(&[(9, "ok", "read")]), "h:1: ok of process 9, which has invoked nothing; "),
        (
            lines(&[(9, "invoke", "read"), (9, "invoke", "read")]),
            "h:2: process 9 invokes again, and line 1 has no answer yet; ",
        ),
        (
            lines(&[(9999, "invoke", "read"), (9999, "info", "read"), (9999, "invoke", "read")]),
            "h:3: process 9999 goes on after an info (invoked in line 1); ",
        ),
        (
            lines(&[(9, "invoke", "read"), (9, "ok", "write")]),
            "h:2: process 9 is answered to write and asked for read; see its invocation in line 1",
        ),
        (
            lines(&[(9, "invoke", "read"), (9, "ok", "read"), (9, "fail", "read")]),
            "h:3: fail of process 9, which has invoked nothing; ",
        ),
    ];
    for (text, start) in cases {
        assert!(said(&text).starts_with(start), "{}", said(&text));
    }
}

#[test]
fn an_answer_is_about_the_key_that_was_asked_about_or_names_none() {
    let text = |asked: &str, told: &str| {
        said(&format!(
            "{{:process 0 :type :invoke :f :read {asked}}}\n\
             {{:process 0 :type :ok :f :read {told}}}\n\
             {{:process 0 :type :ok :f :read}}"
        ))
    };
    let twice = "h:3: ok of process 0, which has invoked nothing";
    assert!(text(":key 1", ":key 1").starts_with(twice));
    assert!(text(":key 1", "").starts_with(twice));
    let other = text(":key 1", ":key 2");
    assert!(
        other.starts_with("h:2: process 0 is answered about key 2 and asked about 1; "),
        "{other}"
    );
    assert!(
        text("", ":key 2").starts_with("h:2: process 0 is answered about key 2 and asked abou")
    );
}

#[test]
fn time_never_goes_backwards_and_is_there_always_or_never() {
    let text = |times: [&str; 2]| {
        let [first, second] = times;
        said(&format!(
            "{{:process 0 :type :invoke :f :read {first}}}\n\
             {{:process 0 :type :ok :f :read {second}}}\n\
             {{:process 0 :type :ok :f :read}}"
        ))
    };
    assert!(text([":time 5", ":time 4"]).starts_with("h:2: time goes backwards; "));
    assert!(text([":time 5", ""]).starts_with("h:2: some events have a time and some have none; "));
    assert!(text(["", ":time 5"]).starts_with("h:2: some events have a time and some have none; "));
    assert!(text([":time 5", ":time 5"]).starts_with("h:3: some events have a time"));
}
