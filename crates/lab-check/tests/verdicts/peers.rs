//! The crate against two public checkers, which share no idea with it: `porcupine-rs` searches
//! depth first with a memory of what it tried, `stateright` tries the orders thread by thread.

use fastrand::Rng;
use lab_check::{Answer, History, NEVER, Operation, Verdict};
use serde_json::Value;
use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};

use crate::generate::{Plan, events};
use crate::model::Model;
use crate::verify;

/// A call with the answer that it was given, if it was.
#[derive(Clone, Debug)]
struct Call {
    model: Model,
    function: String,
    argument: Value,
    answer: Option<Value>,
}

impl Call {
    fn of(model: Model, history: &History, one: &Operation) -> Self {
        let values = history.values();
        Self {
            model,
            function: history.function(one).to_owned(),
            argument: values.get(one.argument).into_owned(),
            answer: (one.answer == Answer::Ok).then(|| values.get(one.result).into_owned()),
        }
    }

    /// Takes effect, if the answer allows it. What has no answer may also do nothing.
    fn take_effect(&self, state: &mut Value) -> bool {
        let mut next = state.clone();
        let answer = self.model.apply(&mut next, &self.function, &self.argument);
        let is_allowed = self.answer.is_none() || answer == self.answer;
        if is_allowed && answer.is_some() {
            *state = next;
        }
        is_allowed
    }
}

#[derive(Clone, Debug)]
struct Porcupine;

impl porcupine_rs::Model for Porcupine {
    /// Absent before the first call, which knows the model.
    type State = Option<Value>;
    type Op = Call;
    type Metadata = ();

    fn init() -> Option<Value> {
        None
    }

    fn step(state: &Option<Value>, op: &Call) -> (bool, Option<Value>) {
        let mut state = state.clone().unwrap_or_else(|| op.model.initial());
        let is_allowed = op.take_effect(&mut state);
        (is_allowed, Some(state))
    }
}

fn porcupine(model: Model, history: &History) -> bool {
    let happened = history.operations().iter().filter(|one| one.answer != Answer::Fail);
    let operation = |one: &Operation| porcupine_rs::Operation::<Porcupine> {
        client_id: None,
        call_time: one.invoked.into(),
        return_time: one.answered.into(),
        op: Call::of(model, history, one),
        metadata: None,
    };
    porcupine_rs::check_operations(&happened.map(operation).collect::<Vec<_>>())
}

#[derive(Clone, Debug)]
struct Object(Value);

impl SequentialSpec for Object {
    type Op = Call;
    type Ret = ();

    fn invoke(&mut self, op: &Call) {
        self.is_valid_step(op, &());
    }

    fn is_valid_step(&mut self, op: &Call, (): &()) -> bool {
        op.take_effect(&mut self.0)
    }
}

fn stateright(model: Model, history: &History) -> bool {
    let mut tester = LinearizabilityTester::new(Object(model.initial()));
    let happened = history.operations().iter().filter(|one| one.answer != Answer::Fail);
    let mut events: Vec<(u32, bool, &Operation)> =
        happened.flat_map(|one| [(one.invoked, false, one), (one.answered, true, one)]).collect();
    events.sort_by_key(|(event, is_answer, _)| (*event, *is_answer));
    for (event, is_answer, one) in events.into_iter().filter(|(event, ..)| *event != NEVER) {
        let told = if is_answer {
            tester.on_return(one.process, ())
        } else {
            tester.on_invoke(one.process, Call::of(model, history, one))
        };
        told.unwrap_or_else(|why| panic!("event {event}: {why}"));
    }
    tester.is_consistent()
}

type Peer = fn(Model, &History) -> bool;

/// Holds the crate against `peer` on histories of one key.
fn agrees(peer: Peer, model: Model, plan: Plan, cases: u64) {
    let mut holding = 0;
    for seed in 0..cases {
        let lies = [0, 3, 10][seed as usize % 3];
        let plan = Plan { lies, keys: 1, ..plan };
        let history = verify::built(&events(model, plan, &mut Rng::with_seed(seed)));
        let expected = peer(model, &history);
        let verdict = verify::verdict(model, &history, seed % 2 == 0);
        assert_eq!(matches!(verdict, Verdict::Holds(_)), expected, "{model:?} {seed} {verdict:?}");
        holding += u64::from(expected);
    }
    assert!((cases / 5..cases).contains(&holding), "{model:?}: {holding} of {cases} hold");
}

#[test]
fn porcupine_gives_the_same_verdicts() {
    let plan = Plan { operations: 30, processes: 4, keys: 1, lies: 0, crashes: 3 };
    for unique in [false, true] {
        agrees(porcupine, Model::Register { unique }, plan, 200);
    }
    for model in [Model::Cas, Model::KeyValue, Model::Set, Model::Queue] {
        agrees(porcupine, model, plan, 200);
    }
}

#[test]
fn stateright_gives_the_same_verdicts() {
    let plan = Plan { operations: 9, processes: 3, keys: 1, lies: 0, crashes: 3 };
    for unique in [false, true] {
        agrees(stateright, Model::Register { unique }, plan, 200);
    }
    for model in [Model::Cas, Model::KeyValue, Model::Set, Model::Queue] {
        agrees(stateright, model, plan, 200);
    }
}
