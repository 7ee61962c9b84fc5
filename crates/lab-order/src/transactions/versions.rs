//! The order of each key's versions, as far as reads tell it, and what reads say at once.

use std::collections::{BTreeMap, HashMap};

use lab_history::Kind as Ending;

use super::phenomenon::{Kind, Phenomenon};
use super::{Instance, Step, Transaction, Transactions, Values, note};

/// What is known of the versions of all keys.
#[derive(Debug, Default)]
pub(super) struct Versions {
    /// Who wrote an element of a key.
    pub(super) writers: HashMap<(usize, usize), Writer>,
    /// What each transaction saw of a key that it had not written before, in the order of
    /// transactions. A list as its elements, a register as one or none.
    pub(super) reads: Vec<ExternalRead>,
    /// The longest list that was read of each key.
    pub(super) lists: BTreeMap<usize, Longest>,
    /// Whether the transaction took effect: it ended well, or somebody saw what it wrote.
    pub(super) is_committed: Vec<bool>,
}

/// The longest list that was read of a key.
#[derive(Clone, Debug)]
pub(super) struct Longest {
    pub(super) elements: Vec<usize>,
    pub(super) reader: usize,
}

/// Who wrote an element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Writer {
    pub(super) transaction: usize,
    /// It wrote nothing to that key afterwards.
    pub(super) is_final: bool,
    /// How often it had written that key before.
    pub(super) number: usize,
}

/// What a transaction saw that it did not write itself.
#[derive(Clone, Debug)]
pub(super) struct ExternalRead {
    pub(super) transaction: usize,
    pub(super) key: usize,
    pub(super) seen: Vec<usize>,
}

type Found = BTreeMap<Phenomenon, Instance>;

impl Versions {
    pub(super) fn infer(transactions: &Transactions, found: &mut Found) -> Self {
        let mut versions = Self::default();
        versions.add_writers(transactions, found);
        for (at, transaction) in transactions.all.iter().enumerate() {
            versions.is_committed.push(transaction.ending == Ending::Ok);
            if transaction.ending == Ending::Ok {
                versions.add_reads(at, transaction, transactions.values, found);
            }
        }
        for read in std::mem::take(&mut versions.reads) {
            versions.look_at(&read, transactions, found);
            versions.reads.push(read);
        }
        if transactions.values == Values::Lists {
            versions.order_lists(found);
        }
        versions.find_lost_updates(transactions, found);
        versions
    }

    fn add_writers(&mut self, transactions: &Transactions, found: &mut Found) {
        for (at, transaction) in transactions.all.iter().enumerate() {
            let mut last = HashMap::new();
            let mut counts: HashMap<usize, usize> = HashMap::new();
            for step in &transaction.steps {
                let Step::Write(key, element) = *step else { continue };
                if let Some(before) = last.insert(key, element)
                    && let Some(before) = self.writers.get_mut(&(key, before))
                {
                    before.is_final = false;
                }
                let number = *counts.entry(key).and_modify(|it| *it += 1).or_default();
                let writer = Writer { transaction: at, is_final: true, number };
                if let Some(other) = self.writers.insert((key, element), writer) {
                    note(found, Kind::DuplicateElements, &[other.transaction, at], || {
                        let element = &transactions.elements[element];
                        format!("{element} was written twice to {}", transactions.keys[key])
                    });
                }
            }
        }
    }

    fn add_reads(
        &mut self,
        at: usize,
        transaction: &Transaction,
        values: Values,
        found: &mut Found,
    ) {
        // What the transaction must see of a key, and how much of that it wrote itself.
        let mut own: HashMap<usize, (Option<Vec<usize>>, Vec<usize>)> = HashMap::new();
        for step in &transaction.steps {
            match step {
                Step::Write(key, element) => {
                    let (_, written) = own.entry(*key).or_default();
                    if values == Values::Registers {
                        written.clear();
                    }
                    written.push(*element);
                }
                Step::Read(key, seen) => {
                    let (before, written) = own.entry(*key).or_default();
                    let is_own = values == Values::Registers && !written.is_empty();
                    let outside = match seen.strip_suffix(written.as_slice()) {
                        Some(_) if is_own && seen.len() == written.len() => continue,
                        Some(outside) if !is_own => outside,
                        _ => {
                            note(found, Kind::Internal, &[at], || not_own(at));
                            continue;
                        }
                    };
                    match before {
                        Some(before) if before != outside => {
                            note(found, Kind::Internal, &[at], || not_own(at));
                        }
                        Some(_) => {}
                        None => {
                            *before = Some(outside.to_vec());
                            let (transaction, key, seen) = (at, *key, outside.to_vec());
                            self.reads.push(ExternalRead { transaction, key, seen });
                        }
                    }
                }
            }
        }
    }

