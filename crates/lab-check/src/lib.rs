//! Is a history linearizable? A [`History`] and a [`Specification`] in, a [`Verdict`] with its
//! certificate out.
//!
//! A history is linearizable where every operation seems to take effect at one moment between its
//! invocation and its answer (Herlihy and Wing, "Linearizability: A Correctness Condition for
//! Concurrent Objects", TOPLAS 1990).

mod builder;
mod history;
mod specification;
mod values;
mod verdict;

pub use builder::{BuildError, HistoryBuilder};
pub use history::{Answer, FunctionId, History, NEVER, Operation, OperationId};
pub use specification::{Effect, Misfit, Specification, State};
pub use values::{ValueId, Values};
pub use verdict::{Budget, Limit, Linearization, Part, Proof, Unknown, Verdict, Violation};
