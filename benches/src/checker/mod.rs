//! Checkers beside each other: what they are given, and how each is asked.

mod calls;
mod histories;
mod overrun;
mod peers;
mod readers;
mod rows;
mod shrinking;
mod table;

pub use calls::{Act, Call, calls_by_key};
pub use histories::{Plan, registers};
pub use overrun::overruns;
pub use peers::{Checker, Prepared};
pub use readers::readers;
pub use rows::{Row, rows};
pub use shrinking::shrinking;
pub use table::{Measured, Outcome, table};