    /// Who wrote what was read?
    fn look_at(&mut self, read: &ExternalRead, transactions: &Transactions, found: &mut Found) {
        let key = &transactions.keys[read.key];
        let name = |element: usize| &transactions.elements[element];
        if let Some(twice) = twice(&read.seen) {
            let at = read.transaction;
            note(found, Kind::DuplicateElements, &[at], || {
                format!("T{at} saw {} twice in {key}", name(twice))
            });
        }
        for (place, element) in read.seen.iter().enumerate() {
            let (at, element) = (read.transaction, *element);
            let Some(writer) = self.writers.get(&(read.key, element)) else {
                note(found, Kind::GarbageRead, &[at], || {
                    format!("T{at} saw {} in {key}, and nobody wrote it", name(element))
                });
                continue;
            };
            let by = writer.transaction;
            if by == at {
                note(found, Kind::Internal, &[at], || {
                    format!("T{at} saw {} in {key} before it wrote it itself", name(element))
                });
            }
            if transactions.all[by].ending == Ending::Fail {
                note(found, Kind::G1a, &[by, at], || {
                    format!("T{at} saw {} in {key}, which T{by} wrote and aborted", name(element))
                });
            } else {
                self.is_committed[by] = true;
            }
            if place + 1 == read.seen.len() && !writer.is_final && by != at {
                note(found, Kind::G1b, &[by, at], || {
                    format!("T{at} saw {} in {key}, which T{by} wrote over", name(element))
                });
            }
        }
    }

    /// The longest list of a key has all others as its beginnings.
    fn order_lists(&mut self, found: &mut Found) {
        let mut longest: BTreeMap<usize, &ExternalRead> = BTreeMap::new();
        for read in &self.reads {
            let known = longest.entry(read.key).or_insert(read);
            if read.seen.len() > known.seen.len() {
                *known = read;
            }
        }
        let mut broken = Vec::new();
        for read in &self.reads {
            let known = longest[&read.key];
            if !known.seen.starts_with(&read.seen) {
                broken.push(read.key);
                let (a, b) = (known.transaction, read.transaction);
                note(found, Kind::IncompatibleOrder, &[a, b], || {
                    format!("neither of the lists that T{a} and T{b} read begins the other")
                });
            }
        }
        for (key, read) in &longest {
            let mut counts: HashMap<usize, usize> = HashMap::new();
            for element in &read.seen {
                let Some(writer) = self.writers.get(&(*key, *element)) else { continue };
                let count = counts.entry(writer.transaction).or_default();
                if writer.number != *count {
                    let (a, b) = (writer.transaction, read.transaction);
                    note(found, Kind::IncompatibleOrder, &[a, b], || {
                        format!("T{b} saw the appends of T{a} in another order, or not all")
                    });
                }
                *count += 1;
            }
        }
        let known = longest.into_iter().filter(|(key, _)| !broken.contains(key));
        let list =
            |it: &ExternalRead| Longest { elements: it.seen.clone(), reader: it.transaction };
        self.lists = known.map(|(key, read)| (key, list(read))).collect();
    }

    /// Two that read one version and both wrote the next.
    fn find_lost_updates(&self, transactions: &Transactions, found: &mut Found) {
        let mut first: HashMap<(usize, &[usize]), usize> = HashMap::new();
        for read in &self.reads {
            let (at, key) = (read.transaction, read.key);
            let is_write = |step: &Step| matches!(step, Step::Write(written, _) if *written == key);
            if !transactions.all[at].steps.iter().any(is_write) {
                continue;
            }
            if let Some(other) = first.insert((key, &read.seen), at) {
                note(found, Kind::LostUpdate, &[other, at], || {
                    let key = &transactions.keys[key];
                    format!("T{other} and T{at} read one version of {key}, and both wrote it")
                });
            }
        }
    }
}

/// An element that is there twice.
fn twice(seen: &[usize]) -> Option<usize> {
    let mut sorted = seen.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

fn not_own(at: usize) -> String {
    format!("T{at} does not see what it had seen or written itself")
}
