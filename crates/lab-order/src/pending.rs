//! What waits until all is known that was invoked before its answer.

use lab_history::Record;

/// The version of a task in a list that says nothing of the list's place: what is wrong with it was
/// named.
pub(crate) const OUT_OF_ORDER: u64 = u64::MAX;

/// An operation that is judged when all is known that was invoked before its answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pending {
    pub(crate) record: Record,
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// It takes part in no order any more, since what is wrong with it was named.
    pub(crate) is_dropped: bool,
}

/// A task in a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listed {
    pub(crate) slot: u32,
    pub(crate) version: u64,
}
