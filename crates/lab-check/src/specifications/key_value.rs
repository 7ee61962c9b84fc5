//! Keys with texts that can be put, got and appended to.

use rustc_hash::FxHashSet;
use serde_json::Value;

use crate::states::States;
use crate::{
    Answer, Effect, Element, History, Misfit, Operation, Specification, Spelled, State, ValueId,
    Values,
};

/// `get`, `put` and `append` of texts; each key is on its own and holds the empty text at first.
#[derive(Clone, Debug)]
pub struct KeyValue {
    texts: States<u8>,
}

/// What is done to a key; its states are the texts in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyValueAction {
    /// It had this text.
    Get(State),
    /// It has this text from now on.
    Put(State),
    /// This text stands after what was there.
    Append(State),
}

impl KeyValue {
    /// Every key with the empty text.
    pub fn new() -> Self {
        Self { texts: States::new() }
    }

    fn spell(&self, text: State) -> Value {
        String::from_utf8_lossy(self.texts.get(text)).into()
    }

    /// What is left of a text that is made of `all` if only the `kept` ones are seen.
    fn seen(&self, text: State, all: &[Element], kept: &FxHashSet<Element>) -> Option<Vec<u8>> {
        let mut rest = self.texts.get(text);
        let mut seen = Vec::new();
        while !rest.is_empty() {
            let after = all.partition_point(|one| self.texts.get(*one) <= rest);
            let one = all[after.checked_sub(1)?];
            let part = self.texts.get(one);
            rest = rest.strip_prefix(part)?;
            if kept.contains(&one) {
                seen.extend_from_slice(part);
            }
        }
        Some(seen)
    }

    fn text(
        &mut self,
        history: &History,
        operation: &Operation,
        value: ValueId,
    ) -> Result<State, Misfit> {
        match history.values().text(value) {
            Some(text) => Ok(self.texts.insert(text.as_bytes())),
            // A key that nobody has put anything to may be answered as nothing.
            None if value == ValueId::NULL => Ok(States::<u8>::EMPTY),
            None => Err(Misfit::value(history, operation, value, "a text")),
        }
    }
}

impl Default for KeyValue {
    fn default() -> Self {
        Self::new()
    }
}

impl Specification for KeyValue {
    type Action = KeyValueAction;

    const BY_KEY: bool = true;

    fn action(
        &mut self,
        history: &History,
        operation: &Operation,
    ) -> Result<Option<KeyValueAction>, Misfit> {
        let (kind, value): (fn(State) -> KeyValueAction, _) = match history.function(operation) {
            "get" | "read" => (KeyValueAction::Get, operation.result),
            "put" | "write" => (KeyValueAction::Put, operation.argument),
            "append" => (KeyValueAction::Append, operation.argument),
            _ => return Err(Misfit::function(history, operation, "get, put or append")),
        };
        let says_nothing = match operation.answer {
            Answer::Ok => false,
            Answer::Fail => true,
            Answer::Info => kind(0) == KeyValueAction::Get(0),
        };
        if says_nothing {
            return Ok(None);
        }
        Ok(Some(kind(self.text(history, operation, value)?)))
    }

    fn initial(&self) -> State {
        States::<u8>::EMPTY
    }

    fn step(&mut self, state: State, action: KeyValueAction) -> Option<State> {
        match action {
            KeyValueAction::Get(text) => (text == state).then_some(state),
            KeyValueAction::Put(text) => Some(text),
            KeyValueAction::Append(text) => {
                let longer = [self.texts.get(state), self.texts.get(text)].concat();
                Some(self.texts.insert(&longer))
            }
        }
    }

    fn effect(&self, action: KeyValueAction) -> Effect {
        match action {
            KeyValueAction::Get(_) => Effect::Observes,
            KeyValueAction::Put(_) => Effect::Overwrites,
            KeyValueAction::Append(_) => Effect::Changes,
        }
    }

    fn needs(&self, action: KeyValueAction) -> Option<State> {
        match action {
            KeyValueAction::Get(text) => Some(text),
            KeyValueAction::Put(_) | KeyValueAction::Append(_) => None,
        }
    }

    /// Some text that was got has to begin with what it puts, or to contain what it appends.
    fn uses(&self, action: KeyValueAction, others: &[KeyValueAction]) -> usize {
        let got = others.iter().filter_map(|other| match other {
            KeyValueAction::Get(text) => Some(self.texts.get(*text)),
            KeyValueAction::Put(_) | KeyValueAction::Append(_) => None,
        });
        match action {
            KeyValueAction::Get(_) => 0,
            KeyValueAction::Put(text) => {
                got.filter(|got| got.starts_with(self.texts.get(text))).count()
            }
            KeyValueAction::Append(text) => {
                let text = self.texts.get(text);
                got.map(|got| got.windows(text.len().max(1)).filter(|part| *part == text).count())
                    .sum()
            }
        }
    }

    /// The texts that were put and appended, in order, where none begins with another: then what is
    /// there is made of them in one way only, and without some of them it is what the others made.
    fn elements(&mut self, actions: &[KeyValueAction]) -> Vec<Element> {
        let texts = actions.iter().filter_map(|action| match action {
            KeyValueAction::Put(text) | KeyValueAction::Append(text) => Some(*text),
            KeyValueAction::Get(_) => None,
        });
        let texts: FxHashSet<State> = texts.filter(|text| *text != States::<u8>::EMPTY).collect();
        let mut texts: Vec<State> = texts.into_iter().collect();
        texts.sort_unstable_by_key(|text| self.texts.get(*text));
        // What lies between a text and another that begins with it begins with it too.
        let begins = |pair: &[State]| self.texts.get(pair[1]).starts_with(self.texts.get(pair[0]));
        if texts.windows(2).any(begins) { Vec::new() } else { texts }
    }

    /// What was got and is not made of such texts was never there, and is left as it is.
    fn onto(
        &mut self,
        action: KeyValueAction,
        all: &[Element],
        kept: &FxHashSet<Element>,
    ) -> Option<KeyValueAction> {
        let empty = States::<u8>::EMPTY;
        match action {
            KeyValueAction::Get(text) => {
                let seen = self.seen(text, all, kept);
                let seen = seen.map(|seen| self.texts.insert(&seen));
                Some(KeyValueAction::Get(seen.unwrap_or(text)))
            }
            KeyValueAction::Put(text) if kept.contains(&text) => Some(action),
            KeyValueAction::Put(_) => Some(KeyValueAction::Put(empty)),
            KeyValueAction::Append(text) => kept.contains(&text).then_some(action),
        }
    }

    fn spelled(&self, action: KeyValueAction, _values: &Values) -> Option<Spelled> {
        let (function, argument, result) = match action {
            KeyValueAction::Get(text) => ("get", Value::Null, self.spell(text)),
            KeyValueAction::Put(text) => ("put", self.spell(text), Value::Null),
            KeyValueAction::Append(text) => ("append", self.spell(text), Value::Null),
        };
        Some(Spelled { function, argument, result })
    }

    fn element(&self, element: Element, _values: &Values) -> Value {
        self.spell(element)
    }

    fn bytes(&self) -> usize {
        self.texts.bytes()
    }
}
