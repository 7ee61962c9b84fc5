//! Cores against brute force.

mod chains;
mod deadline;
mod names;

use proptest::prelude::*;
use rustc_hash::FxHashMap;
use serde_json::{Value, json};

use super::shrink::{Entry, Shrinking};
use super::*;
use crate::{
    Answer, Budget, CasRegister, HistoryBuilder, KeyValue, Object, Queue, Register, Set, State,
    ValueId, Verdict, check,
};
use lab_history::{Event, Kind};

/// Whether some order explains the answers: every order is tried.
fn holds<S: Specification>(
    entries: &[Entry<S::Action>],
    specification: &mut S,
    initial: State,
) -> bool {
    goes_on(entries, specification, 0, initial)
}

fn goes_on<S: Specification>(
    entries: &[Entry<S::Action>],
    specification: &mut S,
    done: u32,
    state: State,
) -> bool {
    let open = || (0..entries.len()).filter(|at| done & 1 << at == 0);
    if open().all(|at| !entries[at].kept.is_firm()) {
        return true;
    }
    let first_end = open().map(|at| entries[at].kept.weakened.answered).min().unwrap();
    open().any(|at| {
        entries[at].kept.weakened.invoked < first_end
            && specification
                .step(state, entries[at].action)
                .is_some_and(|next| goes_on(entries, specification, done | 1 << at, next))
    })
}

/// An operation as drawn: process by place, function, values, how it ends, and its two events.
type Drawn = (u8, u32, u32, u8, u8, u8);

fn operations(count: usize) -> impl Strategy<Value = Vec<Drawn>> {
    let one = (0..5_u8, 0..3_u32, 0..3_u32, 0..10_u8, any::<u8>(), any::<u8>());
    prop::collection::vec(one, 1..count)
}

/// What a drawn operation is on an object: its function, argument and result.
fn meant(object: Object, function: u8, one: u32, other: u32) -> (&'static str, Value, Value) {
    let letters = ["", "x", "y"];
    let text = |at: u32| letters[at as usize];
    match (object, function) {
        (Object::CasRegister, 4) => ("cas", json!([one, other]), json!([one, other])),
        (Object::Register | Object::CasRegister, 0 | 1) => ("read", json!(null), json!(one)),
        (Object::Register | Object::CasRegister, _) => ("write", json!(one), json!(null)),
        (Object::KeyValue, 0 | 1) => {
            ("get", json!(null), json!(text(one).to_owned() + text(other)))
        }
        (Object::KeyValue, 2) => ("put", json!(text(one)), json!(null)),
        (Object::KeyValue, 3) => ("append", json!(text(one)), json!(null)),
        // One begins with another, and one ends with it.
        (Object::KeyValue, _) => ("append", json!(["xx", "xy", "yx"][one as usize]), json!(null)),
        (Object::Set, 0 | 1) => ("add", json!(one), json!(null)),
        (Object::Set, 2) => ("remove", json!(one), json!(null)),
        (Object::Set, 3) => ("contains", json!(one), json!(other == 0)),
        (Object::Set, _) if one < other => ("read", json!(null), json!([one, other])),
        (Object::Set, _) if one == other => ("read", json!(null), json!([one, one])),
        (Object::Set, _) => ("read", json!(null), json!([one])),
        (Object::Queue, 0 | 1) => ("enqueue", json!(one), json!(null)),
        (Object::Queue, _) if other == 0 => ("dequeue", json!(null), json!(null)),
        (Object::Queue, _) => ("dequeue", json!(null), json!(one)),
    }
}

/// The drawn operations, by as few processes as can be; some fail and some are never answered.
fn history(object: Object, drawn: &[Drawn]) -> History {
    let mut events: Vec<(u8, Event)> = Vec::new();
    let mut drawn = drawn.to_vec();
    drawn.sort_by_key(|(.., from, until)| *from.min(until));
    // Until when each process is busy.
    let mut busy: Vec<u8> = Vec::new();
    for (function, one, other, ending, from, until) in drawn {
        let free = busy.iter().position(|busy| *busy < from.min(until));
        let process = free.unwrap_or(busy.len());
        busy.resize(busy.len().max(process + 1), 0);
        busy[process] = if ending == 0 { u8::MAX } else { from.max(until) };
        let process = process as u64;
        let (function, argument, result) = meant(object, function, one, other);
        let event = |kind, value: Value| {
            let function = function.to_owned();
            Event { process, kind, function, key: None, value, time_ns: None }
        };
        events.push((from.min(until), event(Kind::Invoke, argument)));
        let answer = match ending {
            0 => event(Kind::Info, json!(null)),
            1 => event(Kind::Fail, json!(null)),
            _ => event(Kind::Ok, result),
        };
        events.push((from.max(until), answer));
    }
    events.sort_by_key(|(at, _)| *at);
    let mut builder = HistoryBuilder::new();
    for (_, event) in &events {
        builder.push(event).unwrap();
    }
    builder.finish()
}

