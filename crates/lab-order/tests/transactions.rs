//! Histories of transactions: each phenomenon by its litmus, and all against brute force.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::collections::HashMap;

use fastrand::Rng;
use lab_check::Budget;
use lab_history::{Event, Kind};
use lab_order::{
    Level, NotATransaction, Step, Transactions, TransactionsBuilder, Values, check_transactions,
    verify_serial,
};
use serde_json::{Value, json};

/// A transaction as a line: its process, the places of its invocation and its end, how it ended,
/// and its steps: `ax1` appends, `wx1` writes, `rx12` reads, `rx` reads nothing.
type Line = (u64, usize, usize, Kind, &'static str);

const LISTS: Values = Values::Lists;
const REGISTERS: Values = Values::Registers;
use Kind::{Fail, Info, Ok as Done};

fn steps(text: &str, values: Values, is_answer: bool) -> Value {
    let step = |word: &str| {
        let (name, key, value) = (&word[..1], &word[1..2], &word[2..]);
        let elements: Vec<u32> = value.chars().map(|it| it.to_digit(10).unwrap()).collect();
        match (name, values) {
            ("a", _) => json!(["append", key, elements[0]]),
            ("w", _) => json!(["w", key, elements[0]]),
            _ if !is_answer => json!(["r", key, null]),
            (_, Values::Lists) => json!(["r", key, elements]),
            _ => json!(["r", key, elements.first()]),
        }
    };
    text.split(' ').map(step).collect()
}

fn history(values: Values, lines: &[Line]) -> Transactions {
    let mut events = Vec::new();
    for (process, invoked, ended, kind, text) in lines {
        let event = |kind, value| Event {
            process: *process,
            kind,
            function: "txn".to_owned(),
            key: None,
            value,
            time_ns: None,
        };
        events.push((*invoked, event(Kind::Invoke, steps(text, values, false))));
        events.push((*ended, event(*kind, steps(text, values, *kind == Kind::Ok))));
    }
    events.sort_by_key(|(place, _)| *place);
    parse(events.into_iter().map(|(_, event)| event), values).unwrap()
}

fn parse(
    events: impl IntoIterator<Item = Event>,
    values: Values,
) -> Result<Transactions, NotATransaction> {
    let mut builder = TransactionsBuilder::new(values);
    events.into_iter().try_for_each(|event| builder.push(&event))?;
    Ok(builder.finish())
}

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
    let lines = [(0, 0, 1, Done, "ax1 ry"), (1, 2, 3, Done, "rx1 ay1"), (0, 4, 5, Done, "rx1 ry1")];
    assert_finds(LISTS, &lines, &[], &["strict serializable"]);
    let lines = [(0, 0, 1, Done, "wx1 ry"), (1, 2, 3, Done, "rx1 wx2"), (0, 4, 5, Done, "rx2")];
    assert_finds(REGISTERS, &lines, &[], &["strict serializable"]);
}

#[test]
fn dirty_writes_are_g0_and_leave_nothing() {
    let lines =
        [(0, 0, 10, Done, "ax1 ay1"), (1, 1, 11, Done, "ax2 ay2"), (2, 12, 13, Done, "rx12 ry21")];
    assert_finds(LISTS, &lines, &["G0"], &[]);
}

#[test]
fn an_aborted_read_is_g1a() {
    let lines = [(0, 0, 1, Fail, "ax1"), (1, 2, 3, Done, "rx1")];
    assert_finds(LISTS, &lines, &["G1a"], &["strong read uncommitted"]);
    let lines = [(0, 0, 1, Fail, "wx1"), (1, 2, 3, Done, "rx1")];
    assert_finds(REGISTERS, &lines, &["G1a"], &["strong read uncommitted"]);
}

#[test]
fn what_may_have_committed_may_be_read() {
    let lines = [(0, 0, 1, Info, "ax1"), (1, 2, 3, Done, "rx1")];
    assert_finds(LISTS, &lines, &[], &["strict serializable"]);
}

