//! The way between a client and its store, on which an answer can be lost.

/// Carries answers. The explorer's takes part in the schedule; see [`Reliable`] for one that does
/// not.
pub trait Wire: Sync {
    /// Waits for the answer to a request that was carried out: whether it arrives.
    fn answer_arrives(&self) -> bool;

    /// From now on the next answer does not arrive.
    fn cut(&self);
}

/// A wire on which nothing is ever lost.
pub struct Reliable;

impl Wire for Reliable {
    fn answer_arrives(&self) -> bool {
        true
    }

    fn cut(&self) {}
}