/// The operations of a history or of a core, those that say nothing left out.
fn entries<S: Specification>(history: &History, specification: &mut S) -> Vec<Entry<S::Action>> {
    let mut entries = Vec::new();
    for (id, operation) in (0..).zip(history.operations()) {
        if let Some(action) = specification.action(history, operation).unwrap() {
            entries.push(Entry { kept: Kept { id, weakened: *operation }, action });
        }
    }
    entries
}

fn overwrites(history: &History, operation: &Operation) -> bool {
    ["write", "put"].contains(&history.function(operation))
}

fn observes(history: &History, operation: &Operation) -> bool {
    // A crashed dequeue has no result either, and may have taken something.
    let is_told = operation.answer == Answer::Ok && operation.result == ValueId::NULL;
    let found_empty = history.function(operation) == "dequeue" && is_told;
    found_empty || ["read", "get", "contains"].contains(&history.function(operation))
}

/// Each history that differs from a core by one move on one operation. The write that a core begins
/// with stays before what could see what was there.
fn weaker(core: &Core, history: &History) -> Vec<History> {
    let mut all = Vec::new();
    let begins = |at: usize| core.begins_with == Some(core.kept[at].id);
    let base = &core.weakened(history);
    let of = |kept: &Kept| {
        let same = |one: &&Operation| one.invoked == kept.weakened.invoked;
        *base.operations().iter().find(same).unwrap()
    };
    let weakened: Vec<Operation> = core.kept.iter().map(of).collect();
    for (at, operation) in weakened.iter().enumerate() {
        let is_maybe_cas = operation.answered == NEVER && base.function(operation) == "cas";
        if let Some(&[_, new]) = base.values().elements(operation.argument)
            && let Some(write) = base.functions().iter().position(|name| name == "write")
            && is_maybe_cas
        {
            let mut other = weakened.clone();
            let (function, result) = (write as u16, ValueId::NULL);
            other[at] = Operation { function, argument: new, result, ..*operation };
            all.push(base.with_operations(other));
        }
    }
    for (at, operation) in weakened.iter().enumerate() {
        if operation.answered == NEVER || begins(at) {
            continue;
        }
        let mut other = weakened.clone();
        other.remove(at);
        if !observes(base, operation) {
            let answer = Answer::Info;
            other.push(Operation { answered: NEVER, answer, result: ValueId::NULL, ..*operation });
        }
        all.push(base.with_operations(other));
    }
    let is_needed = |&&(before, after): &&(usize, usize)| {
        !begins(before) || !core.kept[after].is_firm() || overwrites(base, &weakened[after])
    };
    for (before, after) in core.orders.iter().filter(is_needed) {
        let [end, start] = [weakened[*before].answered, weakened[*after].invoked];
        if start == end + 1 {
            // The two overlap by a moment, and nothing else changes.
            let mut other = weakened.clone();
            other[*before].answered = start;
            other[*after].invoked = end;
            all.push(base.with_operations(other));
        }
    }
    all
}

/// The whole history, of which only the answers are believed that the core needs.
fn around<S: Specification>(
    history: &History,
    core: &Core,
    specification: &mut S,
) -> Vec<Entry<S::Action>> {
    let mut around = entries(history, specification);
    let is_firm = |id| core.kept.iter().any(|kept| kept.id == id && kept.is_firm());
    around.retain_mut(|entry| {
        let Kept { id, weakened } = &mut entry.kept;
        let is_kept = is_firm(*id);
        let looks = observes(history, weakened);
        weakened.answered = if is_kept { weakened.answered } else { NEVER };
        is_kept || !looks
    });
    around
}

