//! Histories: what each process asked and what it was told.

mod event;

pub use event::{Event, Kind};