#[test]
fn an_intermediate_read_is_g1b() {
    let lines = [(0, 0, 4, Done, "ax1 ax2"), (1, 1, 3, Done, "rx1")];
    assert!(check(LISTS, &lines).0.contains(&"G1b".to_owned()));
    let lines = [(0, 0, 4, Done, "wx1 wx2"), (1, 1, 3, Done, "rx1")];
    assert_finds(REGISTERS, &lines, &["G1b"], &["strong read uncommitted"]);
}

#[test]
fn circular_information_flow_is_g1c() {
    let lines = [(0, 0, 10, Done, "ax1 ry2"), (1, 1, 11, Done, "ay2 rx1")];
    assert_finds(LISTS, &lines, &["G1c"], &["strong read uncommitted"]);
    let lines = [(0, 0, 10, Done, "wx1 ry2"), (1, 1, 11, Done, "wy2 rx1")];
    assert_finds(REGISTERS, &lines, &["G1c"], &["strong read uncommitted"]);
}

#[test]
fn a_lost_update_is_named_beside_its_cycle() {
    let lines = [(0, 0, 10, Done, "rx ax1"), (1, 1, 11, Done, "rx ax2"), (2, 12, 13, Done, "rx12")];
    assert_finds(LISTS, &lines, &["lost-update", "G-single"], &["strong read committed"]);
    let lines = [(0, 0, 10, Done, "rx wx1"), (1, 1, 11, Done, "rx wx2")];
    assert!(check(REGISTERS, &lines).0.contains(&"lost-update".to_owned()));
}

#[test]
fn read_skew_is_g_single() {
    let lines = [(0, 0, 10, Done, "ax1 ay1"), (1, 1, 11, Done, "rx ry1")];
    assert_finds(LISTS, &lines, &["G-single"], &["strong cursor stability"]);
    let lines = [(0, 0, 10, Done, "wx1 wy1"), (1, 1, 11, Done, "rx ry1")];
    assert_finds(REGISTERS, &lines, &["G-single"], &["strong cursor stability"]);
}

#[test]
fn a_long_fork_is_g_nonadjacent() {
    let lines = [
        (0, 0, 10, Done, "ax1"),
        (1, 1, 11, Done, "ay1"),
        (2, 2, 12, Done, "rx1 ry"),
        (3, 3, 13, Done, "rx ry1"),
    ];
    assert_finds(LISTS, &lines, &["G-nonadjacent"], &["strong parallel snapshot isolation"]);
}

#[test]
fn write_skew_is_g2_and_leaves_snapshot_isolation() {
    let lines =
        [(0, 0, 10, Done, "rx ay1"), (1, 1, 11, Done, "ry ax1"), (2, 12, 13, Done, "rx1 ry1")];
    assert_finds(LISTS, &lines, &["G2-item"], &["strong snapshot isolation"]);
    let lines = [(0, 0, 10, Done, "rx wy1"), (1, 1, 11, Done, "ry wx1")];
    assert_finds(REGISTERS, &lines, &["G2-item"], &["strong snapshot isolation"]);
}

#[test]
fn a_stale_read_breaks_real_time_only() {
    let lines = [(0, 0, 1, Done, "ax1"), (1, 2, 3, Done, "rx"), (2, 4, 5, Done, "rx1")];
    let left = ["strong cursor stability", "strong session serializable"];
    assert_finds(LISTS, &lines, &["G-single-realtime"], &left);
}

#[test]
fn a_client_that_does_not_see_its_own_write_breaks_its_session() {
    let lines = [(0, 0, 1, Done, "ax1"), (0, 2, 3, Done, "rx"), (2, 4, 5, Done, "rx1")];
    let left = ["serializable", "strong cursor stability"];
    let (found, allowed) = check(LISTS, &lines);
    assert_eq!(found, ["G-single-process"]);
    let mut allowed = allowed;
    allowed.sort();
    assert_eq!(allowed, left);
}

