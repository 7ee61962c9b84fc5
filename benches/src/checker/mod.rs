//! Checkers beside each other: what they are given, how each is asked, and what is to be reached.

mod calls;
mod goals;
mod histories;
mod log_goals;
mod overrun;
mod peers;
mod readers;
mod rows;
mod run;
mod shrinking;
mod table;
#[cfg(test)]
mod tests;
mod versioned;

pub use calls::{Act, Call, calls_by_key};
pub use goals::goals;
pub use histories::{Plan, registers};
use log_goals::log_goals;
pub use overrun::{Overrun, overrun_table, overruns};
pub use peers::{Checker, Prepared};
pub use readers::readers;
pub use rows::{Row, rows};
pub use run::{Compared, Run};
pub use shrinking::{Shrunk, shrinking, shrinking_table};
pub use table::{Decided, Measured, Outcome, table};
pub use versioned::{Versioned, versioned, versioned_table};
