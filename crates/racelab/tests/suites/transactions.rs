//! `racelab check` on transactions: a litmus of each anomaly, with all that is said of it.
//!
//! `transactions/SPEC.NAME.edn` is a history, `transactions/SPEC.NAME.txt` what is printed.
//! `RACELAB_BLESS=1` writes the latter anew.

#![allow(clippy::panic, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suites/transactions");

/// Each litmus with the exit code and the names that have to be found.
const LITMUS: [(&str, i32, &[&str]); 18] = [
    ("list-append.clean", 0, &[]),
    ("list-append.g0", 1, &["G0"]),
    ("list-append.g1a", 1, &["G1a"]),
    ("list-append.g1b", 1, &["G1b", "G-single"]),
    ("list-append.g1c", 1, &["G1c"]),
    ("list-append.g-single", 1, &["G-single"]),
    ("list-append.g2-item", 1, &["G2-item"]),
    ("list-append.lost-update", 1, &["lost-update", "G-single"]),
    ("list-append.stale-read", 1, &["G-single-realtime"]),
    ("rw-register.clean", 0, &[]),
    ("rw-register.g0", 1, &["G0"]),
    ("rw-register.g1a", 1, &["G1a"]),
    ("rw-register.g1b", 1, &["G1b"]),
    ("rw-register.g1c", 1, &["G1c"]),
    ("rw-register.g-single", 1, &["G-single"]),
    ("rw-register.g2-item", 1, &["G2-item"]),
    ("rw-register.lost-update", 1, &["lost-update", "G2-item"]),
    ("rw-register.stale-read", 1, &["no-order-realtime"]),
];

fn racelab(arguments: &[&str]) -> Command {
    let mut racelab = Command::new(env!("CARGO_BIN_EXE_racelab"));
    racelab.arg("check").args(arguments);
    racelab
}

fn history(name: &str) -> PathBuf {
    Path::new(FOLDER).join(format!("{name}.edn"))
}

fn check(name: &str, arguments: &[&str]) -> Output {
    let spec = name.split('.').next().unwrap();
    racelab(&["--spec", spec]).args(arguments).arg(history(name)).output().unwrap()
}

/// What is printed, without the time that it took.
fn text(output: &Output) -> String {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    let (first, rest) = text.split_once('\n').unwrap();
    let (first, _) = first.rsplit_once(", ").unwrap();
    format!("{first}\n{rest}")
}

fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_litmus_is_named_and_told_as_it_was_when_somebody_read_it() {
    for (name, code, _) in LITMUS {
        let output = check(name, &[]);
        assert_eq!(output.status.code(), Some(code), "{name}: {output:?}");
        let golden = Path::new(FOLDER).join(format!("{name}.txt"));
        if std::env::var_os("RACELAB_BLESS").is_some() {
            fs::write(&golden, text(&output)).unwrap();
        }
        assert_eq!(text(&output), fs::read_to_string(golden).unwrap(), "{name}");
    }
}

#[test]
fn the_document_has_the_names_the_operations_and_the_levels() {
    for (name, _, anomalies) in LITMUS {
        let document = document(&check(name, &["--json"]));
        let violations = document["violations"].as_array().unwrap();
        let found: Vec<&str> =
            violations.iter().map(|it| it["anomaly"].as_str().unwrap()).collect();
        assert_eq!(found, anomalies, "{name}");
        assert_eq!(document["spec"], name.split('.').next().unwrap());
    }
    let skew = document(&check("list-append.g2-item", &["--json"]));
    assert_eq!(skew["verdict"], "violated");
    assert_eq!(
        skew["isolation"],
        json!({
            "strongest_allowed": ["strong snapshot isolation"],
            "weakest_broken": ["repeatable read"],
            "is_complete": true,
        })
    );
    let core = &skew["violations"][0]["core"];
    assert_eq!(core["spans"][0]["label"], "T0: r x [], append y 1");
    assert_eq!(core["notes"][1], "T1 read y without 1, which T0 appended");
}