#[test]
fn writes_against_real_time_are_g0_realtime() {
    let lines = [(0, 0, 1, Done, "ax1"), (1, 2, 3, Done, "ax2"), (2, 4, 5, Done, "rx21")];
    assert!(check(LISTS, &lines).0.contains(&"G0-realtime".to_owned()));
}

#[test]
fn a_transaction_must_see_what_it_did_and_saw() {
    for lines in [[(0, 0, 1, Done, "ax1 rx")], [(0, 0, 1, Done, "rx ax1 rx21")]] {
        assert!(check(LISTS, &lines).0.contains(&"internal".to_owned()), "{lines:?}");
    }
    assert!(check(REGISTERS, &[(0, 0, 1, Done, "wx1 rx2")]).0.contains(&"internal".to_owned()));
}

#[test]
fn lists_that_do_not_begin_each_other_are_incompatible() {
    let lines = [
        (0, 0, 1, Done, "ax1"),
        (1, 0, 1, Done, "ax2"),
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
    let refused = |events: Vec<Event>| parse(events, LISTS).unwrap_err().to_string();
    let text = refused(vec![event("write", json!(1), Kind::Invoke)]);
    assert_eq!(text, "event 0: the operation is \"write\"; expected txn");
    let text = refused(vec![event("txn", json!([["w", "x", 1]]), Kind::Invoke)]);
    assert!(text.starts_with("event 0: the value holds [\"w\",\"x\",1]"), "{text}");
    let text = refused(vec![event("txn", json!([]), Kind::Ok)]);
    assert!(text.contains("no transaction under way"), "{text}");
}

/// Whether some order of all transactions gives the reads, if `is_strict` one that keeps real time.
fn has_order(transactions: &Transactions, is_strict: bool) -> bool {
    let count = transactions.all.len();
    let mut done = vec![false; count];
    order_from(transactions, is_strict, &mut done, &HashMap::new())
}

fn order_from(
    transactions: &Transactions,
    is_strict: bool,
    done: &mut [bool],
    lists: &HashMap<usize, Vec<usize>>,
) -> bool {
    let all = &transactions.all;
    if done.iter().all(|it| *it) {
        return true;
    }
    (0..all.len()).any(|next| {
        let mut others = (0..all.len()).filter(|it| !done[*it]);
        let is_late = is_strict && others.any(|it| all[it].ended.unwrap() < all[next].invoked);
        if done[next] || is_late {
            return false;
        }
        let mut lists = lists.clone();
        let is_allowed = all[next].steps.iter().all(|step| match step {
            Step::Write(key, element) => {
                let list = lists.entry(*key).or_default();
                if transactions.values == Values::Registers {
                    list.clear();
                }
                list.push(*element);
                true
            }
            Step::Read(key, seen) => lists.get(key).map_or(&[][..], Vec::as_slice) == seen,
        });
        done[next] = true;
        let is_found = is_allowed && order_from(transactions, is_strict, done, &lists);
        done[next] = false;
        is_found
    })
}

type Lists = HashMap<usize, Vec<usize>>;

/// A transaction of a run in snapshots.
#[derive(Clone, PartialEq)]
enum Stage {
    Waits,
    /// What was committed when it began.
    Begun(Lists),
    Committed,
}

/// Whether some order of all beginnings and commits gives each read what was committed when its
/// transaction began, with its own writes, so that nothing that it writes was written since.
fn has_snapshots(transactions: &Transactions, stages: &mut [Stage], lists: &Lists) -> bool {
    if stages.iter().all(|stage| *stage == Stage::Committed) {
        return true;
    }
    (0..stages.len()).any(|next| {
        let before = stages[next].clone();
        let steps = &transactions.all[next].steps;
        let (stage, lists) = match &before {
            Stage::Waits if sees(steps, lists) => (Stage::Begun(lists.clone()), lists.clone()),
            Stage::Begun(snapshot) => {
                let Some(lists) = committed(steps, snapshot, lists) else { return false };
                (Stage::Committed, lists)
            }
            _ => return false,
        };
        stages[next] = stage;
        let is_found = has_snapshots(transactions, stages, &lists);
        stages[next] = before;
        is_found
    })
}

fn sees(steps: &[Step], snapshot: &Lists) -> bool {
    let mut lists = snapshot.clone();
    steps.iter().all(|step| match step {
        Step::Write(key, element) => {
            lists.entry(*key).or_default().push(*element);
            true
        }
        Step::Read(key, seen) => lists.get(key).map_or(&[][..], Vec::as_slice) == seen,
    })
}

/// The lists after a commit, unless somebody else wrote one of its keys since it began.
fn committed(steps: &[Step], snapshot: &Lists, lists: &Lists) -> Option<Lists> {
    let mut after = lists.clone();
    for step in steps {
        if let Step::Write(key, element) = step {
            if snapshot.get(key) != lists.get(key) {
                return None;
            }
            after.entry(*key).or_default().push(*element);
        }
    }
    Some(after)
}

/// A few transactions with reads of some beginning of each list, and one that reads all in the end.
fn random_history(random: &mut Rng) -> Transactions {
    let count = random.usize(2..6);
    let mut lists: [Vec<u32>; 2] = [vec![], vec![]];
    let mut texts: Vec<Vec<(usize, Option<u32>)>> = Vec::new();
    for element in 1..=u32::try_from(count).unwrap() {
        let steps = (0..random.usize(1..4)).map(|at| {
            let key = random.usize(..2);
            (key, random.bool().then_some(element * 10 + at as u32))
        });
        let steps: Vec<_> = steps.collect();
        for (key, appended) in &steps {
            let place = random.usize(..=lists[*key].len());
            appended.iter().for_each(|it| lists[*key].insert(place, *it));
        }
        texts.push(steps);
    }
    let mut events = Vec::new();
    for (process, steps) in texts.iter().enumerate() {
        let mut own: [Vec<u32>; 2] = [vec![], vec![]];
        let mut seen: [Option<usize>; 2] = [None, None];
        let mut answer = Vec::new();
        for (key, appended) in steps {
            if let Some(element) = appended {
                own[*key].push(*element);
                answer.push(json!(["append", key, element]));
                continue;
            }
            let end = *seen[*key].get_or_insert_with(|| random.usize(..=lists[*key].len()));
            let list = lists[*key][..end].iter().filter(|it| !own[*key].contains(it));
            answer.push(json!(["r", key, list.chain(&own[*key]).collect::<Vec<_>>()]));
        }
        let begin = random.usize(..20);
        let end = begin + random.usize(1..12);
        events.push((begin, process, Kind::Invoke, Value::Array(answer.clone())));
        events.push((end, process, Kind::Ok, Value::Array(answer)));
    }
    let last = json!([["r", 0, lists[0]], ["r", 1, lists[1]]]);
    events.push((100, count, Kind::Invoke, last.clone()));
    events.push((101, count, Kind::Ok, last));
    events.sort_by_key(|(place, ..)| *place);
    let events = events.into_iter().map(|(_, process, kind, value)| Event {
        process: process as u64,
        kind,
        function: "txn".to_owned(),
        key: None,
        value,
        time_ns: None,
    });
    parse(events, LISTS).unwrap()
}

#[test]
fn what_is_allowed_is_what_brute_force_can_order() {
    let mut random = Rng::with_seed(7);
    let mut counts = [0; 3];
    for case in 0..20_000 {
        let transactions = random_history(&mut random);
        let isolation = check_transactions(&transactions, Budget::default());
        let allowed: Vec<String> = isolation.allowed.iter().map(ToString::to_string).collect();
        let is_serializable = allowed.iter().any(|it| it.ends_with("serializable"));
        let is_strict = allowed == ["strict serializable"];
        let about = || format!("case {case}: {isolation:#?} {transactions:#?}");
        assert_eq!(is_serializable, has_order(&transactions, false), "{}", about());
        assert_eq!(is_strict, has_order(&transactions, true), "{}", about());
        let order = isolation.order.as_deref();
        let proof = order.map(|order| verify_serial(&transactions, order));
        assert_eq!(proof, is_strict.then_some(Ok(())), "{}", about());
        counts[usize::from(is_serializable) + usize::from(is_strict)] += 1;
    }
    assert!(counts.iter().all(|count| *count > 100), "{counts:?}");
}

#[test]
fn snapshots_are_allowed_if_and_only_if_brute_force_finds_some() {
    let mut random = Rng::with_seed(9);
    let mut counts = [0; 3];
    for case in 0..8_000 {
        let transactions = random_history(&mut random);
        let isolation = check_transactions(&transactions, Budget::default());
        let mut levels = isolation.allowed.iter().map(|promise| promise.level);
        let is_allowed =
            levels.any(|it| matches!(it, Level::SnapshotIsolation | Level::Serializable));
        let mut stages = vec![Stage::Waits; transactions.all.len()];
        let has_snapshots = has_snapshots(&transactions, &mut stages, &Lists::new());
        assert_eq!(is_allowed, has_snapshots, "case {case}: {isolation:#?} {transactions:#?}");
        let is_serializable = has_order(&transactions, false);
        assert!(has_snapshots || !is_serializable, "case {case}: {transactions:#?}");
        counts[usize::from(has_snapshots) + usize::from(is_serializable)] += 1;
    }
    assert!(counts.iter().all(|count| *count > 50), "{counts:?}");
}

/// A few transactions that write and read two registers; a read gives what any of them may have
/// written.
fn random_registers(random: &mut Rng) -> Transactions {
    let count = random.usize(2..6);
    let mut events = Vec::new();
    for process in 0..count {
        let mut answer = Vec::new();
        for key in 0..2 {
            let other = random.usize(..count);
            match random.u8(..6) {
                0 => answer.push(json!(["r", key, null])),
                1 | 2 => answer.push(json!(["r", key, other * 10 + key])),
                _ => {}
            }
            if random.bool() {
                answer.push(json!(["w", key, process * 10 + key]));
            }
        }
        let begin = random.u64(0..20);
        let end = begin + random.u64(1..12);
        events.push((begin, process, Kind::Invoke, Value::Array(answer.clone())));
        events.push((end, process, Kind::Ok, Value::Array(answer)));
    }
    events.sort_by_key(|(place, ..)| *place);
    let events = events.into_iter().map(|(place, process, kind, value)| Event {
        process: process as u64,
        kind,
        function: "txn".to_owned(),
        key: None,
        value,
        time_ns: Some(place),
    });
    parse(events, REGISTERS).unwrap()
}

#[test]
fn registers_hold_if_and_only_if_brute_force_finds_an_order() {
    let mut random = Rng::with_seed(8);
    let mut counts = [0; 3];
    for case in 0..50_000 {
        let transactions = random_registers(&mut random);
        let isolation = check_transactions(&transactions, Budget::default());
        let about = || format!("case {case}: {isolation:#?} {transactions:#?}");
        let is_strict = has_order(&transactions, true);
        assert_eq!(isolation.found.is_empty(), is_strict, "{}", about());
        let order = isolation.order.as_deref();
        let proof = order.map(|order| verify_serial(&transactions, order));
        assert_eq!(proof, is_strict.then_some(Ok(())), "{}", about());
        let is_named = isolation.found.keys().any(|it| it.kind != lab_order::Kind::NoOrder);
        let allowed: Vec<String> = isolation.allowed.iter().map(ToString::to_string).collect();
        let is_serializable = allowed.iter().any(|it| it.ends_with("serializable"));
        assert!(is_serializable || !has_order(&transactions, false), "{}", about());
        counts[usize::from(is_strict) + usize::from(!is_named)] += 1;
    }
    assert!(counts.iter().all(|count| *count > 100), "{counts:?}");
}
