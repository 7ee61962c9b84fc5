//! The specifications: one object a file.

mod key_value;
mod queue;
mod register;
mod set;
mod task_store;

pub use key_value::{KeyValue, KeyValueAction};
pub use queue::{Queue, QueueAction};
pub use register::{CasRegister, Register, RegisterAction, RegisterWith};
pub use set::{Set, SetAction};
pub use task_store::{TaskAction, TaskStore};
