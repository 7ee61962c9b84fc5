//! Histories of transactions over keys, checked as Elle does: Kingsbury and Alvaro, "Elle:
//! Inferring Isolation Anomalies from Experimental Observations", VLDB 2020.
//!
//! A transaction is an operation `txn` whose value is a list of steps: `["r", key, value]`,
//! `["append", key, element]` where values are lists, `["w", key, value]` where they are registers.
//! What was read gives the order of versions; from that follow the edges between transactions (a
//! write before the next write, `ww`; a write before its reads, `wr`; a read before the next write,
//! `rw`), to which the order of each client and real time are added. A cycle is an anomaly, named
//! by its edges.

mod cycles;
mod dependencies;
mod level;
mod parse;
mod phenomenon;
mod versions;

use std::collections::BTreeMap;

pub use level::{Level, Promise, promises};
pub use parse::{NotATransaction, parse};
pub use phenomenon::{Dependency, Kind, Phenomenon, Variant};

use self::cycles::find_cycles;
use self::dependencies::Dependencies;
use self::versions::Versions;

/// What keys hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// Lists that grow by one element: their reads give the whole order of versions.
    Lists,
    /// One value, written as a whole: the order is known as far as transactions read what they
    /// overwrite.
    Registers,
}

/// One transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Whose.
    pub process: u64,
    /// The number of the event of its invocation.
    pub invoked: usize,
    /// The number of the event of its end; none if it never came.
    pub ended: Option<usize>,
    /// What became of it.
    pub ending: lab_history::Kind,
    /// What it did, in order.
    pub steps: Vec<Step>,
}

/// One step of a transaction. Keys and values are numbers that [`parse`] gave them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Saw the elements of a list, or the value of a register (none: nothing was written).
    Read(usize, Vec<usize>),
    /// Appended to a list, or wrote a register.
    Write(usize, usize),
}

/// A parsed history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transactions {
    /// What keys hold.
    pub values: Values,
    /// In the order of their invocations.
    pub all: Vec<Transaction>,
    /// The names of keys.
    pub keys: Vec<String>,
    /// The names of values.
    pub elements: Vec<String>,
}

/// What is wrong, and what the history still allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Isolation {
    /// How often each phenomenon was found, with its first instance.
    pub found: BTreeMap<Phenomenon, Instance>,
    /// The strongest promises that the history does not break.
    pub allowed: Vec<Promise>,
    /// Whether every cycle was looked for; where the search was cut, weaker phenomena may be there.
    pub is_complete: bool,
}

/// The first instance of a phenomenon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// How often.
    pub count: usize,
    /// The transactions, as places in [`Transactions::all`]. Of a cycle each with the edge that
    /// leads to the next one, and from the last to the first.
    pub steps: Vec<(usize, Option<Dependency>)>,
    /// What is wrong in one sentence.
    pub sentence: String,
}

/// Looks for every phenomenon.
pub fn check_transactions(transactions: &Transactions) -> Isolation {
    let mut found = BTreeMap::new();
    let versions = Versions::infer(transactions, &mut found);
    let dependencies = Dependencies::new(transactions, &versions);
    let is_complete = find_cycles(transactions, &dependencies, &mut found);
    let allowed = promises(found.keys().copied());
    Isolation { found, allowed, is_complete }
}

pub(crate) fn note(
    found: &mut BTreeMap<Phenomenon, Instance>,
    kind: Kind,
    steps: &[usize],
    sentence: impl FnOnce() -> String,
) {
    let phenomenon = Phenomenon { kind, variant: Variant::Plain };
    let instance = found.entry(phenomenon).or_insert_with(|| Instance {
        count: 0,
        steps: steps.iter().map(|step| (*step, None)).collect(),
        sentence: sentence(),
    });
    instance.count += 1;
}
