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
mod explain;
mod level;
mod parse;
mod phenomenon;
mod serial;
mod versions;

use std::collections::BTreeMap;

use lab_check::{Budget, Limit};

pub use dependencies::About;
pub use explain::explain;
pub use level::{Level, Promise, broken, promises};
pub use parse::{NotATransaction, TransactionsBuilder};
pub use phenomenon::{Dependency, Kind, Phenomenon, Variant};
pub use serial::verify_serial;

use self::cycles::{Clock, find_cycles};
use self::dependencies::Dependencies;
use self::serial::{Serial, serialize};
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
    /// The place of its invocation: a time in nanoseconds, or the number of the event.
    pub invoked: u64,
    /// The place of its end; none if it never came. Equal places are concurrent.
    pub ended: Option<u64>,
    /// What became of it.
    pub ending: lab_history::Kind,
    /// What it did, in order.
    pub steps: Vec<Step>,
}

/// One step of a transaction. Keys and values are numbers that [`TransactionsBuilder`] gave
/// them.
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
    /// The strongest promises that the history does not break, as far as it was looked at.
    pub allowed: Vec<Promise>,
    /// The weakest promises that it breaks.
    pub broken: Vec<Promise>,
    /// An order of the transactions that took effect which keeps real time, explains every read,
    /// and so proves strict serializability. None where something is wrong, or the search was cut.
    pub order: Option<Vec<usize>>,
    /// What ended the search before its end; phenomena that were not found may be there.
    pub cut: Option<Limit>,
}

/// The first instance of a phenomenon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// How often.
    pub count: usize,
    /// The transactions, as places in [`Transactions::all`], of a cycle in its order.
    pub transactions: Vec<usize>,
    /// The edges of a cycle, the last one back to the first transaction; nothing where it is none.
    pub links: Vec<Link>,
    /// What is wrong in one sentence.
    pub sentence: String,
}

/// One transaction depends on another: `to` must come after `from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// A place in [`Transactions::all`].
    pub from: usize,
    /// Another.
    pub to: usize,
    /// How.
    pub kind: Dependency,
    /// What it is about; nothing where it is the order of a client or of time.
    pub about: Option<About>,
}

/// Looks for every phenomenon, and where there is none for an order that proves it.
pub fn check_transactions(transactions: &Transactions, budget: Budget) -> Isolation {
    let mut clock = Clock::new(budget.time);
    let mut found = BTreeMap::new();
    let versions = Versions::infer(transactions, &mut found);
    let dependencies = Dependencies::new(transactions, &versions);
    let mut cut = find_cycles(&dependencies, &mut clock, budget.memory_bytes, &mut found);
    let mut order = None;
    if found.is_empty() && cut.is_none() {
        let memory_bytes = budget.memory_bytes;
        match serialize(transactions, &versions, &dependencies, &mut clock, memory_bytes) {
            Ok(Serial::Order(whole)) => order = Some(whole),
            Ok(Serial::Stuck { after, at }) => {
                let phenomenon = Phenomenon { kind: Kind::NoOrder, variant: Variant::Realtime };
                found.insert(phenomenon, no_order(after, at));
            }
            Err(limit) => cut = Some(limit),
        }
    }
    let allowed = promises(found.keys().copied());
    let broken = broken(found.keys().copied());
    Isolation { found, allowed, broken, order, cut }
}

fn no_order(after: usize, at: usize) -> Instance {
    let sentence = format!(
        "every order in real time was tried: none goes further than {after} transactions, where \
         T{at} would have to come"
    );
    Instance { count: 1, transactions: vec![at], links: Vec::new(), sentence }
}

fn note(
    found: &mut BTreeMap<Phenomenon, Instance>,
    kind: Kind,
    transactions: &[usize],
    sentence: impl FnOnce() -> String,
) {
    let phenomenon = Phenomenon { kind, variant: Variant::Plain };
    let instance = found.entry(phenomenon).or_insert_with(|| {
        let (transactions, links) = (transactions.to_vec(), Vec::new());
        Instance { count: 0, transactions, links, sentence: sentence() }
    });
    instance.count += 1;
}
