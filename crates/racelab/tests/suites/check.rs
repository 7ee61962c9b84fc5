//! `racelab check` as a person meets it.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const STALE: &str = r#"{"racelab_history":1,"spec":"register"}
{"process":0,"type":"invoke","f":"write","value":1,"time_ns":10}
{"process":0,"type":"ok","f":"write","value":1,"time_ns":20}
{"process":0,"type":"invoke","f":"write","value":2,"time_ns":30}
{"process":0,"type":"ok","f":"write","value":2,"time_ns":40}
{"process":1,"type":"invoke","f":"read","time_ns":50}
{"process":1,"type":"ok","f":"read","value":1,"time_ns":60}
"#;
const EDN: &str = "[{:process 0, :type :invoke, :f :add, :value 1}
 {:process 0, :type :ok, :f :add}
 {:process :nemesis, :type :info, :f :kill}
 {:process 0, :type :invoke, :f :read}
 {:process 0, :type :ok, :f :read, :value #{1}}]";

/// Files with these texts, in a folder that goes with the first of what is given back.
fn files<const N: usize>(texts: [&str; N]) -> (TempDir, [PathBuf; N]) {
    let folder = tempfile::tempdir().unwrap();
    let mut number = 0;
    let paths = texts.map(|text| {
        number += 1;
        let path = folder.path().join(format!("h{number}"));
        std::fs::write(&path, text).unwrap();
        path
    });
    (folder, paths)
}

fn check(arguments: &[&str], paths: &[PathBuf]) -> Output {
    let mut racelab = Command::new(env!("CARGO_BIN_EXE_racelab"));
    racelab.arg("check").args(arguments).args(paths).output().unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

/// What stderr says of a history that cannot be checked.
fn refusal(arguments: &[&str], text: &str) -> String {
    let (_folder, paths) = files([text]);
    let output = check(arguments, &paths);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(stdout(&output), "");
    let said = String::from_utf8(output.stderr).unwrap();
    said.replace(paths[0].to_str().unwrap(), "h")
}

#[test]
fn a_violation_is_shown_with_the_operations_that_prove_it() {
    let (_folder, paths) = files([STALE]);
    let output = check(&[], &paths);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = stdout(&output);
    assert!(text.starts_with("VIOLATED  register"), "{text}");
    assert!(text.contains("3 operations of 2 processes"), "{text}");
    assert!(text.contains("VIOLATED  register  stale read\n"), "{text}");
    assert!(text.contains("at least 1 change and 10 ns old"), "{text}");
    for line in [
        "  process 0  |-- write 1 --| |-- write 2 --|\n",
        "  process 1                                  |-- read -> 1 --|\n",
        "can see only what process 0's `write 2` left\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn a_violation_is_drawn_and_given_as_a_document_with_the_same_facts() {
    let (_folder, paths) = files([STALE]);
    for (arguments, start) in
        [(&["--json"][..], "{"), (&["--form", "svg"], "<svg"), (&["--form", "mermaid"], "gantt\n")]
    {
        let output = check(arguments, &paths);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let text = stdout(&output);
        assert!(text.starts_with(start), "{text}");
        assert!(text.contains("write 2") && text.contains("process 1"), "{text}");
    }
    let document: Value = serde_json::from_slice(&check(&["--json"], &paths).stdout).unwrap();
    assert_eq!(document["verdict"], "violated");
    let violation = &document["violations"][0];
    assert_eq!(violation["anomaly"], "stale_read");
    assert_eq!(violation["age"], serde_json::json!({"versions": 1, "time_ns": 10}));
    let spans = &violation["core"]["spans"];
    let times_ns = [0, 1, 2].map(|span: usize| spans[span]["times_ns"].clone());
    assert_eq!(serde_json::json!(times_ns), serde_json::json!([[10, 20], [30, 40], [50, 60]]));
}

#[test]
fn a_history_of_a_task_store_is_checked_by_its_versions() {
    let event = |process: u32, kind: &str, f: &str, key: &str, value: &str| {
        let (head, key) = (format!("{{\"process\":{process},\"type\":\"{kind}\""), key);
        format!("{head},\"f\":\"{f}\",\"key\":{key},\"value\":{value}}}\n")
    };
    let create = event(0, "invoke", "create", "null", "null")
        + &event(0, "ok", "create", "null", r#"{"task":1}"#);
    let two_saves = event(0, "invoke", "save", "1", r#"{"based_on":1}"#)
        + &event(1, "invoke", "save", "1", r#"{"based_on":1}"#)
        + &event(0, "ok", "save", "1", r#"{"version":2}"#);
    let lost = event(1, "ok", "save", "1", r#"{"version":3}"#);
    let refused = event(1, "ok", "save", "1", r#"{"refused":"stale","current":2}"#);
    let header = "{\"racelab_history\":1,\"spec\":\"task\"}\n";
    let (_folder, paths) = files([
        &[header, &create, &two_saves, &lost].concat(),
        &[header, &create, &two_saves, &refused].concat(),
    ]);
    let violated = check(&[], &paths[..1]);
    assert_eq!(violated.status.code(), Some(1), "{violated:?}");
    let text = stdout(&violated);
    assert!(text.starts_with("VIOLATED  task    3 operations of 2 processes"), "{text}");
    assert!(text.contains("lost update  task 1    found 1 time\n"), "{text}");
    assert!(text.contains("save task 1 on v1 -> v3"), "{text}");
    // What it overwrote is no part of the proof, and stands beside it.
    assert!(text.contains("save task 1 on v1 -> v2"), "{text}");
    let holds = check(&[], &paths[1..]);
    assert_eq!(holds.status.code(), Some(0), "{holds:?}");
    let said = refusal(&["--spec", "task"], STALE);
    // The first line says that the header is overruled.
    let error = said.lines().nth(1).unwrap();
    assert!(
        error.starts_with("error: h:2: no function `write` is known; expected create"),
        "{said}"
    );
}

#[test]
fn the_history_of_the_documentation_is_one() {
    let document = include_str!("../../../../docs/HISTORIES.md");
    let (_, rest) = document.split_once("```json\n").unwrap();
    let (_folder, paths) = files([rest.split_once("```").unwrap().0]);
    let output = check(&[], &paths);
    assert!(stdout(&output).starts_with("HOLDS  register    2 operations"), "{output:?}");
}

#[test]
fn what_holds_says_so_and_of_how_much() {
    let (_folder, paths) = files([EDN]);
    let output = check(&["--spec", "set"], &paths);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = stdout(&output);
    assert!(text.starts_with("HOLDS  set    2 operations of 1 process, "), "{text}");
    assert!(text.contains("1 step was not done by a client"), "{text}");
    assert!(text.contains("  how    1 part by search\n"), "{text}");
    assert!(text.contains("  proof  an order of 2 operations\n"), "{text}");
    let document: Value =
        serde_json::from_slice(&check(&["--spec", "set", "--json"], &paths).stdout).unwrap();
    assert_eq!((&document["verdict"], &document["left_out"]), (&"holds".into(), &1.into()));
    assert_eq!(
        document["certificate"],
        serde_json::json!({"tiers": [{"tier": "search", "parts": 1}], "ordered_operations": 2})
    );
}

const INDEPENDENT: &str = "{:process 0, :type :invoke, :f :write, :value [0 1]}
{:process 0, :type :ok, :f :write, :value [0 1]}
{:process 1, :type :invoke, :f :write, :value [1 1]}
{:process 1, :type :ok, :f :write, :value [1 1]}
{:process 0, :type :invoke, :f :read, :value [0 nil]}
{:process 0, :type :ok, :f :read, :value [0 1]}
{:process 0, :type :invoke, :f :cas, :value [1 [1 2]]}
{:process 0, :type :ok, :f :cas, :value [1 [1 2]]}
{:process 1, :type :invoke, :f :read, :value [1 nil]}
{:process 1, :type :ok, :f :read, :value [1 2]}
";

#[test]
fn jepsens_pairs_of_key_and_value_are_registers_of_their_own() {
    let wrong = INDEPENDENT.replace(":f :read, :value [1 2]", ":f :read, :value [1 1]");
    let log = INDEPENDENT.replace("{:process ", "INFO jepsen.util - ").replace('}', "");
    let log = log.replace(", :type", "").replace(", :f", "").replace(", :value", "");
    let (_folder, paths) = files([INDEPENDENT, &log, &wrong]);
    for path in &paths[..2] {
        let output = check(&["--spec", "cas-register"], std::slice::from_ref(path));
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(stdout(&output).contains("1 part by zones, 1 part by search"), "{output:?}");
    }
    let output = check(&["--spec", "cas-register"], &paths[2..]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(stdout(&output).contains("VIOLATED  cas-register  key 1  stale read"), "{output:?}");
}

#[test]
fn keys_in_some_values_and_not_in_others_are_refused_and_never_judged() {
    let mixed = INDEPENDENT.replace(":f :read, :value [0 nil]", ":f :read, :value nil");
    let said = refusal(&["--spec", "cas-register"], &mixed);
    assert!(said.starts_with("error: h:5: `read` of null beside operations"), "{said}");
    assert!(said.contains("; give each operation its key as :key"), "{said}");
    let reads: String = INDEPENDENT.lines().skip(4).take(2).collect();
    let said = refusal(&["--spec", "set"], &reads);
    assert!(said.starts_with("error: h:1: [0,null] names a key; give each operation"), "{said}");
}

#[test]
fn a_byte_order_mark_is_skipped() {
    let (_folder, paths) = files([&format!("\u{feff}{STALE}"), &format!("\u{feff}{EDN}")]);
    assert_eq!(check(&[], &paths[..1]).status.code(), Some(1));
    assert_eq!(check(&["--spec", "set"], &paths[1..]).status.code(), Some(0));
}

#[test]
fn options_that_check_does_not_use_are_neither_listed_nor_taken() {
    let help = check(&["--help"], &[]);
    assert!(!["--budget", "--trials", "--dir"].iter().any(|it| stdout(&help).contains(it)));
    let said = refusal(&["--budget", "5"], STALE);
    assert!(said.contains("`racelab check` does not use --budget; leave it out"), "{said}");
}

#[test]
fn a_history_comes_from_stdin_too() {
    let mut racelab = Command::new(env!("CARGO_BIN_EXE_racelab"));
    racelab.args(["check", "--spec", "set", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut racelab = racelab.spawn().unwrap();
    racelab.stdin.take().unwrap().write_all(EDN.as_bytes()).unwrap();
    assert!(stdout(&racelab.wait_with_output().unwrap()).starts_with("HOLDS  set"));
}

#[test]
fn a_budget_that_ran_out_is_unknown_and_says_what_is_proved() {
    let (_folder, paths) = files([STALE]);
    for (limit, word) in [("--time-limit", "time"), ("--memory-limit", "memory")] {
        let output = check(&[limit, "0"], &paths);
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        let text = stdout(&output);
        assert!(text.starts_with("UNKNOWN  register"), "{text}");
        assert!(text.contains(&format!("the {word} ran out: give more with {limit}")), "{text}");
        assert!(text.contains("the first 0 events hold"), "{text}");
    }
}

#[test]
fn files_of_one_run_merge_by_their_times() {
    let (header, events) = STALE.split_once('\n').unwrap();
    let of = |process: &str| {
        let own = |line: &&str| line.contains(&format!("\"process\":{process},"));
        let own: Vec<&str> = events.lines().filter(own).collect();
        format!("{header}\n{}\n", own.join("\n"))
    };
    let (_folder, paths) = files([&of("1"), &of("0")]);
    let merged = check(&[], &paths);
    assert_eq!(merged.status.code(), Some(1), "{merged:?}");
    let (_folder, paths) = files([&of("1"), &of("1")]);
    let twice = check(&[], &paths);
    assert_eq!(twice.status.code(), Some(2), "{twice:?}");
}

#[test]
fn what_cannot_be_read_is_refused_with_place_cause_and_next_step() {
    let broken = STALE.replace("\"ok\",\"f\":\"read\"", "\"okay\",\"f\":\"read\"");
    let said = refusal(&[], &broken);
    assert!(said.starts_with("error: h:7: unknown variant `okay`"), "{said}");
    assert!(said.contains("; expected as in {"), "{said}");
    for spec in [&["--spec", "set"][..], &[]] {
        assert!(refusal(spec, "").starts_with("error: h holds no operation"));
        assert!(
            refusal(spec, "{\"racelab_history\":1}").starts_with("error: h holds no operation")
        );
    }
    let said = refusal(&[], &STALE.replace("\"time_ns\":60", "\"time_ns\":18446744073709551616"));
    assert!(said.starts_with("error: h:7: time_ns is 1.8446744073709552e+19, and "), "{said}");
    assert!(
        said.contains("no whole number from 0 to 2^64 - 1; give nanoseconds since the run began"),
        "{said}"
    );
    let said = refusal(&[], EDN);
    assert!(said.contains("give --spec with one of "), "{said}");
    let said = refusal(&["--spec", "queue"], EDN);
    assert!(said.starts_with("error: h:1: no function `add` is known; expected enqueue"), "{said}");
    let said = refusal(&[], &STALE.replace("register", "heap"));
    let wrong = "error: h: its header is wrong: no specification is called \"heap\"; there are ";
    assert!(said.starts_with(wrong) && said.contains("; give --spec with the one "), "{said}");
    for path in ["/nowhere/h", "/"] {
        let output = check(&["--spec", "set"], &[path.into()]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let said = std::str::from_utf8(&output.stderr).unwrap();
        assert_eq!(said.matches("(os error").count(), 1, "{said}");
        assert!(said.ends_with("; give the path of a history, or - for stdin\n"), "{said}");
    }
}

#[test]
fn a_change_that_was_acknowledged_as_another_one_is_refused() {
    for (spec, f, asked, told) in [
        ("register", "write", "1", "2"),
        ("cas-register", "cas", "[1,2]", "[1,3]"),
        ("kv", "put", "\"a\"", "\"b\""),
        ("kv", "append", "\"a\"", "\"b\""),
        ("set", "add", "1", "true"),
        ("set", "remove", "1", "2"),
        ("queue", "enqueue", "1", "2"),
    ] {
        let event = |kind: &str, value: &str| {
            format!("{{\"process\":0,\"type\":\"{kind}\",\"f\":\"{f}\",\"value\":{value}}}\n")
        };
        let text =
            format!("{{\"racelab_history\":1,\"spec\":\"{spec}\"}}\n") + &event("invoke", asked);
        let said = refusal(&[], &(text.clone() + &event("ok", told)));
        let start = format!("error: h:2: `{f}` was asked with {asked} and answered with {told}; ");
        assert!(said.starts_with(&start), "{said}");
        for right in [asked, "null"] {
            let (_folder, paths) = files([&(text.clone() + &event("ok", right))]);
            let code = check(&[], &paths).status.code();
            // Nothing was there that a cas could have replaced.
            assert_eq!(code, Some(i32::from(f == "cas")), "{f} answered with {right}");
        }
    }
}

#[test]
fn null_is_no_element_of_a_queue() {
    let text = STALE.replace("register", "queue").replace("write", "enqueue");
    let said = refusal(&[], &text.replace("\"value\":1", "\"value\":null"));
    assert!(said.starts_with("error: h:2: `enqueue` with null; expected an element"), "{said}");
}

#[test]
fn a_header_that_is_overruled_is_named() {
    let (_folder, paths) = files([STALE]);
    let said = |spec| String::from_utf8(check(&["--spec", spec], &paths).stderr).unwrap();
    assert!(said("cas-register").contains(" says that it is a history of register; --spec goes"));
    assert_eq!(said("register"), "");
}
