//! Shrinking ends when its time does, by a clock that goes on with the work alone.

use rustc_hash::{FxHashMap, FxHashSet};

use super::*;
use crate::limits::Limits;
use crate::worked::{OVERRUN_MAX, begin, clock, work, worked};
use crate::{Effect, Element, Misfit, Spelled, Values};

/// What a call of the specification takes.
const CALL: Duration = Duration::from_micros(1);

fn calls(count: usize) {
    work(CALL * count as u32);
}

/// A specification of which each call takes its time.
struct Slow<S>(S);

impl<S: Specification> Specification for Slow<S> {
    type Action = S::Action;

    const BY_KEY: bool = S::BY_KEY;

    fn action(
        &mut self,
        history: &History,
        operation: &Operation,
    ) -> Result<Option<S::Action>, Misfit> {
        calls(1);
        self.0.action(history, operation)
    }

    fn initial(&self) -> State {
        self.0.initial()
    }

    fn step(&mut self, state: State, action: S::Action) -> Option<State> {
        calls(1);
        self.0.step(state, action)
    }

    fn effect(&self, action: S::Action) -> Effect {
        self.0.effect(action)
    }

    fn needs(&self, action: S::Action) -> Option<State> {
        self.0.needs(action)
    }

    fn uses(&self, action: S::Action, others: &[S::Action]) -> usize {
        calls(1);
        self.0.uses(action, others)
    }

    fn count_uses(&self, actions: &mut FxHashMap<S::Action, usize>, others: &[S::Action]) {
        calls((actions.len() + others.len()) / 16);
        self.0.count_uses(actions, others);
    }

    fn unanswered(&self, action: S::Action) -> S::Action {
        self.0.unanswered(action)
    }

    fn loosened(&self, action: S::Action) -> Option<S::Action> {
        self.0.loosened(action)
    }

    fn elements(&mut self, actions: &[S::Action]) -> Vec<Element> {
        calls(actions.len() / 16);
        self.0.elements(actions)
    }

    fn onto(
        &mut self,
        action: S::Action,
        all: &[Element],
        kept: &FxHashSet<Element>,
    ) -> Option<S::Action> {
        calls(1);
        self.0.onto(action, all, kept)
    }

    fn spelled(&self, action: S::Action, values: &Values) -> Option<Spelled> {
        self.0.spelled(action, values)
    }
}

/// The core of a history that is violated, how long the whole took, and the time that it had.
fn core_within<S: Specification>(history: &History, specification: S, time: Duration) -> Core {
    let specification = &mut Slow(specification);
    let verdict = check(history, specification, Budget::default()).unwrap();
    let Verdict::Violated(violation) = verdict else { panic!("{verdict:?}") };
    begin();
    let limits = Limits::by_clock(Budget { time, ..Budget::default() }, clock);
    let core = Core::by(&mut Shrinking::new(history, specification, limits, time), &violation);
    let took = worked();
    assert!(took < time.saturating_add(OVERRUN_MAX), "{took:?} of {time:?}");
    core.unwrap()
}

#[test]
fn shrinking_ends_with_its_time_and_says_so() {
    let chain = chains::cas_chain(2000, 3, json!([1999, 9999]));
    let mut is_cut = false;
    for micros in [0, 100, 1_000, 2_000, 5_000, 10_000, 20_000] {
        let time = Duration::from_micros(micros);
        let core = core_within(&chain, CasRegister::default(), time);
        is_cut |= !core.is_minimal();
        assert!(core.is_found() || !core.is_minimal());
    }
    assert!(is_cut);
}

#[test]
fn without_time_the_blamed_operation_is_shown_and_no_core_is_claimed() {
    let chain = chains::cas_chain(100, 3, json!([99, 9999]));
    let core = core_within(&chain, CasRegister::default(), Duration::ZERO);
    assert!(!core.is_found() && !core.is_minimal() && !core.is_named() && core.name().is_none());
    assert_eq!(core.kept().iter().map(|kept| kept.id).collect::<Vec<_>>(), [100]);
    let text = core.timeline(&chain, "VIOLATED".to_owned()).to_text();
    assert!(text.contains("the time ran out before it was found which operations"), "{text}");
    assert!(text.contains("the time ran out before every name was tried"), "{text}");
}

#[test]
fn a_chain_is_shrunk_in_a_few_times_its_check() {
    for count in [250, 500, 1000] {
        let chain = chains::cas_chain(count, 3, json!([count - 1, 9999]));
        begin();
        check(&chain, &mut Slow(CasRegister::default()), Budget::default()).unwrap();
        let checked = worked();
        core_within(&chain, CasRegister::default(), Duration::MAX);
        let shrunk = worked();
        assert!(shrunk < 30 * checked, "{count}: {shrunk:?} after {checked:?}");
    }
}
