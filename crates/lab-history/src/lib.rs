//! Histories: what each process asked and what it was told.

mod event;
mod record;

pub use event::{Event, Kind};
pub use record::{Ending, Function, Record, content_hash};