/// The core of a violation is one, and whatever is weaker holds.
fn is_small<S: Specification>(history: &History, mut specification: S) {
    let specification = &mut specification;
    let all = entries(history, specification);
    let initial = specification.initial();
    let verdict = check(history, specification, Budget::default()).unwrap();
    let Verdict::Violated(violation) = verdict else {
        assert!(holds(&all, specification, initial), "{verdict:?}");
        return;
    };
    assert!(!holds(&all, specification, initial));
    let core = Core::of(history, specification, &violation, Duration::MAX).unwrap();
    assert!(core.is_minimal());
    if core.begins_with().is_none() {
        let around = around(history, &core, specification);
        assert!(!holds(&around, specification, initial), "{core:?}\n{:?}", history.operations());
    }
    let kept = entries(&core.weakened(history), specification);
    assert!(!holds(&kept, specification, initial), "{core:?}");
    for weaker in weaker(&core, history) {
        let left = entries(&weaker, specification);
        assert!(holds(&left, specification, initial), "{core:?}\n{weaker:?}");
    }
}

/// What holds holds after every move.
fn moves_keep_it<S: Specification>(history: &History, mut specification: S) {
    let all = entries(history, &mut specification);
    let initial = specification.initial();
    if !holds(&all, &mut specification, initial) {
        return;
    }
    let mut shrinking = Shrinking::within(history, &mut specification, Duration::MAX);
    let mut moved = Vec::new();
    for place in 0..all.len() {
        let mut one = all.clone();
        match shrinking.maybe(&all[place]) {
            Some(maybe) => one[place] = maybe,
            None => drop(one.remove(place)),
        }
        moved.push(one);
        moved.extend(shrinking.behind(&all, place));
        let mut one = all.clone();
        match shrinking.least(&all[place]) {
            Some(least) => one[place] = least,
            None => drop(one.remove(place)),
        }
        moved.push(one);
    }
    // What was weakened already is seen in part as well.
    for all in std::iter::once(all).chain(moved.clone()) {
        let actions: Vec<S::Action> = all.iter().map(|entry| entry.action).collect();
        let elements = shrinking.specification.elements(&actions);
        for bits in 0..1_u32 << elements.len().min(6) {
            let kept = (0..elements.len()).filter(|at| bits & 1 << at != 0);
            let kept = kept.map(|at| elements[at]).collect();
            moved.extend(shrinking.onto(&all, &elements, &kept));
        }
    }
    for moved in moved {
        let mut pruned = moved.clone();
        shrinking.prune(&mut pruned);
        for left in [moved, pruned] {
            let kept: Vec<Kept> = left.iter().map(|entry| entry.kept).collect();
            let holds = holds(&left, shrinking.specification, initial);
            assert!(holds, "{:?}\n{kept:?}", history.operations());
        }
    }
}

/// What is of use is counted alike, of one action and of all at once.
fn uses_are_counted_alike<S: Specification>(history: &History, mut specification: S) {
    let all = entries(history, &mut specification);
    let actions: Vec<S::Action> = all.iter().map(|entry| entry.action).collect();
    let mut uses: FxHashMap<S::Action, usize> = actions.iter().map(|one| (*one, 0)).collect();
    specification.count_uses(&mut uses, &actions);
    for (action, count) in uses {
        assert_eq!(specification.uses(action, &actions), count, "{:?}", history.operations());
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_core_is_a_violation_and_anything_weaker_holds(drawn in operations(9)) {
        is_small(&history(Object::Register, &drawn), Register::default());
        is_small(&history(Object::CasRegister, &drawn), CasRegister::default());
        is_small(&history(Object::KeyValue, &drawn), KeyValue::new());
        is_small(&history(Object::Set, &drawn), Set::new());
        is_small(&history(Object::Queue, &drawn), Queue::new());
    }

    #[test]
    fn no_move_makes_a_violation_of_what_holds(drawn in operations(8)) {
        moves_keep_it(&history(Object::Register, &drawn), Register::default());
        moves_keep_it(&history(Object::CasRegister, &drawn), CasRegister::default());
        moves_keep_it(&history(Object::KeyValue, &drawn), KeyValue::new());
        moves_keep_it(&history(Object::Set, &drawn), Set::new());
        moves_keep_it(&history(Object::Queue, &drawn), Queue::new());
    }

    #[test]
    fn uses_are_counted_alike_one_by_one_and_at_once(drawn in operations(30)) {
        uses_are_counted_alike(&history(Object::CasRegister, &drawn), CasRegister::default());
        uses_are_counted_alike(&history(Object::Queue, &drawn), Queue::new());
    }
}

#[test]
fn deleting_a_write_would_make_a_violation_that_is_none() {
    let history = history(Object::Register, &[(2, 1, 0, 9, 0, 1), (0, 1, 0, 9, 2, 3)]);
    let specification = &mut Register::default();
    let all = entries(&history, specification);
    let initial = specification.initial();
    assert!(holds(&all, specification, initial));
    assert!(!holds(&all[1..], specification, initial));
}
