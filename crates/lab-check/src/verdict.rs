//! What a check says, and how much it may cost.

use std::time::Duration;

use crate::{OperationId, ValueId};

/// What a check says of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every operation can have taken effect at one moment: here is an order.
    Holds(Linearization),
    /// No order explains the answers.
    Violated(Violation),
    /// The budget ran out before it was decided.
    Unknown(Unknown),
}

/// How much a check may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Kept with an overrun of at most 10 ms.
    pub time: Duration,
    /// What the check may hold beside the history; more than 32 GiB are not used.
    pub memory_bytes: usize,
}

impl Default for Budget {
    /// A minute and a GiB.
    fn default() -> Self {
        Self { time: Duration::from_secs(60), memory_bytes: 1 << 30 }
    }
}

/// An order of operations for each part of a history. Replayed through the specification it gives
/// the recorded answers, and no operation stands after one that was invoked after its answer.
/// Operations that failed, or that nobody needs to have happened, are not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Linearization {
    order: Vec<OperationId>,
    parts: Vec<Ordered>,
}

/// One part: its key, how it was decided, and where its order ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ordered {
    key: ValueId,
    tier: Tier,
    end: usize,
}

/// The method that decided a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Different values: the sweep of their zones.
    Zones,
    /// The search for an order, event by event.
    Search,
}

/// The order of one key's operations, or of all where the specification has no keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// The key, null where the specification has none.
    pub key: ValueId,
    /// What decided it.
    pub tier: Tier,
    /// In the order in which they took effect.
    pub order: &'a [OperationId],
}

impl Linearization {
    /// A linearization without parts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the order of one key's operations.
    pub fn push(&mut self, key: ValueId, tier: Tier, order: impl IntoIterator<Item = OperationId>) {
        self.order.extend(order);
        self.parts.push(Ordered { key, tier, end: self.order.len() });
    }

    /// How many operations it orders, over all parts.
    pub fn operations(&self) -> usize {
        self.order.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.order.capacity() * size_of::<OperationId>()
            + self.parts.capacity() * size_of::<Ordered>()
    }

    /// Every part.
    pub fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let starts = std::iter::once(0).chain(self.parts.iter().map(|part| part.end));
        let parts = self.parts.iter().zip(starts);
        parts.map(|(Ordered { key, tier, end }, start)| Part {
            key: *key,
            tier: *tier,
            order: &self.order[start..*end],
        })
    }
}

/// Why no order explains a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The key that it is about, null where the specification has none.
    pub key: ValueId,
    /// The operations that contradict each other, as far as the check tells them from the others:
    /// at least the one whose answer nothing explains.
    pub operations: Vec<OperationId>,
    /// The contradiction in one sentence.
    pub sentence: String,
    /// What lets others see it without trust in the check.
    pub proof: Proof,
}

/// What shows that a violation is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// [`Violation::operations`] alone cannot be ordered, whatever else happened.
    Local,
    /// The operations of the key up to the event before `event` can be ordered, here is how; with
    /// the answer at `event` they cannot, and every order was tried. Of what was invoked before
    /// and answered later, it counts how it was answered.
    Exhausted {
        /// The event of the answer.
        event: u32,
        /// An order of what had to take effect before it.
        order: Vec<OperationId>,
    },
}

/// How far a check came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What ran out.
    pub why: Limit,
    /// The history up to this event holds: the longest prefix that is proved.
    pub proved_events: u32,
    /// How many configurations the search held in its hand at the end.
    pub configurations: usize,
}

/// What ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The time.
    Time,
    /// The memory.
    Memory,
}
