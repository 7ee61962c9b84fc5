//! The graph of dependencies between transactions.

use std::collections::{BTreeMap, HashMap, HashSet};

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
    /// What it is about; nothing where it is the order of a client or of time.
    pub(super) about: Option<About>,
}

/// Two versions of a key that follow each other, or one that was written and read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct About {
    /// The key.
    pub key: usize,
    /// The element whose version is written over, none for that before the first; what is read.
    pub before: Option<usize>,
    /// The element that is written over it; what is read.
    pub after: Option<usize>,
    /// Whose read shows it, where that is none of the two.
    pub shown_by: Option<usize>,
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

    fn add(&mut self, from: usize, to: usize, kind: Dependency, about: Option<About>) {
        let number = |node: usize| u32::try_from(node).unwrap_or(u32::MAX);
        if from != to {
            self.edges.push(Edge { from: number(from), to: number(to), kind, about });
        }
    }

    fn add_reads(&mut self, versions: &Versions) {
        for read in &versions.reads {
            let last = read.seen.last().copied();
            let writer = last.and_then(|last| versions.writers.get(&(read.key, last)));
            if let Some(writer) = writer.filter(|it| versions.is_committed[it.transaction]) {
                let about = About { key: read.key, before: last, after: last, shown_by: None };
                self.add(writer.transaction, read.transaction, Dependency::Wr, Some(about));
            }
        }
    }

    fn add_lists(&mut self, transactions: &Transactions, versions: &Versions) {
        let unread = unread(transactions, versions);
        for (key, list) in &versions.lists {
            let writer = |element: &usize| {
                versions.writers.get(&(*key, *element)).map(|writer| writer.transaction)
            };
            let shown_by = Some(list.reader);
            let about = |before, after| About { key: *key, before, after, shown_by };
            for pair in list.elements.windows(2) {
                if let (Some(from), Some(to)) = (writer(&pair[0]), writer(&pair[1])) {
                    let about = about(Some(pair[0]), Some(pair[1]));
                    self.add(from, to, Dependency::Ww, Some(about));
                }
            }
            // What was appended and never read stands behind all that was.
            for (later, element) in unread.get(key).into_iter().flatten() {
                let last = list.elements.last();
                if let Some(from) = last.and_then(writer) {
                    let about = about(last.copied(), Some(*element));
                    self.add(from, *later, Dependency::Ww, Some(about));
                }
            }
        }
        for read in &versions.reads {
            let Some(list) = versions.lists.get(&read.key) else { continue };
            let about = |after| {
                let shown_by = Some(list.reader).filter(|reader| *reader != read.transaction);
                About { key: read.key, before: read.seen.last().copied(), after, shown_by }
            };
            if let Some(next) = list.elements.get(read.seen.len()) {
                if let Some(writer) = versions.writers.get(&(read.key, *next)) {
                    let about = about(Some(*next));
                    self.add(read.transaction, writer.transaction, Dependency::Rw, Some(about));
                }
                continue;
            }
            for (later, element) in unread.get(&read.key).into_iter().flatten() {
                let about = About { shown_by: None, ..about(Some(*element)) };
                self.add(read.transaction, *later, Dependency::Rw, Some(about));
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
            for (key, value) in written(transactions, read.transaction) {
                if key == read.key {
                    follow.push(((key, read.seen.first().copied()), read.transaction, value));
                }
            }
        }
        for (at, _) in versions.is_committed.iter().enumerate().filter(|(_, it)| **it) {
            follow.extend(written(transactions, at).map(|(key, value)| ((key, None), at, value)));
        }
        follow.sort_unstable();
        follow.dedup_by_key(|(version, next, _)| (*version, *next));
        for ((key, before), next, after) in follow {
            let about = Some(About { key, before, after: Some(after), shown_by: None });
            for reader in readers.get(&(key, before)).into_iter().flatten() {
                self.add(*reader, next, Dependency::Rw, about);
            }
            let writer = before.and_then(|element| versions.writers.get(&(key, element)));
            if let Some(writer) = writer {
                self.add(writer.transaction, next, Dependency::Ww, about);
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
        let mut ends: Vec<(u64, usize)> =
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

/// What a transaction wrote, by key.
fn written(transactions: &Transactions, at: usize) -> impl Iterator<Item = (usize, usize)> {
    transactions.all[at].steps.iter().filter_map(|step| match step {
        Step::Write(key, element) => Some((*key, *element)),
        Step::Read(..) => None,
    })
}

/// For each key the transactions that took effect and appended what nobody read, with that.
fn unread(
    transactions: &Transactions,
    versions: &Versions,
) -> BTreeMap<usize, Vec<(usize, usize)>> {
    let pairs = versions.lists.iter();
    let pairs = pairs.flat_map(|(key, list)| list.elements.iter().map(|it| (*key, *it)));
    let read: HashSet<(usize, usize)> = pairs.collect();
    let mut unread: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
    let all = versions.is_committed.iter().enumerate();
    for (at, _) in all.filter(|(_, is_committed)| **is_committed) {
        for (key, element) in written(transactions, at) {
            if versions.lists.contains_key(&key) && !read.contains(&(key, element)) {
                unread.entry(key).or_default().push((at, element));
            }
        }
    }
    unread
}
