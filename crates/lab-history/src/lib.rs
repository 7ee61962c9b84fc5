//! Histories: what each process asked and what it was told, read and written.

mod edn;
mod error;
mod event;
mod exact;
mod jepsen;
mod json;
mod merged;
mod order;
mod reader;
mod record;
mod records;
mod writer;
mod recorder;

pub use error::HistoryError;
pub use event::{Event, Kind};
pub use merged::Merged;
pub use reader::{Format, Reader};
pub use record::{Ending, Function, Record, content_hash};
pub use writer::Writer;
pub use recorder::{Places, Progress, Recorded, Recording, Track, recorder};
