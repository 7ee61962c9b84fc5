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
//! - a maybe that asks for something no longer does: a `cas` becomes a `write` of its new value,
//!   since an order in which it took effect is one in which that write did, to the same end;
//! - an interval is made longer;
//! - of what is in the states only a part is looked at: the elements of a queue or a set, the texts
//!   that were appended where they can be told apart. Each operation leads from what is seen of one
//!   state to what is seen of the next, so an order stays an order when what is about other
//!   elements only is dropped, and what was read is what was seen of it;
//! - where a write is kept, what was answered before its invocation is dropped, and what overlaps
//!   it becomes a maybe or is dropped: whatever came before, the write put something else in its
//!   place. That write stays, and stays before what could see, since it is why nothing before it
//!   counts;
//! - a maybe that leads to a state that nobody needs is dropped: an order that has it is an order
//!   without it.
//!
//! An append is not made a put of all that was appended until then, since it may have been made to
//! something else, and then the put would lead elsewhere.

mod label;
mod moves;
mod name;
mod sentence;
mod shrink;
mod source;
#[cfg(test)]
mod tests;
mod timeline;
mod widen;

use std::time::Duration;

use serde_json::Value;

use label::Labels;
pub use name::{Age, Name};
use shrink::{Shrinking, last_answered};
use source::Source;

use crate::{History, Misfit, NEVER, Operation, OperationId, Specification, Spelled, Violation};

/// Operations of a history that no order explains, whatever the others did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Core {
    kept: Vec<Kept>,
    orders: Vec<(usize, usize)>,
    begins_with: Option<OperationId>,
    is_minimal: bool,
    is_found: bool,
    name: Option<Name>,
    is_named: bool,
    sentence: String,
    source: Option<Source>,
    labels: Vec<String>,
    /// Those that the history has otherwise than the core means them.
    spelled: Vec<(usize, Spelled)>,
    /// What alone is looked at, where it is not all.
    elements: Option<Vec<Value>>,
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
    /// The core of `violation`, which `history` shows under `specification`. Takes at most `time`,
    /// with an overrun of at most 10 ms; what is found by then is a core, if not the smallest,
    /// unless it [is none](Self::is_found).
    ///
    /// # Errors
    /// An operation is none of the specified object.
    pub fn of<S: Specification>(
        history: &History,
        specification: &mut S,
        violation: &Violation,
        time: Duration,
    ) -> Result<Self, Misfit> {
        Self::by(&mut Shrinking::within(history, specification, time), violation)
    }

    fn by<S: Specification>(
        shrinking: &mut Shrinking<'_, S>,
        violation: &Violation,
    ) -> Result<Self, Misfit> {
        let Some(mut entries) = shrinking.shrunk(violation)? else {
            return Self::unfound(shrinking, violation);
        };
        widen::widen(&mut entries, shrinking);
        let orders = crate::orders(&widen::intervals(&entries));
        let is_minimal = !shrinking.ran_out();
        let name = name::name(&entries, &orders, shrinking);
        let blamed = last_answered(&entries).map(|at| &entries[at]);
        let source = blamed.and_then(|blamed| source::source(&entries, blamed, shrinking));
        let history = shrinking.history;
        let Labels { labels, named, spelled } =
            Labels::of(&entries, history, shrinking.specification);
        let elements = shrinking.elements.as_ref().map(|elements| {
            let value = |one: &_| shrinking.specification.element(*one, history.values());
            elements.iter().map(value).collect()
        });
        Ok(Self {
            kept: entries.iter().map(|entry| entry.kept).collect(),
            orders,
            begins_with: shrinking.pinned(),
            is_minimal,
            is_found: true,
            name: name.unwrap_or_default(),
            is_named: name.is_ok(),
            sentence: sentence::sentence(&entries, &named, shrinking.specification),
            source,
            labels,
            spelled,
            elements,
        })
    }

    /// The operations that the check named, where there was no time for more.
    fn unfound<S: Specification>(
        shrinking: &mut Shrinking<'_, S>,
        violation: &Violation,
    ) -> Result<Self, Misfit> {
        let entries = shrinking.entries(violation.operations.iter().copied())?;
        let history = shrinking.history;
        let Labels { labels, spelled, .. } = Labels::of(&entries, history, shrinking.specification);
        Ok(Self {
            kept: entries.iter().map(|entry| entry.kept).collect(),
            orders: Vec::new(),
            begins_with: None,
            is_minimal: false,
            is_found: false,
            name: None,
            is_named: false,
            sentence: violation.sentence.clone(),
            source: None,
            labels,
            spelled,
            elements: None,
        })
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

    /// Whether these operations contradict each other. Otherwise the time ran out before few were
    /// left that do, and these are those that the check named.
    pub fn is_found(&self) -> bool {
        self.is_found
    }

    /// Whether there was time to try every name.
    pub fn is_named(&self) -> bool {
        self.is_named
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
        let weakened = self.kept.iter().map(|kept| kept.weakened).collect();
        history.respelled(weakened, &self.spelled)
    }

    /// What a [timeline](Self::timeline) shows, as a history: what the core needs the answer of is
    /// as it was recorded, the rest may have happened or not.
    pub fn shown(&self, history: &History) -> History {
        let shown = |kept: &Kept| {
            let Operation { invoked, answered, .. } = history.operations()[kept.id as usize];
            let answered = if kept.is_firm() { answered } else { NEVER };
            Operation { invoked, answered, ..kept.weakened }
        };
        let core = history.respelled(self.kept.iter().map(shown).collect(), &self.spelled);
        let source = self.source_shown().map(|id| history.operations()[id as usize]);
        core.with_operations(core.operations().iter().copied().chain(source).collect())
    }

    /// The operation that is shown beside the core, since what is said of it explains the answer.
    fn source_shown(&self) -> Option<OperationId> {
        self.source.as_ref().and_then(|source| source.id)
    }
}
