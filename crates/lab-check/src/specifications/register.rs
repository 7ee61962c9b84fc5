//! A register, with or without compare-and-set.

use crate::{Answer, Effect, History, Misfit, Operation, Specification, State, ValueId};

/// `read` and `write` of one value; each key is a register of its own.
#[derive(Clone, Copy, Debug)]
pub struct Register {
    initial: ValueId,
}

/// A register with `cas`, whose argument is a list: the value that must be there and the one to
/// put in its place. A `cas` that failed says nothing, since nobody knows why.
#[derive(Clone, Copy, Debug)]
pub struct CasRegister {
    register: Register,
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

impl Register {
    /// A register that holds `initial` at first.
    pub fn new(initial: ValueId) -> Self {
        Self { initial }
    }
}

impl CasRegister {
    /// A register that holds `initial` at first.
    pub fn new(initial: ValueId) -> Self {
        Self { register: Register::new(initial) }
    }
}

impl Default for Register {
    /// A register that holds null at first.
    fn default() -> Self {
        Self::new(ValueId::NULL)
    }
}

impl Default for CasRegister {
    /// A register that holds null at first.
    fn default() -> Self {
        Self::new(ValueId::NULL)
    }
}

impl Specification for Register {
    type Action = RegisterAction;

    const BY_KEY: bool = true;

    fn action(
        &mut self,
        history: &History,
        operation: &Operation,
    ) -> Result<Option<RegisterAction>, Misfit> {
        let action = match history.function(operation) {
            "read" => RegisterAction::Read(operation.result.get()),
            "write" => RegisterAction::Write(operation.argument.get()),
            _ => return Err(Misfit::function(history, operation, "read or write")),
        };
        let is_read = matches!(action, RegisterAction::Read(_));
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
}

impl Specification for CasRegister {
    type Action = RegisterAction;

    const BY_KEY: bool = true;

    fn action(
        &mut self,
        history: &History,
        operation: &Operation,
    ) -> Result<Option<RegisterAction>, Misfit> {
        if history.function(operation) != "cas" {
            let action = self.register.action(history, operation);
            return action.map_err(|_| Misfit::function(history, operation, "read, write or cas"));
        }
        match history.values().elements(operation.argument) {
            Some([from, to]) => {
                let happened = operation.answer != Answer::Fail;
                Ok(happened.then_some(RegisterAction::Cas(from.get(), to.get())))
            }
            _ => {
                let expected = "a list of the value that must be there and the new one";
                Err(Misfit::value(history, operation, operation.argument, expected))
            }
        }
    }

    fn initial(&self) -> State {
        self.register.initial()
    }

    fn step(&mut self, state: State, action: RegisterAction) -> Option<State> {
        self.register.step(state, action)
    }

    fn effect(&self, action: RegisterAction) -> Effect {
        self.register.effect(action)
    }

    fn needs(&self, action: RegisterAction) -> Option<State> {
        self.register.needs(action)
    }

    fn uses(&self, action: RegisterAction, others: &[RegisterAction]) -> usize {
        self.register.uses(action, others)
    }
}
