//! A violation in few operations, each of them needed.
//!
//! Deleting a write can make a violation that the history never had: what it wrote would be read
//! from nowhere. So a history is only ever weakened. Each move leads from a history that is
//! linearizable to one that is linearizable too, so that a core that is none proves that its
//! history is none:
//!
//! - an operation without effect, such as a read, is dropped;
//! - one with an effect becomes one that may take effect at any time after its invocation, or
//!   never;
//! - an interval is made longer;
//! - where a write is kept, what was answered before its invocation is dropped, and what overlaps
//!   it becomes a maybe or is dropped: whatever came before, the write put something else in its
//!   place. That write stays, and stays before what could see, since it is why nothing before it
//!   counts;
//! - a maybe that leads to a state that nobody needs is dropped: an order that has it is an order
//!   without it.

mod label;
mod name;
mod sentence;
mod shrink;
mod source;
#[cfg(test)]
mod tests;
mod timeline;
mod widen;

use std::time::Duration;

pub use name::{Age, Name};
use shrink::{Shrinking, last_answered};

use crate::{History, Misfit, NEVER, Operation, OperationId, Specification, Violation};

/// Operations of a history that no order explains, whatever the others did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Core {
    kept: Vec<Kept>,
    orders: Vec<(usize, usize)>,
    begins_with: Option<OperationId>,
    is_minimal: bool,
    name: Option<Name>,
    sentence: String,
    source: Option<String>,
}

/// An operation of a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Which operation of the history it is.
    pub id: OperationId,
    /// What of it the contradiction needs: without an answer it may have happened or not, and the
    /// interval is as long as it can be. Its events are counted among those of the core.
    pub weakened: Operation,
}

impl Kept {
    /// Whether the contradiction needs its answer.
    pub fn is_firm(&self) -> bool {
        self.weakened.answered != NEVER
    }
}

impl Core {
    /// The core of `violation`, which `history` shows under `specification`. Takes at most about
    /// `time`; what is found by then is a core, if not the smallest.
    ///
    /// # Errors
    /// An operation is none of the specified object.
    pub fn of<S: Specification>(
        history: &History,
        specification: &mut S,
        violation: &Violation,
        time: Duration,
    ) -> Result<Self, Misfit> {
        let mut shrinking = Shrinking::new(history, specification, time);
        let mut entries = shrinking.shrunk(violation)?;
        widen::widen(&mut entries, &mut shrinking);
        let orders = crate::orders(&widen::intervals(&entries));
        let begins_with = shrinking.pinned();
        let is_minimal = !shrinking.ran_out();
        let name = name::name(&entries, &orders, &mut shrinking);
        let sentence = sentence::sentence(&entries, history, specification);
        let blamed = last_answered(&entries).map(|at| &entries[at]);
        let source =
            blamed.and_then(|blamed| source::source(&entries, blamed, history, specification));
        let kept = entries.iter().map(|entry| entry.kept).collect();
        Ok(Self { kept, orders, begins_with, is_minimal, name, sentence, source })
    }

    /// The operations, in the order of their invocations.
    pub fn kept(&self) -> &[Kept] {
        &self.kept
    }

    /// Pairs of operations, by position: the contradiction needs that the first was answered before
    /// the second was invoked. What follows from other pairs is left out.
    pub fn orders(&self) -> &[(usize, usize)] {
        &self.orders
    }

    /// The write before which nothing counts, where there is one: the operations that could see
    /// what was before it stay behind it.
    pub fn begins_with(&self) -> Option<OperationId> {
        self.begins_with
    }

    /// Whether no weaker core is left; otherwise the time ran out.
    pub fn is_minimal(&self) -> bool {
        self.is_minimal
    }

    /// What the contradiction is called, where the definition of a name is met; otherwise nothing
    /// is known but that no order explains the answers.
    pub fn name(&self) -> Option<Name> {
        self.name
    }

    /// The contradiction in a sentence.
    pub fn sentence(&self) -> &str {
        &self.sentence
    }

    /// The core as a history of its own, for whoever wants to check it.
    pub fn weakened(&self, history: &History) -> History {
        history.with_operations(self.kept.iter().map(|kept| kept.weakened).collect())
    }
}
