//! Histories whose write order is known. Two checks, which need no search:
//!
//! - [`OrderChecker`] takes the records of a task store while it runs. Versions say which change
//!   came after which, so a task is linearizable if and only if no answer contradicts the order of
//!   its versions and real time (locality: Herlihy and Wing 1990), which one pass sees; lists are
//!   then held against each other (strict serializability, Papadimitriou 1979, as the absence of
//!   cycles). Each contradiction has a name of [`lab_task::Anomaly`] and the operations that prove
//!   it, which [`verify_finding`] looks at without the checker.
//! - [`check_transactions`] takes transactions over keys, infers the dependencies that Adya (1999)
//!   defines as Elle (VLDB 2020) does, names their cycles, and says which isolation levels are
//!   left.
//!
//! What the first one leaves open: a read that did not find a task beside which it was created and
//! deleted as well; lists that ask for titles, and what a list by status lacks unless that is
//! certain; counts where a change may have happened or not; a version whose maker is not known
//! binds only its own task; what happens to a task in the moments of an anomaly is not held against
//! what was before. [`left_open`] says which of these a history has; a search of the whole, such as
//! `lab-check` makes, decides most of them.

mod certificate;
mod change;
mod checker;
mod core;
mod finding;
mod fork;
mod graph;
mod ids;
mod judge;
mod malformed;
mod open;
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
pub use core::Core;
pub use finding::{Age, Finding, Findings};
pub use malformed::Malformed;
pub use open::{Open, OpenWatch, left_open};
pub use transactions::{
    About, Dependency, Instance, Isolation, Kind, Level, Link, NotATransaction, Phenomenon,
    Promise, Step, Transaction, Transactions, TransactionsBuilder, Values, Variant, broken,
    check_transactions, explain, promises, verify_serial,
};
pub use verify::verify_finding;
