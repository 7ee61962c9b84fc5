//! A set that elements are added to and removed from.

use lab_task::Anomaly;
use rustc_hash::FxHashSet;
use serde_json::Value;

use crate::states::{States, sorted};
use crate::{
    Answer, Effect, Element, History, Misfit, Operation, Specification, Spelled, State, ValueId,
    Values,
};

/// `add` and `remove` of an element, `contains`, and `read` of all of them in any order; each key
/// is a set of its own, empty at first.
#[derive(Clone, Debug)]
pub struct Set {
    /// Each sorted.
    sets: States<ValueId>,
}

/// What is done to a set; its states are sorted elements in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SetAction {
    /// The element is in it from now on.
    Add(ValueId),
    /// The element is not in it from now on.
    Remove(ValueId),
    /// Whether the element was in it.
    Contains(ValueId, bool),
    /// It was this set.
    Read(State),
}

impl Set {
    /// The empty set.
    pub fn new() -> Self {
        Self { sets: States::new() }
    }

    fn has(&self, state: State, element: ValueId) -> bool {
        self.sets.get(state).binary_search(&element).is_ok()
    }

    fn contains(history: &History, operation: &Operation) -> Result<SetAction, Misfit> {
        match history.values().get(operation.result).as_bool() {
            Some(is_in) => Ok(SetAction::Contains(operation.argument, is_in)),
            None => Err(Misfit::value(history, operation, operation.result, "true or false")),
        }
    }

    fn read(&mut self, history: &History, operation: &Operation) -> Result<SetAction, Misfit> {
        let elements = match history.values().elements(operation.result) {
            Some(elements) => elements,
            None if operation.result == ValueId::NULL => &[],
            None => return Err(Misfit::value(history, operation, operation.result, "a list")),
        };
        let mut sorted = elements.to_vec();
        sorted.sort_unstable();
        Ok(SetAction::Read(self.sets.insert(&sorted)))
    }
}

impl Default for Set {
    fn default() -> Self {
        Self::new()
    }
}

impl Specification for Set {
    type Action = SetAction;

    const BY_KEY: bool = true;

    fn action(
        &mut self,
        history: &History,
        operation: &Operation,
    ) -> Result<Option<SetAction>, Misfit> {
        let function = history.function(operation);
        let says_nothing = match operation.answer {
            Answer::Ok => false,
            Answer::Fail => true,
            Answer::Info => matches!(function, "contains" | "read"),
        };
        if matches!(function, "add" | "remove") {
            Misfit::unless_repeated(history, operation)?;
        }
        match function {
            "add" | "remove" | "contains" | "read" if says_nothing => Ok(None),
            "add" => Ok(Some(SetAction::Add(operation.argument))),
            "remove" => Ok(Some(SetAction::Remove(operation.argument))),
            "contains" => Self::contains(history, operation).map(Some),
            "read" => self.read(history, operation).map(Some),
            _ => Err(Misfit::function(history, operation, "add, remove, contains or read")),
        }
    }

    fn initial(&self) -> State {
        States::<ValueId>::EMPTY
    }

    fn step(&mut self, state: State, action: SetAction) -> Option<State> {
        match action {
            SetAction::Add(element) if !self.has(state, element) => {
                let mut set = self.sets.get(state).to_vec();
                set.insert(set.partition_point(|other| *other < element), element);
                Some(self.sets.insert(&set))
            }
            SetAction::Remove(element) if self.has(state, element) => {
                let mut set = self.sets.get(state).to_vec();
                set.retain(|other| *other != element);
                Some(self.sets.insert(&set))
            }
            SetAction::Add(_) | SetAction::Remove(_) => Some(state),
            SetAction::Contains(element, is_in) => {
                (self.has(state, element) == is_in).then_some(state)
            }
            SetAction::Read(set) => (set == state).then_some(state),
        }
    }

    fn effect(&self, action: SetAction) -> Effect {
        match action {
            SetAction::Add(_) | SetAction::Remove(_) => Effect::Changes,
            SetAction::Contains(..) | SetAction::Read(_) => Effect::Observes,
        }
    }

    fn needs(&self, action: SetAction) -> Option<State> {
        match action {
            SetAction::Read(set) => Some(set),
            SetAction::Add(_) | SetAction::Remove(_) | SetAction::Contains(..) => None,
        }
    }

