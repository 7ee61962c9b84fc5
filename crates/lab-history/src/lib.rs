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
mod recorder;
mod records;
mod tasks;
mod writer;

pub use error::HistoryError;
pub use event::{Event, Kind};
pub use merged::Merged;
pub use reader::{Format, Reader};
pub use record::{Ending, Function, Record, content_hash};
pub use recorder::{Places, Progress, Recorded, Recording, Track, recorder};
pub use tasks::{TaskEventError, TaskEvents, task_events};
pub use writer::Writer;
