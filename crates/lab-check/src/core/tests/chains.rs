//! Long chains, of which few operations matter.

use super::*;

/// Operations one after the other: who, what, asked and answered.
pub(super) fn one_by_one(all: &[(u64, &str, Value, Value)]) -> History {
    let mut builder = HistoryBuilder::new();
    for (process, function, argument, result) in all {
        for (kind, value) in [(Kind::Invoke, argument), (Kind::Ok, result)] {
            let (function, value) = ((*function).to_owned(), value.clone());
            let (key, time_ns) = (None, None);
            let event = Event { process: *process, kind, function, key, value, time_ns };
            builder.push(&event).unwrap();
        }
    }
    builder.finish()
}

/// `cas` of each number by the next, the first of null, and then `last`.
pub(super) fn cas_chain(count: u64, processes: u64, last: Value) -> History {
    let from = |at: u64| if at == 0 { Value::Null } else { json!(at) };
    let cas = |at: u64| (at % processes, "cas", json!([from(at), at + 1]), Value::Null);
    let mut all: Vec<_> = (0..count).map(cas).collect();
    all.push((processes, "cas", last, Value::Null));
    one_by_one(&all)
}

fn core_of(object: Object, history: &History) -> Core {
    let verdict = object.check(history, Budget::default()).unwrap();
    let Verdict::Violated(violation) = verdict else { panic!("{verdict:?}") };
    let core = object.core(history, &violation, Duration::MAX).unwrap();
    let again = object.check(&core.weakened(history), Budget::default()).unwrap();
    assert!(matches!(again, Verdict::Violated(_)), "{core:?}");
    let shown = object.check(&core.shown(history), Budget::default()).unwrap();
    assert!(matches!(shown, Verdict::Violated(_)), "{core:?}");
    assert!(core.is_minimal() && core.kept().len() <= 6, "{core:?}");
    core
}

/// What a core means, maybes as such.
fn told(core: &Core) -> Vec<String> {
    let maybe = |kept: &Kept| if kept.is_firm() { "" } else { "maybe " };
    core.kept.iter().zip(&core.labels).map(|(kept, it)| maybe(kept).to_owned() + it).collect()
}

#[test]
fn two_cas_of_one_value_after_a_chain_need_one_write_before_them() {
    for (count, processes) in [(20, 1), (1000, 1), (1000, 3)] {
        let history = cas_chain(count, processes, json!([count - 1, 9999]));
        let core = core_of(Object::CasRegister, &history);
        let [before, value] = [count - 1, count];
        let expected = [
            format!("maybe write {before}"),
            format!("cas [{before},{value}]"),
            format!("cas [{before},9999]"),
        ];
        assert_eq!(told(&core), expected);
        assert_eq!(core.name().map(|name| name.anomaly), Some(lab_task::Anomaly::LostUpdate));
    }
}

#[test]
fn a_lost_append_among_hundreds_is_looked_at_alone() {
    let piece = |at: u64| json!(format!("<{at}>"));
    let mut all: Vec<_> = (0..400).map(|at| (0, "append", piece(at), Value::Null)).collect();
    let got: String = (0..400).filter(|at| *at != 10).map(|at| format!("<{at}>")).collect();
    all.push((1, "get", Value::Null, json!(got)));
    let history = one_by_one(&all);
    let core = core_of(Object::KeyValue, &history);
    assert_eq!(told(&core), [r#"append "<10>""#, r#"get -> """#]);
    let text = core.timeline(&history, "VIOLATED".to_owned()).to_text();
    assert!(text.contains(r#"note of all that was there only "<10>" is looked at"#), "{text}");
    assert!(text.lines().all(|line| line.chars().count() < 450), "{text}");
}

#[test]
fn a_lost_append_is_looked_at_alone_where_others_begin_with_it() {
    let piece = |at: u64| json!(format!("k{at}"));
    let mut all: Vec<_> = (0..400).map(|at| (0, "append", piece(at), Value::Null)).collect();
    let got: String = (0..400).filter(|at| *at != 10).map(|at| format!("k{at}")).collect();
    all.push((1, "get", Value::Null, json!(got)));
    let core = core_of(Object::KeyValue, &one_by_one(&all));
    assert_eq!(told(&core), [r#"append "k10""#, r#"get -> """#]);
}

#[test]
fn a_lost_element_among_many_is_looked_at_alone() {
    let mut all: Vec<_> = (0..100).map(|at| (0, "add", json!(at), Value::Null)).collect();
    let read: Vec<u64> = (0..100).filter(|at| *at != 7).collect();
    all.push((1, "read", Value::Null, json!(read)));
    let core = core_of(Object::Set, &one_by_one(&all));
    assert_eq!(told(&core), ["add 7", "contains 7 -> false"]);
}

#[test]
fn a_queue_of_hundreds_is_shrunk_to_the_elements_that_contradict() {
    let enqueue = |at: u64| (0, "enqueue", json!(at), Value::Null);
    let dequeue = |at: u64| (1, "dequeue", Value::Null, json!(at));
    let mut all: Vec<_> = (0..400).map(enqueue).collect();
    all.extend((0..399).map(dequeue));
    all.push((1, "dequeue", Value::Null, Value::Null));
    let core = core_of(Object::Queue, &one_by_one(&all));
    assert_eq!(told(&core), ["enqueue 399", "dequeue -> null"]);
}

#[test]
fn an_element_that_was_taken_twice_needs_no_other() {
    let all = [
        (0, "enqueue", json!(0), Value::Null),
        (0, "enqueue", json!(3), Value::Null),
        (1, "dequeue", Value::Null, json!(0)),
        (1, "dequeue", Value::Null, json!(3)),
        (1, "dequeue", Value::Null, json!(3)),
    ];
    let core = core_of(Object::Queue, &one_by_one(&all));
    assert_eq!(told(&core), ["maybe enqueue 3", "dequeue -> 3", "dequeue -> 3"]);
}

#[test]
fn a_value_that_was_replaced_twice_is_named_whichever_came_last() {
    let cas = |process, from: Value, to: u64| (process, "cas", json!([from, to]), Value::Null);
    let all =
        [cas(0, Value::Null, 1), cas(1, json!(1), 2), cas(2, json!(2), 3), cas(3, json!(1), 4)];
    let core = core_of(Object::CasRegister, &one_by_one(&all));
    assert_eq!(core.name().map(|name| name.anomaly), Some(lab_task::Anomaly::LostUpdate));
}

#[test]
fn what_made_a_stale_value_is_drawn_beside_the_core() {
    let all = [
        (0, "write", json!(2), Value::Null),
        (0, "write", json!(1), Value::Null),
        (1, "read", Value::Null, json!(2)),
    ];
    let history = one_by_one(&all);
    let core = core_of(Object::Register, &history);
    assert_eq!(told(&core), ["write 1", "read -> 2"]);
    let timeline = core.timeline(&history, "VIOLATED".to_owned());
    let drawn: Vec<&str> = timeline.spans.iter().map(|span| &*span.label).collect();
    assert_eq!(drawn, ["write 2", "write 1", "read -> 2"]);
    assert_eq!(timeline.orders, [(1, 2)]);
    let shown = core_of(Object::Register, &core.shown(&history));
    assert_eq!(shown.name(), core.name());
}
