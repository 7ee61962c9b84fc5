//! Keys with texts that can be put, got and appended to.

use crate::states::States;
use crate::{Answer, Effect, History, Misfit, Operation, Specification, State, ValueId};

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

    fn bytes(&self) -> usize {
        self.texts.bytes()
    }
}
