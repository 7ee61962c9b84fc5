//! A register, with or without compare-and-set.

use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::{
    Answer, Effect, History, Misfit, Operation, Specification, Spelled, State, ValueId, Values,
};

/// `read` and `write` of one value; each key is a register of its own.
pub type Register = RegisterWith<false>;

/// A register with `cas`, whose argument is a list: the value that must be there and the one to
/// put in its place. A `cas` that failed says nothing, since nobody knows why.
pub type CasRegister = RegisterWith<true>;

/// A register, `CAS` if it has compare-and-set.
#[derive(Clone, Copy, Debug)]
pub struct RegisterWith<const CAS: bool> {
    initial: ValueId,
}

/// What is done to a register; its states are the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RegisterAction {
    /// It had this value.
    Read(State),
    /// It has this value from now on.
    Write(State),
    /// It had the first value and has the second from now on.
    Cas(State, State),
}

impl<const CAS: bool> RegisterWith<CAS> {
    const EXPECTED: &'static str = if CAS { "read, write or cas" } else { "read or write" };

    /// A register that holds `initial` at first.
    pub fn new(initial: ValueId) -> Self {
        Self { initial }
    }
}

impl<const CAS: bool> Default for RegisterWith<CAS> {
    /// A register that holds null at first.
    fn default() -> Self {
        Self::new(ValueId::NULL)
    }
}

impl<const CAS: bool> Specification for RegisterWith<CAS> {
    type Action = RegisterAction;

    const BY_KEY: bool = true;

    // Called once for each operation: what it gives then stays in registers.
    #[inline]
    fn action(
        &mut self,
        history: &History,
        operation: &Operation,
    ) -> Result<Option<RegisterAction>, Misfit> {
        let action = match history.function(operation) {
            "read" => RegisterAction::Read(operation.result.get()),
            "write" => RegisterAction::Write(operation.argument.get()),
            "cas" if CAS => cas(history, operation)?,
            _ => return Err(Misfit::function(history, operation, Self::EXPECTED)),
        };
        let is_read = matches!(action, RegisterAction::Read(_));
        if !is_read {
            Misfit::unless_repeated(history, operation)?;
        }
        let says_nothing = match operation.answer {
            Answer::Ok => false,
            Answer::Fail => true,
            Answer::Info => is_read,
        };
        Ok((!says_nothing).then_some(action))
    }

    fn initial(&self) -> State {
        self.initial.get()
    }

    fn step(&mut self, state: State, action: RegisterAction) -> Option<State> {
        match action {
            RegisterAction::Read(value) => (value == state).then_some(state),
            RegisterAction::Write(value) => Some(value),
            RegisterAction::Cas(from, to) => (from == state).then_some(to),
        }
    }

    fn effect(&self, action: RegisterAction) -> Effect {
        match action {
            RegisterAction::Read(_) => Effect::Observes,
            RegisterAction::Write(_) => Effect::Overwrites,
            RegisterAction::Cas(..) => Effect::Changes,
        }
    }

    fn needs(&self, action: RegisterAction) -> Option<State> {
        match action {
            RegisterAction::Read(value) | RegisterAction::Cas(value, _) => Some(value),
            RegisterAction::Write(_) => None,
        }
    }

    /// What it writes has to be needed, and by each other operation once.
    fn uses(&self, action: RegisterAction, others: &[RegisterAction]) -> usize {
        let (RegisterAction::Write(written) | RegisterAction::Cas(_, written)) = action else {
            return 0;
        };
        others.iter().filter(|other| self.needs(**other) == Some(written)).count()
    }

    fn count_uses(
        &self,
        actions: &mut FxHashMap<RegisterAction, usize>,
        others: &[RegisterAction],
    ) {
        let mut needed: FxHashMap<State, usize> = FxHashMap::default();
        for state in others.iter().filter_map(|other| self.needs(*other)) {
            *needed.entry(state).or_default() += 1;
        }
        for (action, uses) in actions {
            *uses = match action {
                RegisterAction::Write(to) | RegisterAction::Cas(_, to) => {
                    needed.get(to).copied().unwrap_or(0)
                }
                RegisterAction::Read(_) => 0,
            };
        }
    }

    /// A `cas` that did not look is a `write`.
    fn loosened(&self, action: RegisterAction) -> Option<RegisterAction> {
        match action {
            RegisterAction::Cas(_, to) => Some(RegisterAction::Write(to)),
            RegisterAction::Read(_) | RegisterAction::Write(_) => None,
        }
    }

    fn spelled(&self, action: RegisterAction, values: &Values) -> Option<Spelled> {
        let value = |state| values.get(ValueId::of(state)).into_owned();
        let (function, argument, result) = match action {
            RegisterAction::Write(state) => ("write", value(state), Value::Null),
            RegisterAction::Read(state) => ("read", Value::Null, value(state)),
            RegisterAction::Cas(from, to) => ("cas", [value(from), value(to)].into(), Value::Null),
        };
        Some(Spelled { function, argument, result })
    }
}

fn cas(history: &History, operation: &Operation) -> Result<RegisterAction, Misfit> {
    match history.values().elements(operation.argument) {
        Some([from, to]) => Ok(RegisterAction::Cas(from.get(), to.get())),
        _ => {
            let expected = "a list of the value that must be there and the new one";
            Err(Misfit::value(history, operation, operation.argument, expected))
        }
    }
}
