//! Each phenomenon by its litmus.

use lab_check::Budget;
use lab_history::Kind::{Fail, Info, Ok as Done};
use lab_history::{Event, Kind};
use lab_order::{Values, check_transactions};
use serde_json::{Value, json};

use crate::lines::{LISTS, Line, REGISTERS, history, in_order};

fn check(values: Values, lines: &[Line]) -> (Vec<String>, Vec<String>) {
    let isolation = check_transactions(&history(values, lines), Budget::default());
    assert_eq!(isolation.cut, None);
    let found = isolation.found.keys().map(ToString::to_string).collect();
    (found, isolation.allowed.iter().map(ToString::to_string).collect())
}

/// What is found, and the strongest levels that are left.
fn assert_finds(values: Values, lines: &[Line], found: &[&str], allowed: &[&str]) {
    let (names, levels) = check(values, lines);
    assert_eq!((names, levels), (owned(found), owned(allowed)));
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

#[test]
fn a_serial_history_is_strict_serializable() {
    let lines = [(0, 0, 1, Done, "wx1 ry"), (1, 2, 3, Done, "rx1 wy1"), (0, 4, 5, Done, "rx1 ry1")];
    assert_finds(LISTS, &lines, &[], &["strict serializable"]);
    let lines = [(0, 0, 1, Done, "wx1 ry"), (1, 2, 3, Done, "rx1 wx2"), (0, 4, 5, Done, "rx2")];
    assert_finds(REGISTERS, &lines, &[], &["strict serializable"]);
}

#[test]
fn dirty_writes_are_g0_and_leave_nothing() {
    let lines =
        [(0, 0, 10, Done, "wx1 wy1"), (1, 1, 11, Done, "wx2 wy2"), (2, 12, 13, Done, "rx12 ry21")];
    assert_finds(LISTS, &lines, &["G0"], &[]);
}

#[test]
fn an_aborted_read_is_g1a() {
    let lines = [(0, 0, 1, Fail, "wx1"), (1, 2, 3, Done, "rx1")];
    assert_finds(LISTS, &lines, &["G1a"], &["strong read uncommitted"]);
    let lines = [(0, 0, 1, Fail, "wx1"), (1, 2, 3, Done, "rx1")];
    assert_finds(REGISTERS, &lines, &["G1a"], &["strong read uncommitted"]);
}

#[test]
fn what_may_have_committed_may_be_read() {
    let lines = [(0, 0, 1, Info, "wx1"), (1, 2, 3, Done, "rx1")];
    assert_finds(LISTS, &lines, &[], &["strict serializable"]);
}

#[test]
fn what_was_seen_in_part_was_done_as_a_whole() {
    let lines = [(0, 0, 1, Info, "wx1 wy1"), (1, 2, 3, Done, "rx1 ry")];
    assert_finds(LISTS, &lines, &["G-single"], &["strong cursor stability"]);
    assert_finds(REGISTERS, &lines, &["G-single"], &["strong cursor stability"]);
}

#[test]
fn an_intermediate_read_is_g1b() {
    let lines = [(0, 0, 4, Done, "wx1 wx2"), (1, 1, 3, Done, "rx1")];
    assert!(check(LISTS, &lines).0.contains(&"G1b".to_owned()));
    let lines = [(0, 0, 4, Done, "wx1 wx2"), (1, 1, 3, Done, "rx1")];
    assert_finds(REGISTERS, &lines, &["G1b"], &["strong read uncommitted"]);
}

#[test]
fn circular_information_flow_is_g1c() {
    let lines = [(0, 0, 10, Done, "wx1 ry2"), (1, 1, 11, Done, "wy2 rx1")];
    assert_finds(LISTS, &lines, &["G1c"], &["strong read uncommitted"]);
    let lines = [(0, 0, 10, Done, "wx1 ry2"), (1, 1, 11, Done, "wy2 rx1")];
    assert_finds(REGISTERS, &lines, &["G1c"], &["strong read uncommitted"]);
}

#[test]
fn a_lost_update_is_named_beside_its_cycle() {
    let lines = [(0, 0, 10, Done, "rx wx1"), (1, 1, 11, Done, "rx wx2"), (2, 12, 13, Done, "rx12")];
    assert_finds(LISTS, &lines, &["lost-update", "G-single"], &["strong read committed"]);
    let lines = [(0, 0, 10, Done, "rx wx1"), (1, 1, 11, Done, "rx wx2")];
    assert!(check(REGISTERS, &lines).0.contains(&"lost-update".to_owned()));
}

#[test]
fn read_skew_is_g_single() {
    let lines = [(0, 0, 10, Done, "wx1 wy1"), (1, 1, 11, Done, "rx ry1")];
    assert_finds(LISTS, &lines, &["G-single"], &["strong cursor stability"]);
    let lines = [(0, 0, 10, Done, "wx1 wy1"), (1, 1, 11, Done, "rx ry1")];
    assert_finds(REGISTERS, &lines, &["G-single"], &["strong cursor stability"]);
}

#[test]
fn a_long_fork_is_g_nonadjacent() {
    let lines = [
        (0, 0, 10, Done, "wx1"),
        (1, 1, 11, Done, "wy1"),
        (2, 2, 12, Done, "rx1 ry"),
        (3, 3, 13, Done, "rx ry1"),
    ];
    assert_finds(LISTS, &lines, &["G-nonadjacent"], &["strong parallel snapshot isolation"]);
}

#[test]
fn write_skew_is_g2_and_leaves_snapshot_isolation() {
    let lines =
        [(0, 0, 10, Done, "rx wy1"), (1, 1, 11, Done, "ry wx1"), (2, 12, 13, Done, "rx1 ry1")];
    assert_finds(LISTS, &lines, &["G2-item"], &["strong snapshot isolation"]);
    let lines = [(0, 0, 10, Done, "rx wy1"), (1, 1, 11, Done, "ry wx1")];
    assert_finds(REGISTERS, &lines, &["G2-item"], &["strong snapshot isolation"]);
}

#[test]
fn a_stale_read_breaks_real_time_only() {
    let lines = [(0, 0, 1, Done, "wx1"), (1, 2, 3, Done, "rx"), (2, 4, 5, Done, "rx1")];
    let left = ["strong cursor stability", "strong session serializable"];
    assert_finds(LISTS, &lines, &["G-single-realtime"], &left);
}

#[test]
fn a_client_that_does_not_see_its_own_write_breaks_its_session() {
    let lines = [(0, 0, 1, Done, "wx1"), (0, 2, 3, Done, "rx"), (2, 4, 5, Done, "rx1")];
    let left = ["serializable", "strong cursor stability"];
    let (found, allowed) = check(LISTS, &lines);
    assert_eq!(found, ["G-single-process"]);
    let mut allowed = allowed;
    allowed.sort();
    assert_eq!(allowed, left);
}

#[test]
fn writes_against_real_time_are_g0_realtime() {
    let lines = [(0, 0, 1, Done, "wx1"), (1, 2, 3, Done, "wx2"), (2, 4, 5, Done, "rx21")];
    assert!(check(LISTS, &lines).0.contains(&"G0-realtime".to_owned()));
}

#[test]
fn a_transaction_must_see_what_it_did_and_saw() {
    for lines in [[(0, 0, 1, Done, "wx1 rx")], [(0, 0, 1, Done, "rx wx1 rx21")]] {
        assert!(check(LISTS, &lines).0.contains(&"internal".to_owned()), "{lines:?}");
    }
    assert!(check(REGISTERS, &[(0, 0, 1, Done, "wx1 rx2")]).0.contains(&"internal".to_owned()));
}

#[test]
fn lists_that_do_not_begin_each_other_are_incompatible() {
    let lines = [
        (0, 0, 1, Done, "wx1"),
        (1, 0, 1, Done, "wx2"),
        (2, 2, 3, Done, "rx12"),
        (3, 2, 3, Done, "rx2"),
    ];
    assert_finds(LISTS, &lines, &["incompatible-order"], &[]);
}

#[test]
fn what_nobody_wrote_is_garbage() {
    assert!(check(LISTS, &[(0, 0, 1, Done, "rx7")]).0.contains(&"garbage-read".to_owned()));
}

#[test]
fn what_is_no_transaction_is_refused() {
    let event = |function: &str, value: Value, kind| Event {
        process: 0,
        kind,
        function: function.to_owned(),
        key: None,
        value,
        time_ns: None,
    };
    let refused = |events: Vec<Event>| in_order(LISTS, events).unwrap_err().to_string();
    let text = refused(vec![event("write", json!(1), Kind::Invoke)]);
    assert_eq!(text, "event 0: the operation is \"write\"; expected txn");
    let text = refused(vec![event("txn", json!([["w", "x", 1]]), Kind::Invoke)]);
    assert!(text.starts_with("event 0: the value holds [\"w\",\"x\",1]"), "{text}");
    let text = refused(vec![event("txn", json!([]), Kind::Ok)]);
    assert!(text.contains("no transaction under way"), "{text}");
    let asked = event("txn", json!([["append", "x", 1], ["r", "y", null]]), Kind::Invoke);
    let told = |value| refused(vec![asked.clone(), event("txn", value, Kind::Ok)]);
    let other = "event 1: process 0 is answered with other writes";
    assert!(told(json!([["append", "x", 2], ["r", "y", []]])).starts_with(other));
    assert!(told(json!([["r", "y", []]])).starts_with(other));
}
