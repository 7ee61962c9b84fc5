//! A history in few bytes: interned ids, and places in the order of events instead of times.

use std::sync::Arc;

use crate::{Spelled, ValueId, Values};

/// The place of an operation in its history, in the order of invocations.
pub type OperationId = u32;

/// The place of a function's name among [`History::functions`].
pub type FunctionId = u16;

/// Instead of the event of an answer: there is none, so it may take effect at any later time.
pub const NEVER: u32 = u32::MAX;

/// What one process asked and what it was told: 28 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Who asked, as [`History::process`] knows it.
    pub process: u32,
    /// The key that it is about, or null.
    pub key: ValueId,
    /// What was asked.
    pub argument: ValueId,
    /// What was answered; null where nothing was.
    pub result: ValueId,
    /// The event of the invocation.
    pub invoked: u32,
    /// The event of the answer, [`NEVER`] where it is unknown what happened.
    pub answered: u32,
    /// Which function.
    pub function: FunctionId,
    /// What became known.
    pub answer: Answer,
}

/// What became known of an operation in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// It happened.
    Ok,
    /// It did not.
    Fail,
    /// Nobody knows: it takes effect at any time after its invocation, or never.
    Info,
}

/// The operations in the order of invocations. Event `a` came before event `b` where `a < b`: two
/// operations overlap unless one was answered before the other was invoked.
///
/// Without times an operation takes 28 bytes, with them 44, and each value beyond null and the
/// integers below 2^31 its own size once.
#[derive(Clone, Debug, Default)]
pub struct History {
    operations: Vec<Operation>,
    names: Arc<Names>,
}

/// What the numbers in operations stand for; parts of one history share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    pub(crate) functions: Vec<String>,
    pub(crate) processes: Vec<u64>,
    pub(crate) values: Values,
    /// Nanoseconds of each event, empty where the events have no times.
    pub(crate) times_ns: Vec<u64>,
    pub(crate) events: u32,
}

impl Names {
    fn function(&mut self, name: &str) -> Option<FunctionId> {
        let known = self.functions.iter().position(|one| one == name);
        let place = known.unwrap_or_else(|| {
            self.functions.push(name.to_owned());
            self.functions.len() - 1
        });
        FunctionId::try_from(place).ok()
    }
}

impl History {
    pub(crate) fn new(operations: Vec<Operation>, names: Names) -> Self {
        Self { operations, names: Arc::new(names) }
    }

    /// Every operation, in the order of invocations.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The names of the functions.
    pub fn functions(&self) -> &[String] {
        &self.names.functions
    }

    /// The name of one operation's function.
    pub fn function(&self, operation: &Operation) -> &str {
        &self.names.functions[usize::from(operation.function)]
    }

    /// The process's own number.
    pub fn process(&self, operation: &Operation) -> u64 {
        self.names.processes[operation.process as usize]
    }

    /// Keys, arguments and results.
    pub fn values(&self) -> &Values {
        &self.names.values
    }

    /// How many events there are: every place is below that.
    pub fn events(&self) -> u32 {
        self.names.events
    }

    /// When an event happened, in nanoseconds, where the history has times.
    pub fn time_ns(&self, event: u32) -> Option<u64> {
        self.names.times_ns.get(event as usize).copied()
    }

    /// The same history with other operations: a part of it, or weakened ones, at little cost.
    /// Times and events stay; whoever changes `invoked` or `answered` keeps them below
    /// [`Self::events`]. The operations are put in the order of their invocations.
    #[must_use]
    pub fn with_operations(&self, mut operations: Vec<Operation>) -> Self {
        operations.sort_by_key(|operation| operation.invoked);
        Self { operations, names: Arc::clone(&self.names) }
    }

    /// The same history with other operations, of which some are spelled anew. What cannot be
    /// spelled, since there is no number left for it, stays as it is.
    pub(crate) fn respelled(
        &self,
        mut operations: Vec<Operation>,
        spelled: &[(usize, Spelled)],
    ) -> Self {
        let mut names = Arc::clone(&self.names);
        for (place, spelled) in spelled {
            let names = Arc::make_mut(&mut names);
            let operation = &mut operations[*place];
            let values = &mut names.values;
            let ids = values.intern(&spelled.argument).zip(values.intern(&spelled.result));
            let function = names.function(spelled.function);
            if let (Some((argument, result)), Some(function)) = (ids, function) {
                let result = if operation.answer == Answer::Ok { result } else { ValueId::NULL };
                *operation = Operation { argument, result, function, ..*operation };
            }
        }
        let all = Self { operations: Vec::new(), names };
        all.with_operations(operations)
    }

    /// About how much memory it takes.
    pub fn bytes(&self) -> usize {
        self.operations.capacity() * size_of::<Operation>()
            + self.names.times_ns.capacity() * size_of::<u64>()
            + self.names.values.bytes()
    }
}