#[test]
fn no_litmus_lies_in_the_folder_untested() {
    let files = fs::read_dir(FOLDER).unwrap().map(|it| it.unwrap().path());
    let mut names: Vec<String> = files
        .filter(|path| path.extension().is_some_and(|it| it == "edn"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    let mut tested = LITMUS.map(|(name, ..)| name);
    tested.sort_unstable();
    assert_eq!(names, tested);
}

#[test]
fn a_cycle_is_drawn() {
    for (form, start) in [("svg", "<svg"), ("mermaid", "gantt\n")] {
        let output = check("list-append.g-single", &["--form", form]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let text = std::str::from_utf8(&output.stdout).unwrap();
        assert!(text.starts_with(start) && text.contains("append x 1"), "{text}");
    }
}

#[test]
fn a_header_that_names_transactions_is_enough_and_times_are_real_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h");
    let event = |process: u32, kind: &str, value: &str, time_ns: u32| {
        let (who, what) = (format!("\"process\":{process}"), format!("\"type\":\"{kind}\""));
        format!("{{{who},{what},\"f\":\"txn\",\"value\":{value},\"time_ns\":{time_ns}}}\n")
    };
    let stale = |read_at: u32| {
        let append = r#"[["append","x",1]]"#;
        ["{\"racelab_history\":1,\"spec\":\"list-append\"}\n".to_owned()]
            .into_iter()
            .chain([event(0, "invoke", append, 10), event(0, "ok", append, 20)])
            .chain([event(1, "invoke", r#"[["r","x",null]]"#, read_at)])
            .chain([event(1, "ok", r#"[["r","x",[]]]"#, 30)])
            .collect::<String>()
    };
    fs::write(&path, stale(21)).unwrap();
    let output = racelab(&[]).arg(&path).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output).contains("G-single-realtime"), "{}", text(&output));
    // What ends and begins at one time is concurrent.
    fs::write(&path, stale(20)).unwrap();
    let output = racelab(&[]).arg(&path).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn histories_as_elle_keeps_them_need_no_function() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h");
    let text = "{:index 0 :process 1 :type :invoke, :value [[:append 5 8] [:r 6 nil]]}\n\
                {:index 1 :process 1 :type :ok,     :value [[:append 5 8] [:r 6 [1]]]}\n";
    fs::write(&path, text).unwrap();
    let output = racelab(&["--spec", "list-append"]).arg(&path).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = std::str::from_utf8(&output.stdout).unwrap();
    assert!(text.contains("garbage-read"), "{text}");
}

#[test]
fn what_is_no_transaction_is_refused_with_its_line_and_what_is_expected() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h");
    for (spec, line, cause) in [
        ("list-append", "{:process 0, :type :invoke, :f :write, :value 1}", "is \"write\""),
        ("list-append", "{:process 0, :type :invoke, :f :txn, :value 1}", "the value holds 1"),
        (
            "list-append",
            "{:process 0, :type :invoke, :f :txn, :value [[:w :x 1]]}",
            "the value holds [\"w\",\"x\",1]",
        ),
        (
            "rw-register",
            "{:process 0, :type :invoke, :f :txn, :value [[:append :x 1]]}",
            "the value holds [\"append\",\"x\",1]",
        ),
    ] {
        fs::write(&path, line).unwrap();
        let output = racelab(&["--spec", spec]).arg(&path).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(output.stdout.is_empty());
        let said = std::str::from_utf8(&output.stderr).unwrap();
        let place = format!("error: {}:1: ", path.display());
        assert!(said.starts_with(&place) && said.contains(cause), "{said}");
        assert!(said.contains("; expected "), "{said}");
    }
}

#[test]
fn a_time_that_ran_out_is_unknown_and_does_not_hold() {
    let output = check("list-append.clean", &["--time-limit", "0"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let text = text(&output);
    assert!(text.starts_with("UNKNOWN  list-append"), "{text}");
    assert!(text.contains("--time-limit") && text.contains("at most strict"), "{text}");
    let output = check("list-append.clean", &["--memory-limit", "0"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
}

#[test]
fn whoever_stops_reading_does_not_change_the_verdict() {
    for (name, code) in [("list-append.g0", 1), ("list-append.clean", 0)] {
        for arguments in [&[][..], &["--json"]] {
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            let mut child = racelab(&["--spec", "list-append"]);
            child.args(arguments).arg(history(name)).stdout(writer).stderr(Stdio::piped());
            let output = child.output().unwrap();
            assert_eq!(output.status.code(), Some(code), "{name} {arguments:?}: {output:?}");
            assert!(output.stderr.is_empty(), "{output:?}");
        }
    }
}
