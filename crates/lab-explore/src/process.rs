//! The processes of one execution by number.

/// A process of one execution.
pub(crate) type ProcessId = usize;

/// The controller: it opens the store, and looks at it between steps where that is asked for.
pub(crate) const MAIN: ProcessId = 0;
