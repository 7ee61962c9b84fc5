//! `racelab check` of a task store's history in which versions do not decide everything.

use std::process::{Command, Output};

const HEADER: &str = "{\"racelab_history\":1,\"spec\":\"task\"}\n";

fn event(process: u32, kind: &str, f: &str, key: &str, value: &str) -> String {
    let head = format!("{{\"process\":{process},\"type\":\"{kind}\",\"f\":\"{f}\"");
    format!("{head},\"key\":{key},\"value\":{value}}}\n")
}

fn check(text: &str, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h");
    std::fs::write(&path, HEADER.to_owned() + text).unwrap();
    let mut racelab = Command::new(env!("CARGO_BIN_EXE_racelab"));
    racelab.arg("check").args(arguments).arg(&path).output().unwrap()
}

/// A task, and an edit of which nobody knows whether it set the task done.
fn crashed() -> String {
    event(0, "invoke", "create", "null", "null")
        + &event(0, "ok", "create", "null", r#"{"task":1}"#)
        + &event(1, "invoke", "edit", "1", r#"{"status":"done"}"#)
        + &event(1, "info", "edit", "1", "null")
}

fn get(version: u32, status: &str) -> String {
    let value = format!("{{\"version\":{version},\"status\":\"{status}\"}}");
    event(0, "invoke", "get", "1", "null") + &event(0, "ok", "get", "1", &value)
}

#[test]
fn what_versions_leave_open_is_decided_by_search() {
    let holds = check(&(crashed() + &get(1, "todo") + &get(2, "done")), &[]);
    assert_eq!(holds.status.code(), Some(0), "{holds:?}");
    let text = String::from_utf8(holds.stdout).unwrap();
    assert!(text.contains("  how    1 task by versions, 1 part by search\n"), "{text}");
    assert!(text.contains("  proof  an order of 4 operations\n"), "{text}");
    let wrong = check(&(crashed() + &get(2, "todo")), &[]);
    assert_eq!(wrong.status.code(), Some(1), "{wrong:?}");
    let text = String::from_utf8(wrong.stdout).unwrap();
    assert!(text.contains("VIOLATED  task  not linearizable\n"), "{text}");
}

#[test]
fn a_history_of_which_nothing_is_open_takes_no_memory_that_grows() {
    let mut text = event(0, "invoke", "create", "null", "null")
        + &event(0, "ok", "create", "null", r#"{"task":1}"#);
    for _ in 0..20_000 {
        text += &get(1, "todo");
    }
    // All its records would take more than half of it.
    let holds = check(&text, &["--memory-limit", "2"]);
    assert_eq!(holds.status.code(), Some(0), "{holds:?}");
    // With something open they are needed, and there is no room.
    let crashed = event(1, "invoke", "edit", "1", r#"{"status":"done"}"#);
    let open = check(&(text + &crashed), &["--memory-limit", "2"]);
    assert_eq!(open.status.code(), Some(3), "{open:?}");
    let said = String::from_utf8(open.stdout).unwrap();
    assert!(
        said.contains("  open   changes of which nobody knows whether they happened"),
        "{said}"
    );
}

#[test]
fn no_prefix_of_which_something_is_open_is_called_proved() {
    // The time is over at the first look, which comes after the first event.
    let unknown = check(&(crashed() + &get(2, "done")), &["--time-limit", "0", "--json"]);
    assert_eq!(unknown.status.code(), Some(3), "{unknown:?}");
    let document: serde_json::Value = serde_json::from_slice(&unknown.stdout).unwrap();
    let proved = document["unknown"]["proved_events"].as_u64();
    assert!(proved.is_some_and(|events| events <= 1), "{document}");
}

#[test]
fn where_no_memory_is_left_for_the_search_nothing_is_said_to_hold() {
    let unknown = check(&(crashed() + &get(2, "done")), &["--memory-limit", "0"]);
    assert_eq!(unknown.status.code(), Some(3), "{unknown:?}");
}
