//! The task, the operations on it and their sequential meaning: no I/O, no threads.

mod anomaly;
mod change;
mod operation;
mod query;
mod spec;
mod task;
mod text;

pub use anomaly::Anomaly;
pub use change::Change;
pub use operation::{FencingToken, IdempotencyKey, Operation, Outcome, Refusal, Response};
pub use query::{Filter, Summary};
pub use spec::{Mismatch, Rules, Spec};
pub use task::{NewTask, ParseStatusError, Status, Task, TaskId, Version};
pub use text::{
    DESCRIPTION_BYTES_MAX, Description, KEY_BYTES_MAX, TITLE_BYTES_MAX, TextError, Title,
};
