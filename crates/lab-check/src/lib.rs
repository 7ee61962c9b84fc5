//! Is a history linearizable? A [`History`] and a [`Specification`] in, a [`Verdict`] with its
//! certificate out.
//!
//! A history is linearizable where every operation seems to take effect at one moment between its
//! invocation and its answer (Herlihy and Wing, "Linearizability: A Correctness Condition for
//! Concurrent Objects", TOPLAS 1990).

mod any_search;
mod bits;
mod builder;
mod check;
mod configuration;
mod core;
mod crossing;
mod history;
mod intervals;
mod limits;
mod needs;
mod object;
mod parts;
mod path;
mod search;
mod slots;
mod specification;
mod specifications;
mod states;
mod values;
mod verdict;
#[cfg(test)]
mod worked;
mod zones;

pub use builder::{BuildError, HistoryBuilder};
pub use check::{check, check_by_search};
pub use core::{Age, Core, Kept, Name};
pub use history::{Answer, FunctionId, History, NEVER, Operation, OperationId};
pub use intervals::{Interval, orders, widen};
pub use object::Object;
pub use specification::{Effect, Element, Misfit, Specification, Spelled, State};
pub use specifications::{
    CasRegister, KeyValue, KeyValueAction, Queue, QueueAction, Register, RegisterAction,
    RegisterWith, Set, SetAction, TaskAction, TaskStore,
};
pub use values::{ValueId, Values};
pub use verdict::{Budget, Limit, Linearization, Part, Proof, Tier, Unknown, Verdict, Violation};
