//! The negative control: what lets the search leave out orders has to be true. Each rule is given
//! a specification that claims too much of it, and brute force has to notice.

use fastrand::Rng;
use lab_check::{
    Budget, CasRegister, Effect, History, KeyValue, Misfit, Operation, Queue, Set, Specification,
    State, Verdict, check,
};

use crate::generate::{Plan, events};
use crate::model::Model;
use crate::{brute, verify};

/// A specification that is right but for one claim.
struct Lying<S: Specification> {
    truth: S,
    lie: Lie<S>,
}

/// What is claimed falsely, for every action.
enum Lie<S: Specification> {
    /// All do this to states, where the function says so.
    Effect(fn(S::Action) -> bool, Effect),
    /// Only this state allows it.
    Needs(State),
    /// The order never matters.
    Commutes,
}

impl<S: Specification> Specification for Lying<S> {
    type Action = S::Action;

    const BY_KEY: bool = S::BY_KEY;

    fn action(
        &mut self,
        history: &History,
        operation: &Operation,
    ) -> Result<Option<S::Action>, Misfit> {
        self.truth.action(history, operation)
    }

    fn initial(&self) -> State {
        self.truth.initial()
    }

    fn step(&mut self, state: State, action: S::Action) -> Option<State> {
        self.truth.step(state, action)
    }

    fn effect(&self, action: S::Action) -> Effect {
        match &self.lie {
            Lie::Effect(is_meant, effect) if is_meant(action) => *effect,
            _ => self.truth.effect(action),
        }
    }

    fn needs(&self, action: S::Action) -> Option<State> {
        match self.lie {
            Lie::Needs(state) => Some(state),
            _ => self.truth.needs(action),
        }
    }

    fn commutes(&self, one: S::Action, other: S::Action) -> bool {
        matches!(self.lie, Lie::Commutes) || self.truth.commutes(one, other)
    }
}

/// Whether brute force finds a wrong verdict or a wrong certificate among some histories.
fn is_noticed<S: Specification>(model: Model, lying: impl Fn() -> Lying<S>) -> bool {
    let plan = Plan { operations: 8, processes: 4, keys: 1, lies: 10, crashes: 5 };
    (0..2000).any(|seed| {
        let history = verify::built(&events(model, plan, &mut Rng::with_seed(seed)));
        let verdict = check(&history, &mut lying(), Budget::default()).unwrap();
        let holds = brute::holds(model, &history, history.operations());
        holds != matches!(verdict, Verdict::Holds(_))
            || verify::wrong_with(model, &history, &verdict, 8).is_some()
    })
}

#[test]
fn the_truth_is_not_called_a_lie() {
    let lie = || Lie::Effect(|_| false, Effect::Observes);
    assert!(!is_noticed(Model::Cas, || Lying { truth: CasRegister::default(), lie: lie() }));
    let lie = || Lie::Effect(|_| false, Effect::Observes);
    assert!(!is_noticed(Model::Set, || Lying { truth: Set::new(), lie: lie() }));
}

#[test]
fn a_cas_that_is_said_to_overwrite_is_noticed() {
    use lab_check::RegisterAction::Cas;
    let lie = || Lie::Effect(|action| matches!(action, Cas(..)), Effect::Overwrites);
    assert!(is_noticed(Model::Cas, || Lying { truth: CasRegister::default(), lie: lie() }));
}

#[test]
fn a_write_that_is_said_to_change_nothing_is_noticed() {
    use lab_check::RegisterAction::Write;
    let lie = || Lie::Effect(|action| matches!(action, Write(_)), Effect::Observes);
    assert!(is_noticed(Model::Cas, || Lying { truth: CasRegister::default(), lie: lie() }));
}

#[test]
fn an_append_that_is_said_to_overwrite_is_noticed() {
    use lab_check::KeyValueAction::Append;
    let lie = || Lie::Effect(|action| matches!(action, Append(_)), Effect::Overwrites);
    assert!(is_noticed(Model::KeyValue, || Lying { truth: KeyValue::new(), lie: lie() }));
}

#[test]
fn an_enqueue_that_is_said_to_need_another_state_is_noticed() {
    assert!(is_noticed(Model::Queue, || Lying { truth: Queue::new(), lie: Lie::Needs(1 << 20) }));
}

#[test]
fn operations_that_are_said_to_commute_and_do_not_are_noticed() {
    assert!(is_noticed(Model::Set, || Lying { truth: Set::new(), lie: Lie::Commutes }));
    assert!(is_noticed(Model::Queue, || Lying { truth: Queue::new(), lie: Lie::Commutes }));
}
