//! Cores against brute force.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::shrink::{Entry, Shrinking};
use super::*;
use crate::{Answer, Budget, CasRegister, HistoryBuilder, State, ValueId, Verdict, check};
use lab_history::{Event, Kind};

/// Whether some order explains the answers, from one of `states` on: every order is tried.
fn holds<S: Specification>(
    entries: &[Entry<S::Action>],
    specification: &mut S,
    states: &[State],
) -> bool {
    states.iter().any(|state| goes_on(entries, specification, 0, *state))
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

/// Every value that a history has, and none.
fn states() -> Vec<State> {
    (0..4)
        .map(|value| ValueId::integer(value).unwrap().get())
        .chain([ValueId::NULL.get()])
        .collect()
}

/// An operation as drawn: process by place, function, values, how it ends, and its two events.
type Drawn = (u8, u32, u32, u8, u8, u8);

fn operations(count: usize) -> impl Strategy<Value = Vec<Drawn>> {
    let one = (0..5_u8, 0..3_u32, 0..3_u32, 0..10_u8, any::<u8>(), any::<u8>());
    prop::collection::vec(one, 1..count)
}

/// Reads, writes and compare-and-sets of values below 3, a fifth of them without an answer.
fn history(drawn: &[Drawn]) -> History {
    let mut events: Vec<(u8, Event)> = Vec::new();
    for (process, (function, one, other, ending, from, until)) in (0..).zip(drawn.iter().copied()) {
        let (function, argument, result) = match function {
            0 | 1 => ("read", json!(null), json!(one)),
            2 | 3 => ("write", json!(one), json!(one)),
            _ => ("cas", json!([one, other]), json!([one, other])),
        };
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

/// The entries of a history or of a core, those that say nothing left out.
fn entries(history: &History) -> Vec<Entry<<CasRegister as Specification>::Action>> {
    let mut entries = Vec::new();
    for (id, operation) in (0..).zip(history.operations()) {
        let specification = &mut CasRegister::default();
        if let Some(action) = specification.action(history, operation).unwrap() {
            entries.push(Entry { kept: Kept { id, weakened: *operation }, action });
        }
    }
    entries
}

fn core(history: &History) -> Option<Core> {
    let specification = &mut CasRegister::default();
    match check(history, specification, Budget::default()).unwrap() {
        Verdict::Violated(violation) => {
            Some(Core::of(history, specification, &violation, Duration::MAX).unwrap())
        }
        _ => None,
    }
}

fn is_write(history: &History, operation: &Operation) -> bool {
    history.function(operation) == "write"
}

/// Each history that differs from a core by one move on one operation.
fn weaker(core: &Core, history: &History) -> Vec<History> {
    let mut all = Vec::new();
    let weakened: Vec<Operation> = core.kept.iter().map(|kept| kept.weakened).collect();
    for (at, operation) in weakened.iter().enumerate().filter(|(_, one)| one.answered != NEVER) {
        let mut other = weakened.clone();
        other.remove(at);
        if history.function(operation) != "read" {
            let answer = Answer::Info;
            other.push(Operation { answered: NEVER, answer, result: ValueId::NULL, ..*operation });
        }
        all.push(history.with_operations(other));
    }
    let begins = |at: usize| core.begins_with == Some(core.kept[at].id);
    let is_needed = |&&(before, after): &&(usize, usize)| {
        !begins(before) || !core.kept[after].is_firm() || is_write(history, &weakened[after])
    };
    for (before, after) in core.orders.iter().filter(is_needed) {
        // The two overlap by a moment, and nothing else changes.
        let [end, start] = [weakened[*before].answered, weakened[*after].invoked];
        if start == end + 1 {
            let mut other = weakened.clone();
            other[*before].answered = start;
            other[*after].invoked = end;
            all.push(history.with_operations(other));
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn a_core_is_a_violation_and_anything_weaker_holds(drawn in operations(9)) {
        let history = history(&drawn);
        let specification = &mut CasRegister::default();
        let initial = [specification.initial()];
        let Some(core) = core(&history) else {
            prop_assert!(holds(&entries(&history), specification, &initial));
            return Ok(());
        };
        prop_assert!(!holds(&entries(&history), specification, &initial));
        prop_assert!(core.is_minimal());
        prop_assert!(!holds(&entries(&core.weakened(&history)), specification, &initial));
        for weaker in weaker(&core, &history) {
            // A core that begins with a write says that nothing before it counts: so without the
            // write anything may have been there.
            let holds = holds(&entries(&weaker), specification, &states());
            prop_assert!(holds, "{:?}\n{:?}", core, weaker);
        }
    }

    #[test]
    fn no_move_makes_a_violation_of_what_holds(drawn in operations(8)) {
        let history = history(&drawn);
        let all = entries(&history);
        let initial = [CasRegister::default().initial()];
        if !holds(&all, &mut CasRegister::default(), &initial) {
            return Ok(());
        }
        let specification = &mut CasRegister::default();
        let mut shrinking = Shrinking::new(&history, specification, Duration::MAX);
        let mut moved = Vec::new();
        for place in 0..all.len() {
            let mut one = all.clone();
            if let Some(maybe) = shrinking.maybe(&all[place]) {
                one[place] = maybe;
            } else {
                one.remove(place);
            }
            let mut pruned = one.clone();
            shrinking.prune(&mut pruned);
            moved.extend([one, pruned]);
            moved.extend(shrinking.behind(&all, place));
        }
        for moved in moved {
            let holds = holds(&moved, &mut CasRegister::default(), &initial);
            prop_assert!(holds, "{:?}\n{:?}", all, moved);
        }
    }
}

#[test]
fn deleting_a_write_would_make_a_violation_that_is_none() {
    let drawn = [(2, 1, 0, 9, 0, 1), (0, 1, 0, 9, 2, 3)];
    let history = history(&drawn);
    let all = entries(&history);
    let initial = [CasRegister::default().initial()];
    assert!(holds(&all, &mut CasRegister::default(), &initial));
    assert!(!holds(&all[1..], &mut CasRegister::default(), &initial));
}
