//! What a specification has to say.

use std::hash::Hash;

use lab_task::Anomaly;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use crate::{Answer, History, Operation, ValueId, Values};

/// A state of the specified object. States are numbers, so that what the search keeps is a few
/// words; a specification whose states are larger keeps a table of them.
pub type State = u32;

/// Something that states are made of, by a number that its specification knows.
pub type Element = u32;

/// An operation as a history has it: its function, its argument and its result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spelled {
    /// Which function.
    pub function: &'static str,
    /// What was asked.
    pub argument: Value,
    /// What was answered.
    pub result: Value,
}

/// The sequential meaning of an object: which answers it gives when nobody else uses it.
pub trait Specification {
    /// What an operation means here: asked and answered in one.
    type Action: Copy + Eq + Hash;

    /// Whether operations on different keys have nothing to do with each other, so that each key
    /// is checked on its own (locality: Herlihy and Wing 1990, theorem 1).
    const BY_KEY: bool;

    /// What `operation` means, or `None` where it says nothing: it failed, or it only looks and
    /// nobody knows what it saw.
    ///
    /// # Errors
    /// The function is none of this specification, or the values have another shape.
    fn action(
        &mut self,
        history: &History,
        operation: &Operation,
    ) -> Result<Option<Self::Action>, Misfit>;

    /// The state before the first operation.
    fn initial(&self) -> State;

    /// The state after `action`, or `None` where the answer is not allowed in `state`.
    fn step(&mut self, state: State, action: Self::Action) -> Option<State>;

    /// What `action` does to states. [`Effect::Changes`] is true of everything; the others let the
    /// search leave out orders that cannot matter.
    fn effect(&self, _action: Self::Action) -> Effect {
        Effect::Changes
    }

    /// The only state that allows `action`, where there is no more than one.
    fn needs(&self, _action: Self::Action) -> Option<State> {
        None
    }

    /// Whether it never matters in which order the two take effect: from every state both orders
    /// are allowed or none, and lead to the same state.
    fn commutes(&self, _one: Self::Action, _other: Self::Action) -> bool {
        false
    }

    /// How many operations that do `action`, and may have happened or not, an order can need to
    /// explain `others`; more of them are of no use.
    fn uses(&self, _action: Self::Action, _others: &[Self::Action]) -> usize {
        usize::MAX
    }

    /// [`Self::uses`] of each of `actions`, for whoever can do it in less than all pairs.
    fn count_uses(&self, actions: &mut FxHashMap<Self::Action, usize>, others: &[Self::Action]) {
        for (action, uses) in actions {
            *uses = self.uses(*action, others);
        }
    }

    /// What is left of `action` where its answer is not known.
    fn unanswered(&self, action: Self::Action) -> Self::Action {
        action
    }

    /// An action that every state allows which allows `action`, and that leads to the same state:
    /// whatever is explained with `action` is explained with it.
    fn loosened(&self, _action: Self::Action) -> Option<Self::Action> {
        None
    }

    /// What the states that `actions` tell of are made of, each once, where any of it can be left
    /// out of all of them without harm: see [`Self::onto`]. Otherwise nothing.
    fn elements(&mut self, _actions: &[Self::Action]) -> Vec<Element> {
        Vec::new()
    }

    /// `action` as it is to those who see of `all` elements only what is `kept`; nothing where it
    /// is about none of these. Where `action` leads from one state to another, this leads from what
    /// is seen of the one to what is seen of the other: an order that explains all actions explains
    /// them as they are seen.
    fn onto(
        &mut self,
        action: Self::Action,
        _all: &[Element],
        _kept: &FxHashSet<Element>,
    ) -> Option<Self::Action> {
        Some(action)
    }

    /// How a history would have an action that [`Self::loosened`] or [`Self::onto`] made: its
    /// function, argument and result.
    fn spelled(&self, _action: Self::Action, _values: &Values) -> Option<Spelled> {
        None
    }

    /// The value that an element stands for.
    fn element(&self, _element: Element, _values: &Values) -> Value {
        Value::Null
    }

    /// What it is called where a history is explained as if `action`, which is acknowledged, had
    /// never happened, though something later was seen.
    fn lost(&self, _action: Self::Action) -> Anomaly {
        Anomaly::LostUpdate
    }

    /// What it is called where nothing in the whole history leads to what `action` saw.
    fn impossible(&self, _action: Self::Action) -> Anomaly {
        Anomaly::DirtyRead
    }

    /// How much memory the tables of states take.
    fn bytes(&self) -> usize {
        0
    }
}

/// What an action does to states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It never changes a state.
    Observes,
    /// Every state allows it, and the state after it is the same whatever was before.
    Overwrites,
    /// Anything else.
    Changes,
}

/// An operation that is none of the specified object.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event {event}: {what}; expected {expected}")]
pub struct Misfit {
    /// The event of its invocation.
    pub event: u32,
    /// What is wrong with it.
    pub what: String,
    /// What would be right.
    pub expected: &'static str,
}

impl Misfit {
    /// The function is not one of those that are `expected`.
    pub fn function(history: &History, operation: &Operation, expected: &'static str) -> Self {
        let what = format!("no function `{}` is known", history.function(operation));
        Self { event: operation.invoked, what, expected }
    }

    /// An argument or a result is not what is `expected`.
    pub fn value(
        history: &History,
        operation: &Operation,
        value: ValueId,
        expected: &'static str,
    ) -> Self {
        let what =
            format!("`{}` with {}", history.function(operation), history.values().get(value));
        Self { event: operation.invoked, what, expected }
    }

    /// Holds the answer of a change against what was asked: it repeats that, or says nothing.
    ///
    /// # Errors
    /// It was acknowledged as something else. What then happened, nobody can say.
    #[inline]
    pub fn unless_repeated(history: &History, operation: &Operation) -> Result<(), Self> {
        let Operation { answer, result, argument, .. } = *operation;
        if answer != Answer::Ok || result == ValueId::NULL || result == argument {
            return Ok(());
        }
        let function = history.function(operation);
        let [asked, told] = [argument, result].map(|value| history.values().get(value));
        Err(Self {
            event: operation.invoked,
            what: format!("`{function}` was asked with {asked} and answered with {told}"),
            expected: "an answer that repeats what was asked, or has no value",
        })
    }
}
