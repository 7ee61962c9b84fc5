//! A queue: first in, first out.

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use crate::states::{States, sorted};
use crate::{
    Answer, Effect, Element, History, Misfit, Operation, Specification, State, ValueId, Values,
};

/// `enqueue` of an element and `dequeue` of the oldest, which answers null where there is none;
/// each key is a queue of its own, empty at first. Of a `dequeue` that crashed nobody knows which
/// element it took.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Each from the oldest element to the newest.
    queues: States<ValueId>,
}

/// What is done to a queue; its states are its elements in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QueueAction {
    /// The element is the newest.
    Enqueue(ValueId),
    /// The element was the oldest and is gone.
    Dequeue(ValueId),
    /// There was none.
    FindEmpty,
    /// The oldest is gone, whatever it was, if there was one.
    DequeueUnknown,
}

impl QueueAction {
    /// The element that it brings or takes, where that is known.
    fn about(self) -> Option<Element> {
        match self {
            Self::Enqueue(element) | Self::Dequeue(element) => Some(element.get()),
            Self::FindEmpty | Self::DequeueUnknown => None,
        }
    }
}

impl Queue {
    /// The empty queue.
    pub fn new() -> Self {
        Self { queues: States::new() }
    }

    /// Null is no element, since a `dequeue` answers so where there is none.
    fn enqueue(history: &History, operation: &Operation) -> Result<QueueAction, Misfit> {
        Misfit::unless_repeated(history, operation)?;
        match operation.argument {
            ValueId::NULL => {
                Err(Misfit::value(history, operation, ValueId::NULL, "an element that is not null"))
            }
            element => Ok(QueueAction::Enqueue(element)),
        }
    }

    /// The state without the oldest element, which `is_right`.
    fn without_oldest(
        &mut self,
        state: State,
        is_right: impl Fn(ValueId) -> bool,
    ) -> Option<State> {
        let (oldest, rest) = self.queues.get(state).split_first()?;
        if !is_right(*oldest) {
            return None;
        }
        let rest = rest.to_vec();
        Some(self.queues.insert(&rest))
    }
}

impl Default for Queue {
    fn default() -> Self {
        Self::new()
    }
}

impl Specification for Queue {
    type Action = QueueAction;

    const BY_KEY: bool = true;

    fn action(
        &mut self,
        history: &History,
        operation: &Operation,
    ) -> Result<Option<QueueAction>, Misfit> {
        let action = match history.function(operation) {
            "enqueue" => Self::enqueue(history, operation)?,
            "dequeue" => match (operation.answer, operation.result) {
                (Answer::Info, _) => QueueAction::DequeueUnknown,
                (_, ValueId::NULL) => QueueAction::FindEmpty,
                (_, element) => QueueAction::Dequeue(element),
            },
            _ => return Err(Misfit::function(history, operation, "enqueue or dequeue")),
        };
        Ok((operation.answer != Answer::Fail).then_some(action))
    }

    fn initial(&self) -> State {
        States::<ValueId>::EMPTY
    }

    fn step(&mut self, state: State, action: QueueAction) -> Option<State> {
        match action {
            QueueAction::Enqueue(element) => {
                let longer = [self.queues.get(state), &[element]].concat();
                Some(self.queues.insert(&longer))
            }
            QueueAction::Dequeue(element) => self.without_oldest(state, |one| one == element),
            QueueAction::FindEmpty => (state == self.initial()).then_some(state),
            QueueAction::DequeueUnknown => self.without_oldest(state, |_| true).or(Some(state)),
        }
    }

    fn effect(&self, action: QueueAction) -> Effect {
        match action {
            QueueAction::FindEmpty => Effect::Observes,
            _ => Effect::Changes,
        }
    }

    /// Somebody has to have taken what it brings, or brought what it takes.
    fn uses(&self, action: QueueAction, others: &[QueueAction]) -> usize {
        let is_of_use = |other: &&QueueAction| match action {
            QueueAction::Enqueue(element) => **other == QueueAction::Dequeue(element),
            QueueAction::Dequeue(element) => **other == QueueAction::Enqueue(element),
            QueueAction::DequeueUnknown => matches!(other, QueueAction::Enqueue(_)),
            QueueAction::FindEmpty => false,
        };
        others.iter().filter(is_of_use).count()
    }

    fn count_uses(&self, actions: &mut FxHashMap<QueueAction, usize>, others: &[QueueAction]) {
        let mut counts: FxHashMap<QueueAction, usize> = FxHashMap::default();
        let mut enqueued = 0;
        for other in others {
            *counts.entry(*other).or_default() += 1;
            enqueued += usize::from(matches!(other, QueueAction::Enqueue(_)));
        }
        let count = |action| counts.get(&action).copied().unwrap_or(0);
        for (action, uses) in actions {
            *uses = match action {
                QueueAction::Enqueue(element) => count(QueueAction::Dequeue(*element)),
                QueueAction::Dequeue(element) => count(QueueAction::Enqueue(*element)),
                QueueAction::DequeueUnknown => enqueued,
                QueueAction::FindEmpty => 0,
            };
        }
    }

    fn unanswered(&self, action: QueueAction) -> QueueAction {
        match action {
            QueueAction::Dequeue(_) => QueueAction::DequeueUnknown,
            _ => action,
        }
    }

    /// A queue without some elements is a queue: the oldest of those that are seen is the oldest of
    /// all when it is taken. A crashed dequeue took one of these, or one that is not seen, which is
    /// as if it had taken none.
    fn elements(&mut self, actions: &[QueueAction]) -> Vec<Element> {
        let elements: FxHashSet<Element> = actions.iter().filter_map(|one| one.about()).collect();
        sorted(elements)
    }

    fn onto(
        &mut self,
        action: QueueAction,
        _all: &[Element],
        kept: &FxHashSet<Element>,
    ) -> Option<QueueAction> {
        action.about().is_none_or(|element| kept.contains(&element)).then_some(action)
    }

    fn element(&self, element: Element, values: &Values) -> Value {
        values.get(ValueId::of(element)).into_owned()
    }

    fn bytes(&self) -> usize {
        self.queues.bytes()
    }
}
