//! Versions give the write order.

mod change;
mod checker;
mod finding;
mod fork;
mod ids;
mod judge;
mod malformed;
mod pending;
mod position;
mod read;
mod snapshot;
mod task;
mod version;

pub use checker::OrderChecker;
pub use finding::{Age, Finding, Findings};
pub use malformed::Malformed;
