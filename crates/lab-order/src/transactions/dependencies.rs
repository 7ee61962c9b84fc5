//! The graph of dependencies between transactions.

use std::collections::{BTreeMap, HashMap};

use lab_history::Kind as Ending;

use super::phenomenon::Dependency;
use super::versions::Versions;
use super::{Step, Transactions, Values};

/// An edge. Behind the transactions stand the nodes of the chain of real time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) kind: Dependency,
    /// The key that it is about.
    pub(super) key: Option<usize>,
}

/// All edges.
#[derive(Debug)]
pub(super) struct Dependencies {
    pub(super) transactions: usize,
    pub(super) nodes: usize,
    pub(super) edges: Vec<Edge>,
}

impl Dependencies {
    pub(super) fn new(transactions: &Transactions, versions: &Versions) -> Self {
        let count = transactions.all.len();
        let mut all = Self { transactions: count, nodes: count, edges: Vec::new() };
        all.add_reads(versions);
        match transactions.values {
            Values::Lists => all.add_lists(transactions, versions),
            Values::Registers => all.add_registers(transactions, versions),
        }
        all.add_processes(transactions, versions);
        all.add_time(transactions);
        all
    }

    fn add(&mut self, from: usize, to: usize, kind: Dependency, key: Option<usize>) {
        let number = |node: usize| u32::try_from(node).unwrap_or(u32::MAX);
        if from != to {
            self.edges.push(Edge { from: number(from), to: number(to), kind, key });
        }
    }

    fn add_reads(&mut self, versions: &Versions) {
        for read in &versions.reads {
            let last = read.seen.last().and_then(|it| versions.writers.get(&(read.key, *it)));
            if let Some(writer) = last.filter(|it| versions.is_committed[it.transaction]) {
                let key = Some(read.key);
                self.add(writer.transaction, read.transaction, Dependency::Wr, key);
            }
        }
    }

    fn add_lists(&mut self, transactions: &Transactions, versions: &Versions) {
        let unread = unread(transactions, versions);
        for (key, list) in &versions.lists {
            let writer = |element: &usize| {
                versions.writers.get(&(*key, *element)).map(|writer| writer.transaction)
            };
            for pair in list.windows(2) {
                if let (Some(from), Some(to)) = (writer(&pair[0]), writer(&pair[1])) {
                    self.add(from, to, Dependency::Ww, Some(*key));
                }
            }
            // What was appended and never read stands behind all that was.
            for later in unread.get(key).into_iter().flatten() {
                if let Some(from) = list.last().and_then(writer) {
                    self.add(from, *later, Dependency::Ww, Some(*key));
                }
            }
        }
        for read in &versions.reads {
            let Some(list) = versions.lists.get(&read.key) else { continue };
            let key = Some(read.key);
            if let Some(next) = list.get(read.seen.len()) {
                if let Some(next) = versions.writers.get(&(read.key, *next)) {
                    self.add(read.transaction, next.transaction, Dependency::Rw, key);
                }
                continue;
            }
            for later in unread.get(&read.key).into_iter().flatten() {
                self.add(read.transaction, *later, Dependency::Rw, key);
            }
        }
    }

    /// Of registers it is known that nothing was written before the first value, and that a value
    /// follows on the one that its transaction had read.
    fn add_registers(&mut self, transactions: &Transactions, versions: &Versions) {
        let mut readers: HashMap<(usize, Option<usize>), Vec<usize>> = HashMap::new();
        for read in &versions.reads {
            let version = (read.key, read.seen.first().copied());
            readers.entry(version).or_default().push(read.transaction);
        }
        let mut follow = Vec::new();
        for read in &versions.reads {
            for key in written(transactions, read.transaction).filter(|key| *key == read.key) {
                follow.push(((key, read.seen.first().copied()), read.transaction));
            }
        }
        for (at, _) in versions.is_committed.iter().enumerate().filter(|(_, it)| **it) {
            follow.extend(written(transactions, at).map(|key| ((key, None), at)));
        }
        follow.sort_unstable();
        follow.dedup();
        for (version, next) in follow {
            let key = Some(version.0);
            for reader in readers.get(&version).into_iter().flatten() {
                self.add(*reader, next, Dependency::Rw, key);
            }
            let element = version.1.map(|element| (version.0, element));
            if let Some(writer) = element.and_then(|element| versions.writers.get(&element)) {
                self.add(writer.transaction, next, Dependency::Ww, key);
            }
        }
    }

    fn add_processes(&mut self, transactions: &Transactions, versions: &Versions) {
        let mut last: BTreeMap<u64, usize> = BTreeMap::new();
        for (at, transaction) in transactions.all.iter().enumerate() {
            if !versions.is_committed[at] {
                continue;
            }
            if let Some(before) = last.insert(transaction.process, at) {
                self.add(before, at, Dependency::Process, None);
            }
        }
    }

    /// Real time as a chain: two edges a transaction instead of one for each pair.
    fn add_time(&mut self, transactions: &Transactions) {
        let is_ok = |it: &Ending| *it == Ending::Ok;
        let ends = transactions.all.iter().enumerate().filter(|(_, it)| is_ok(&it.ending));
        let mut ends: Vec<(usize, usize)> =
            ends.filter_map(|(at, it)| Some((it.ended?, at))).collect();
        ends.sort_unstable();
        self.nodes = self.transactions + ends.len();
        for (place, (_, at)) in ends.iter().enumerate() {
            let node = self.transactions + place;
            self.add(*at, node, Dependency::Realtime, None);
            if place + 1 < ends.len() {
                self.add(node, node + 1, Dependency::Realtime, None);
            }
        }
        for (at, transaction) in transactions.all.iter().enumerate() {
            let before = ends.partition_point(|(ended, _)| *ended < transaction.invoked);
            if let Some(before) = before.checked_sub(1) {
                self.add(self.transactions + before, at, Dependency::Realtime, None);
            }
        }
    }
}

/// The keys that a transaction wrote.
fn written(transactions: &Transactions, at: usize) -> impl Iterator<Item = usize> {
    transactions.all[at].steps.iter().filter_map(|step| match step {
        Step::Write(key, _) => Some(*key),
        Step::Read(..) => None,
    })
}

/// For each key the transactions that ended well and appended what nobody read.
fn unread(transactions: &Transactions, versions: &Versions) -> BTreeMap<usize, Vec<usize>> {
    let mut unread: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, transaction) in transactions.all.iter().enumerate() {
        for step in transaction.steps.iter().filter(|_| transaction.ending == Ending::Ok) {
            let Step::Write(key, element) = step else { continue };
            if versions.lists.get(key).is_some_and(|list| !list.contains(element)) {
                unread.entry(*key).or_default().push(at);
            }
        }
    }
    unread
}
