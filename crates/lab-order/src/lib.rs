//! Versions give the write order.

mod certificate;
mod change;
mod checker;
mod finding;
mod fork;
mod graph;
mod ids;
mod judge;
mod malformed;
mod pending;
mod position;
mod read;
mod snapshot;
mod task;
mod verify;
mod version;

pub use certificate::{linearize, verify_order};
pub use checker::OrderChecker;
pub use finding::{Age, Finding, Findings};
pub use malformed::Malformed;
pub use verify::verify_finding;
