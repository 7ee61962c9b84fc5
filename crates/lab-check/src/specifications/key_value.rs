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
    parts: Parts,
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

/// Texts of which others are made, in order.
#[derive(Clone, Debug, Default)]
struct Parts {
    all: Vec<Element>,
    /// Of each the place of the longest other one that it begins with.
    shorter: Vec<Option<usize>>,
}

impl Parts {
    fn new(all: &[Element], texts: &States<u8>) -> Self {
        let mut shorter: Vec<Option<usize>> = Vec::with_capacity(all.len());
        for (at, one) in all.iter().enumerate() {
            // What lies between a text and another that begins with it begins with it too.
            let mut before = at.checked_sub(1);
            while let Some(place) = before
                && !texts.get(*one).starts_with(texts.get(all[place]))
            {
                before = shorter[place];
            }
            shorter.push(before);
        }
        Self { all: all.to_vec(), shorter }
    }

    /// The parts that `text` begins with.
    fn beginning<'a>(
        &'a self,
        text: &'a [u8],
        texts: &'a States<u8>,
    ) -> impl Iterator<Item = Element> + 'a {
        // All of them begin the last part that does not come after the text.
        let last = self.all.partition_point(|one| texts.get(*one) <= text).checked_sub(1);
        let places = std::iter::successors(last, |place| self.shorter[*place]);
        places.map(|place| self.all[place]).filter(move |one| text.starts_with(texts.get(*one)))
    }
}

/// How a text is made of others.
enum Made {
    /// It is not.
    Never,
    /// In one way: of these, the last one first.
    Once(Vec<Element>),
    /// In several ways.
    Variously,
}

impl KeyValue {
    /// Every key with the empty text.
    pub fn new() -> Self {
        Self { texts: States::new(), parts: Parts::default() }
    }

    fn spell(&self, text: State) -> Value {
        String::from_utf8_lossy(self.texts.get(text)).into()
    }

    /// How a text can be made of the parts.
    fn made(&self, text: State) -> Made {
        let text = self.texts.get(text);
        // In how many ways the text up to each place is made, and what one of them ends with.
        let mut ways = vec![(0_u8, 0); text.len() + 1];
        ways[0].0 = 1;
        for from in 0..text.len() {
            let (count, _) = ways[from];
            if count == 0 {
                continue;
            }
            for part in self.parts.beginning(&text[from..], &self.texts) {
                let way = &mut ways[from + self.texts.get(part).len()];
                *way = ((way.0 + count).min(2), part);
            }
        }
        let mut rest = text.len();
        let last = || {
            let (_, part) = (rest > 0).then(|| ways[rest])?;
            rest -= self.texts.get(part).len();
            Some(part)
        };
        match ways[text.len()].0 {
            0 => Made::Never,
            1 => Made::Once(std::iter::from_fn(last).collect()),
            _ => Made::Variously,
        }
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
        let is_get = kind(0) == KeyValueAction::Get(0);
        if !is_get {
            Misfit::unless_repeated(history, operation)?;
        }
        let says_nothing = match operation.answer {
            Answer::Ok => false,
            Answer::Fail => true,
            Answer::Info => is_get,
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

    /// The texts that were put and appended, in order.
    fn elements(&mut self, actions: &[KeyValueAction]) -> Vec<Element> {
        let texts = actions.iter().filter_map(|action| match action {
            KeyValueAction::Put(text) | KeyValueAction::Append(text) => Some(*text),
            KeyValueAction::Get(_) => None,
        });
        let texts: FxHashSet<State> = texts.filter(|text| *text != States::<u8>::EMPTY).collect();
        let mut texts: Vec<State> = texts.into_iter().collect();
        texts.sort_unstable_by_key(|text| self.texts.get(*text));
        texts
    }

    /// What was got and is made of all in one way is, without some of them, what the others made.
    /// Of what is made in several ways nobody knows what is left of it. What is not made of them
    /// was never there, and is left as it is.
    fn onto(
        &mut self,
        action: KeyValueAction,
        all: &[Element],
        kept: &FxHashSet<Element>,
    ) -> Option<KeyValueAction> {
        let empty = States::<u8>::EMPTY;
        match action {
            KeyValueAction::Get(text) => {
                if self.parts.all != all {
                    self.parts = Parts::new(all, &self.texts);
                }
                match self.made(text) {
                    Made::Never => Some(action),
                    Made::Once(parts) => {
                        let parts = parts.iter().rev().filter(|part| kept.contains(part));
                        let parts: Vec<&[u8]> = parts.map(|part| self.texts.get(*part)).collect();
                        Some(KeyValueAction::Get(self.texts.insert(&parts.concat())))
                    }
                    Made::Variously => None,
                }
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
