//! A history of registers in the plainest form, from which each checker's own is made.

use std::collections::BTreeMap;

use lab_check::{Answer, History, NEVER, Operation};

/// One operation that may have taken effect.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// Who.
    pub process: u32,
    /// What.
    pub act: Act,
    /// The place of the invocation among the events.
    pub invoked: u32,
    /// The place of the answer, [`NEVER`] where there is none.
    pub answered: u32,
}

/// What was done to a register, by the numbers of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// It had this value.
    Read(u32),
    /// It was given this value.
    Write(u32),
    /// It had the first value and was given the second.
    Cas(u32, u32),
    /// The same, but nobody knows whether it had.
    MaybeCas(u32, u32),
}

impl Act {
    /// The register after it, where it is allowed.
    pub fn step(self, value: u32) -> Option<u32> {
        match self {
            Self::Read(seen) => (seen == value).then_some(value),
            Self::Write(new) => Some(new),
            Self::Cas(old, new) => (old == value).then_some(new),
            Self::MaybeCas(old, new) => Some(if old == value { new } else { value }),
        }
    }
}

/// The calls of each key, in the order of invocations. What failed and reads without an answer
/// say nothing and are left out.
pub fn calls_by_key(history: &History) -> Vec<Vec<Call>> {
    let mut keys: BTreeMap<_, Vec<Call>> = BTreeMap::new();
    for operation in history.operations() {
        if let Some(act) = act(history, operation) {
            let Operation { process, invoked, answered, .. } = *operation;
            keys.entry(operation.key).or_default().push(Call { process, act, invoked, answered });
        }
    }
    keys.into_values().collect()
}

fn act(history: &History, operation: &Operation) -> Option<Act> {
    let is_known = operation.answered != NEVER;
    if operation.answer == Answer::Fail {
        return None;
    }
    match (history.function(operation), history.values().elements(operation.argument)) {
        ("read", _) => is_known.then_some(Act::Read(operation.result.get())),
        ("write", _) => Some(Act::Write(operation.argument.get())),
        ("cas", Some([old, new])) if is_known => Some(Act::Cas(old.get(), new.get())),
        ("cas", Some([old, new])) => Some(Act::MaybeCas(old.get(), new.get())),
        _ => None,
    }
}
