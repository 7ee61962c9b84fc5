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
mod transactions;
mod verify;
mod version;

pub use certificate::{linearize, verify_order};
pub use checker::OrderChecker;
pub use finding::{Age, Finding, Findings};
pub use malformed::Malformed;
pub use transactions::{
    Dependency, Instance, Isolation, Kind, Level, NotATransaction, Phenomenon, Promise, Step,
    Transaction, Transactions, Values, Variant, check_transactions, parse, promises,
};
pub use verify::verify_finding;