    fn commutes(&self, one: SetAction, other: SetAction) -> bool {
        use SetAction::{Add, Contains, Read, Remove};
        match (one, other) {
            (Add(_), Add(_)) | (Remove(_), Remove(_)) => true,
            (Contains(..) | Read(_), Contains(..) | Read(_)) => true,
            (Read(_), _) | (_, Read(_)) => false,
            (Add(one) | Remove(one) | Contains(one, _), Add(other) | Remove(other))
            | (Add(one) | Remove(one), Contains(other, _)) => one != other,
        }
    }

    /// Somebody has to have seen what it adds, or not to have seen what it removes.
    fn uses(&self, action: SetAction, others: &[SetAction]) -> usize {
        let saw = |element, is_in: bool| {
            others.iter().filter(move |other| match other {
                SetAction::Contains(other, saw) => *other == element && *saw == is_in,
                SetAction::Read(set) => self.has(*set, element) == is_in,
                SetAction::Add(_) | SetAction::Remove(_) => false,
            })
        };
        match action {
            SetAction::Add(element) => saw(element, true).count(),
            SetAction::Remove(element) if others.contains(&SetAction::Add(element)) => {
                saw(element, false).count()
            }
            SetAction::Remove(_) | SetAction::Contains(..) | SetAction::Read(_) => 0,
        }
    }

    /// A set of which some elements are not seen is a set.
    fn elements(&mut self, actions: &[SetAction]) -> Vec<Element> {
        let mut elements: FxHashSet<Element> = FxHashSet::default();
        for action in actions {
            match action {
                SetAction::Add(one) | SetAction::Remove(one) | SetAction::Contains(one, _) => {
                    elements.insert(one.get());
                }
                SetAction::Read(set) => {
                    elements.extend(self.sets.get(*set).iter().map(|one| one.get()));
                }
            }
        }
        sorted(elements)
    }

    /// Who sees one element can tell no `read` from a `contains` of it, unless it holds it twice.
    fn onto(
        &mut self,
        action: SetAction,
        _all: &[Element],
        kept: &FxHashSet<Element>,
    ) -> Option<SetAction> {
        let SetAction::Read(set) = action else {
            let (SetAction::Add(one) | SetAction::Remove(one) | SetAction::Contains(one, _)) =
                action
            else {
                return Some(action);
            };
            return kept.contains(&one.get()).then_some(action);
        };
        let seen = self.sets.get(set).iter().filter(|one| kept.contains(&one.get()));
        let seen: Vec<ValueId> = seen.copied().collect();
        match (kept.iter().next(), seen.len()) {
            (Some(one), 0 | 1) if kept.len() == 1 => {
                Some(SetAction::Contains(ValueId::of(*one), seen.len() == 1))
            }
            _ => Some(SetAction::Read(self.sets.insert(&seen))),
        }
    }

    fn spelled(&self, action: SetAction, values: &Values) -> Option<Spelled> {
        let value = |one: ValueId| values.get(one).into_owned();
        let (function, argument, result) = match action {
            SetAction::Add(one) => ("add", value(one), Value::Null),
            SetAction::Remove(one) => ("remove", value(one), Value::Null),
            SetAction::Contains(one, is_in) => ("contains", value(one), is_in.into()),
            SetAction::Read(set) => {
                let seen = self.sets.get(set).iter().map(|one| value(*one)).collect();
                ("read", Value::Null, seen)
            }
        };
        Some(Spelled { function, argument, result })
    }

    fn element(&self, element: Element, values: &Values) -> Value {
        values.get(ValueId::of(element)).into_owned()
    }

    fn lost(&self, action: SetAction) -> Anomaly {
        match action {
            SetAction::Add(_) => Anomaly::LostCreate,
            SetAction::Remove(_) => Anomaly::ResurrectedDelete,
            SetAction::Contains(..) | SetAction::Read(_) => Anomaly::LostUpdate,
        }
    }

    fn impossible(&self, action: SetAction) -> Anomaly {
        match action {
            SetAction::Read(set) if !self.sets.get(set).is_sorted_by(|one, next| one < next) => {
                Anomaly::TornList
            }
            _ => Anomaly::DirtyRead,
        }
    }

    fn bytes(&self) -> usize {
        self.sets.bytes()
    }
}
