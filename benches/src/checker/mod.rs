//! Checkers beside each other: what they are given, and how each is asked.

mod calls;
mod histories;
mod overrun;
mod peers;
mod rows;
mod table;

pub use calls::{Act, Call, calls_by_key};
pub use histories::{Plan, registers};
pub use overrun::overruns;
pub use peers::{Checker, Prepared};
pub use rows::{Row, rows};
pub use table::{Measured, Outcome, table};
