//! Who takes the next step, where a plan does not say.

/// Chooses who takes a step.
pub(crate) trait Scheduler: Send {
    /// One of those whose bit is set in `enabled`, which is not 0; `current` took the last step and
    /// can go on.
    fn choose(&mut self, enabled: u16, current: Option<usize>) -> usize;
}
