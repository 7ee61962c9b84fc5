//! Public checkers, each with a register as it wants to have it. What is timed is the decision
//! alone: every form is made before.

use anyhow::{Result, anyhow};
use lab_check::{
    Budget, CasRegister, History, NEVER, Register, ValueId, Verdict, check, check_by_search,
};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};
use todc_utils::linearizability::WGLChecker;
use todc_utils::linearizability::history::{self as todc_history, Action};

use super::{Act, Call, calls_by_key};

/// A checker that can be asked about registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checker {
    /// This project's, by the cheapest method that decides.
    Racelab,
    /// This project's, by the search alone.
    RacelabSearch,
    /// `porcupine-rs`: Wing and Gong with Lowe's memory.
    Porcupine,
    /// `todc-utils`: the same as Horn and Kroening describe it.
    Todc,
    /// `stateright`: every order, thread by thread.
    Stateright,
}

impl Checker {
    /// Every checker.
    pub const ALL: [Self; 5] =
        [Self::Racelab, Self::RacelabSearch, Self::Porcupine, Self::Todc, Self::Stateright];

    /// Its name in tables and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Racelab => "racelab",
            Self::RacelabSearch => "racelab search",
            Self::Porcupine => "porcupine-rs",
            Self::Todc => "todc-utils",
            Self::Stateright => "stateright",
        }
    }

    /// Puts a history into the checker's form.
    ///
    /// # Errors
    /// The checker does not take such a history.
    pub fn prepare(self, history: &History) -> Result<Prepared<'_>> {
        let calls = || calls_by_key(history).into_iter();
        Ok(match self {
            Self::Racelab => Prepared::Racelab(history, false),
            Self::RacelabSearch => Prepared::Racelab(history, true),
            Self::Porcupine => Prepared::Porcupine(calls().map(|key| porcupine(&key)).collect()),
            Self::Todc => Prepared::Todc(calls().map(|key| todc(&key)).collect()),
            Self::Stateright => {
                Prepared::Stateright(calls().map(|key| stateright(&key)).collect::<Result<_>>()?)
            }
        })
    }
}

/// A history in the form that one checker takes: all of it, or by keys.
pub enum Prepared<'a> {
    /// With whether the search is to be used alone.
    Racelab(&'a History, bool),
    /// Each key on its own, since a partition of its own would start a thread for each.
    Porcupine(Vec<Vec<porcupine_rs::Operation<PorcupineRegister>>>),
    /// It uses a history up, so each time is that of a copy as well.
    Todc(Vec<todc_history::History<Act>>),
    /// It is told of events one by one.
    Stateright(Vec<LinearizabilityTester<u32, Value>>),
}

impl Prepared<'_> {
    /// Whether the history is linearizable.
    ///
    /// # Errors
    /// The checker did not decide.
    pub fn holds(&self) -> Result<bool> {
        match self {
            Self::Racelab(history, by_search) => racelab(history, *by_search),
            Self::Porcupine(keys) => Ok(keys.iter().all(|key| porcupine_rs::check_operations(key))),
            Self::Todc(keys) => {
                let holds = WGLChecker::<TodcRegister>::is_linearizable;
                Ok(keys.iter().all(|key| holds(key.clone())))
            }
            Self::Stateright(keys) => Ok(keys.iter().all(ConsistencyTester::is_consistent)),
        }
    }
}

fn racelab(history: &History, by_search: bool) -> Result<bool> {
    let budget = Budget::default();
    let has_cas = history.functions().iter().any(|name| name == "cas");
    let verdict = match (by_search, has_cas) {
        (false, false) => check(history, &mut Register::default(), budget),
        (false, true) => check(history, &mut CasRegister::default(), budget),
        (true, false) => check_by_search(history, &mut Register::default(), budget),
        (true, true) => check_by_search(history, &mut CasRegister::default(), budget),
    };
    match verdict? {
        Verdict::Holds(_) => Ok(true),
        Verdict::Violated(_) => Ok(false),
        Verdict::Unknown(unknown) => Err(anyhow!("not decided: {unknown:?}")),
    }
}

/// A register for `porcupine-rs`.
#[derive(Clone, Debug)]
pub struct PorcupineRegister;

impl porcupine_rs::Model for PorcupineRegister {
    type State = u32;
    type Op = Act;
    type Metadata = ();

    fn init() -> u32 {
        ValueId::NULL.get()
    }

    fn step(state: &u32, op: &Act) -> (bool, u32) {
        op.step(*state).map_or((false, *state), |state| (true, state))
    }
}

fn porcupine(calls: &[Call]) -> Vec<porcupine_rs::Operation<PorcupineRegister>> {
    let operation = |call: &Call| porcupine_rs::Operation {
        client_id: Some(call.process),
        call_time: call.invoked.into(),
        // What was never answered ends after everything else.
        return_time: call.answered.into(),
        op: call.act,
        metadata: None,
    };
    calls.iter().map(operation).collect()
}

/// A register for `todc-utils`.
#[derive(Debug)]
struct TodcRegister;

impl todc_utils::specifications::Specification for TodcRegister {
    type State = u32;
    type Operation = Act;

    fn init() -> u32 {
        ValueId::NULL.get()
    }

    fn apply(operation: &Act, state: &u32) -> (bool, u32) {
        operation.step(*state).map_or((false, *state), |state| (true, state))
    }
}

/// The invocations and answers in their order; what was never answered is answered at the end.
fn events(calls: &[Call]) -> Vec<(u32, bool, Call)> {
    let both = |call: &Call| [(call.invoked, false, *call), (call.answered, true, *call)];
    let mut events: Vec<_> = calls.iter().flat_map(both).collect();
    events.sort_by_key(|(event, is_answer, _)| (*event, *is_answer));
    events
}

fn todc(calls: &[Call]) -> todc_history::History<Act> {
    let action = |(_, is_answer, call): (u32, bool, Call)| {
        let action = if is_answer { Action::Response(call.act) } else { Action::Call(call.act) };
        (call.process as usize, action)
    };
    todc_history::History::from_actions(events(calls).into_iter().map(action).collect())
}

/// A register for `stateright`, which takes an operation's answer into the operation.
#[derive(Clone, Debug)]
pub struct Value(u32);

impl SequentialSpec for Value {
    type Op = Act;
    type Ret = ();

    fn invoke(&mut self, op: &Act) {
        self.is_valid_step(op, &());
    }

    fn is_valid_step(&mut self, op: &Act, (): &()) -> bool {
        let next = op.step(self.0);
        self.0 = next.unwrap_or(self.0);
        next.is_some()
    }
}

fn stateright(calls: &[Call]) -> Result<LinearizabilityTester<u32, Value>> {
    let mut tester = LinearizabilityTester::new(Value(ValueId::NULL.get()));
    for (event, is_answer, call) in events(calls) {
        let told = match (is_answer, event) {
            (true, NEVER) => continue,
            (true, _) => tester.on_return(call.process, ()),
            (false, _) => tester.on_invoke(call.process, call.act),
        };
        told.map_err(|why| anyhow!(why))?;
    }
    Ok(tester)
}
