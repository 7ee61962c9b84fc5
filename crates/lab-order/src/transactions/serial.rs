//! An order of all transactions, one after another: the proof that a history is right.
//!
//! Lists tell the order of all writes, and then there is no choice that matters. Registers tell it
//! in part; to find an order is NP-complete (Papadimitriou, "The Serializability of Concurrent
//! Database Updates", Journal of the ACM 1979), so it is searched for, depth first, as Wing and
//! Gong do for linearizability (Journal of Parallel and Distributed Computing 1993), with a memory
//! of what led nowhere (Lowe, "Testing for linearizability", 2017). Real time keeps choices few.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use lab_check::Limit;
use lab_history::Kind as Ending;

use super::cycles::Clock;
use super::dependencies::Dependencies;
use super::versions::Versions;
use super::{Dependency, Step, Transactions, Values};
use crate::graph::Graph;

/// What a remembered configuration takes.
const CONFIGURATION_BYTES: usize = 32;

/// A version: its key, and the element that was written last.
type Version = (usize, Option<usize>);

/// What was looked for.
pub(super) enum Serial {
    /// An order of the transactions that took effect.
    Order(Vec<usize>),
    /// There is none: the longest beginning of one has so many transactions, and then this one
    /// would have to come.
    Stuck { after: usize, at: usize },
}

/// Looks for an order of the transactions that took effect.
pub(super) fn serialize(
    transactions: &Transactions,
    versions: &Versions,
    dependencies: &Dependencies,
    clock: &mut Clock,
    memory_bytes: usize,
) -> Result<Serial, Limit> {
    let mut search = Search::new(transactions, versions, dependencies);
    let mut frames = vec![search.choices()];
    let (mut after, mut stuck) = (0, None);
    while search.order.len() < search.by_invocation.len() {
        if clock.tick() {
            return Err(Limit::Time);
        }
        if search.failed.len() * CONFIGURATION_BYTES > memory_bytes {
            return Err(Limit::Memory);
        }
        let Some(choices) = frames.last_mut() else { break };
        let Some(next) = choices.pop() else {
            if stuck.is_none() || after < search.order.len() {
                after = search.order.len();
                stuck = search.by_end.get(search.first_ended).copied();
            }
            search.failed.insert(search.configuration);
            frames.pop();
            search.take_back();
            continue;
        };
        search.take(next);
        if search.failed.contains(&search.configuration) {
            search.take_back();
        } else {
            frames.push(search.choices());
        }
    }
    match stuck.filter(|_| frames.is_empty()) {
        Some(at) => Ok(Serial::Stuck { after, at }),
        None => Ok(Serial::Order(search.order)),
    }
}

/// What a transaction reads from outside, and what it leaves written.
#[derive(Clone, Default)]
struct Effect {
    invoked: u64,
    ended: u64,
    reads: Vec<Version>,
    writes: Vec<Write>,
}

#[derive(Clone, Copy)]
struct Write {
    key: usize,
    element: usize,
    /// When the last one began that reads it, if anybody does.
    needed: Option<u64>,
}

fn effects(transactions: &Transactions, versions: &Versions) -> Vec<Effect> {
    let mut effects = vec![Effect::default(); transactions.all.len()];
    for (at, transaction) in transactions.all.iter().enumerate() {
        let effect = &mut effects[at];
        (effect.invoked, effect.ended) =
            (transaction.invoked, transaction.ended.unwrap_or(u64::MAX));
        let writes: HashMap<usize, usize> = transaction.steps.iter().filter_map(write).collect();
        let writes = writes.into_iter();
        effect.writes.extend(writes.map(|(key, element)| Write { key, element, needed: None }));
    }
    for read in &versions.reads {
        let last = read.seen.last().copied();
        effects[read.transaction].reads.push((read.key, last));
        let Some(writer) = last.and_then(|last| versions.writers.get(&(read.key, last))) else {
            continue;
        };
        let writes = &mut effects[writer.transaction].writes;
        if let Some(write) = writes.iter_mut().find(|write| write.key == read.key) {
            write.needed = write.needed.max(Some(transactions.all[read.transaction].invoked));
        }
    }
    effects
}

fn write(step: &Step) -> Option<(usize, usize)> {
    match step {
        Step::Write(key, element) => Some((*key, *element)),
        Step::Read(..) => None,
    }
}

struct Search {
    effects: Vec<Effect>,
    /// Those that took effect.
    by_invocation: Vec<usize>,
    by_end: Vec<usize>,
    /// The writers of each key by their ends.
    writers: HashMap<usize, Vec<(u64, usize)>>,
    /// Without time and clients, which `by_end` keeps.
    graph: Graph,
    /// How many have to come before each that have not.
    waits_for: Vec<u32>,
    /// How many have still to read a version.
    readers: HashMap<Version, usize>,
    current: HashMap<usize, usize>,
    is_done: Vec<bool>,
    /// All before these places are done.
    first_invoked: usize,
    first_ended: usize,
    order: Vec<usize>,
    /// What the last ones have overwritten.
    overwritten: Vec<Vec<Version>>,
    /// A number for what is done and what is current.
    configuration: u128,
    /// Configurations from which no order goes on.
    failed: HashSet<u128, FixedState>,
}

impl Search {
    fn new(transactions: &Transactions, versions: &Versions, dependencies: &Dependencies) -> Self {
        let effects = effects(transactions, versions);
        let is_of_data =
            |kind: Dependency| !matches!(kind, Dependency::Process | Dependency::Realtime);
        let edges = dependencies.edges.iter().filter(|edge| is_of_data(edge.kind));
        let edges: Vec<(u32, u32)> = edges.map(|edge| (edge.from, edge.to)).collect();
        let mut waits_for = vec![0; effects.len()];
        edges.iter().for_each(|(_, to)| waits_for[*to as usize] += 1);
        let mut readers = HashMap::new();
        for read in &versions.reads {
            *readers.entry((read.key, read.seen.last().copied())).or_default() += 1;
        }
        let all = (0..effects.len()).filter(|at| versions.is_committed[*at]);
        let (mut by_invocation, mut by_end): (Vec<usize>, Vec<usize>) =
            all.map(|at| (at, at)).unzip();
        by_invocation.sort_by_key(|at| effects[*at].invoked);
        by_end.sort_by_key(|at| effects[*at].ended);
        let mut writers: HashMap<usize, Vec<(u64, usize)>> = HashMap::new();
        for at in &by_end {
            for write in &effects[*at].writes {
                writers.entry(write.key).or_default().push((effects[*at].ended, *at));
            }
        }
        Self {
            by_invocation,
            by_end,
            writers,
            graph: Graph::new(effects.len(), &edges),
            waits_for,
            readers,
            current: HashMap::new(),
            is_done: vec![false; effects.len()],
            first_invoked: 0,
            first_ended: 0,
            order: Vec::new(),
            overwritten: Vec::new(),
            configuration: 0,
            failed: HashSet::default(),
            effects,
        }
    }

    /// What may come next, the best last; only one where that one can do no harm.
    fn choices(&mut self) -> Vec<usize> {
        let first = |list: &[usize], mut at: usize| {
            while list.get(at).is_some_and(|it| self.is_done[*it]) {
                at += 1;
            }
            at
        };
        self.first_invoked = first(&self.by_invocation, self.first_invoked);
        self.first_ended = first(&self.by_end, self.first_ended);
        let Some(ends) = self.by_end.get(self.first_ended) else { return Vec::new() };
        let latest = self.effects[*ends].ended;
        let open = self.by_invocation[self.first_invoked..].iter().copied();
        let open = open.take_while(|at| self.effects[*at].invoked <= latest);
        let may_come = |at: &usize| !self.is_done[*at] && self.may_come(*at);
        let mut choices: Vec<usize> = open.filter(may_come).collect();
        let needed = |at: &usize| self.effects[*at].writes.iter().filter_map(|it| it.needed).max();
        choices.sort_by_key(|at| std::cmp::Reverse(needed(at)));
        match choices.last() {
            // Nobody has still to read what it leaves.
            Some(last) if needed(last).is_none() => vec![*last],
            _ => choices,
        }
    }

    /// Whether what it writes over is read by all that have to, and what it leaves can stay until
    /// it is read by all.
    fn may_come(&self, at: usize) -> bool {
        let effect = &self.effects[at];
        self.waits_for[at] == 0
            && effect.writes.iter().all(|write| {
                let version = (write.key, self.current.get(&write.key).copied());
                let own = usize::from(effect.reads.contains(&version));
                let is_read = self.readers.get(&version).is_none_or(|left| *left <= own);
                is_read && !self.has_early(at, write)
            })
    }

    /// Whether another one, which is not done, has to write the key before this write, since it
    /// ended before the last read of it began.
    fn has_early(&self, at: usize, write: &Write) -> bool {
        let (Some(writers), Some(needed)) = (self.writers.get(&write.key), write.needed) else {
            return false;
        };
        let from = writers.partition_point(|(ended, _)| *ended < self.effects[at].invoked);
        let mut others = writers[from..].iter().take_while(|(ended, _)| *ended < needed);
        others.any(|(_, other)| *other != at && !self.is_done[*other])
    }

    fn take(&mut self, at: usize) {
        self.order.push(at);
        self.is_done[at] = true;
        self.configuration ^= hash(at, 0);
        for read in &self.effects[at].reads {
            self.readers.entry(*read).and_modify(|left| *left -= 1);
        }
        let mut overwritten = Vec::new();
        for Write { key, element, .. } in &self.effects[at].writes {
            let before = self.current.insert(*key, *element);
            overwritten.push((*key, before));
            self.configuration ^= hash(*key, *element + 1);
            self.configuration ^= before.map_or(0, |before| hash(*key, before + 1));
        }
        self.overwritten.push(overwritten);
        for next in self.graph.after(u32::try_from(at).unwrap_or(u32::MAX)) {
            self.waits_for[*next as usize] -= 1;
        }
    }

    /// Undoes the last one.
    fn take_back(&mut self) {
        let Some(at) = self.order.pop() else { return };
        self.is_done[at] = false;
        self.configuration ^= hash(at, 0);
        for read in &self.effects[at].reads {
            self.readers.entry(*read).and_modify(|left| *left += 1);
        }
        for (key, before) in self.overwritten.pop().into_iter().flatten() {
            let element = match before {
                Some(before) => self.current.insert(key, before),
                None => self.current.remove(&key),
            };
            self.configuration ^= element.map_or(0, |element| hash(key, element + 1));
            self.configuration ^= before.map_or(0, |before| hash(key, before + 1));
        }
        for next in self.graph.after(u32::try_from(at).unwrap_or(u32::MAX)) {
            self.waits_for[*next as usize] += 1;
        }
        let place = |list: &[usize], key: &dyn Fn(usize) -> u64| {
            list.partition_point(|it| key(*it) < key(at))
        };
        let invoked = place(&self.by_invocation, &|it| self.effects[it].invoked);
        let ended = place(&self.by_end, &|it| self.effects[it].ended);
        self.first_invoked = invoked.min(self.first_invoked);
        self.first_ended = ended.min(self.first_ended);
    }
}

/// A number for a pair; what is done and what is current are sums of such numbers, in so many bits
/// that two different ones are never equal.
fn hash(a: usize, b: usize) -> u128 {
    let [high, low] = [0, 1].map(|seed| FixedState::with_seed(seed).hash_one((a, b)));
    u128::from(high) << 64 | u128::from(low)
}

/// Carries out transactions one after another in an order that [`super::check_transactions`] gave.
///
/// # Errors
/// Says what is wrong first: one that is missing or there twice, stands against real time, did not
/// happen, or did not read what was there.
pub fn verify_serial(transactions: &Transactions, order: &[usize]) -> Result<(), String> {
    let mut state: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut is_done = vec![false; transactions.all.len()];
    let mut begun = 0;
    for &at in order {
        let Some(transaction) = transactions.all.get(at) else {
            return Err(format!("there is no T{at}"));
        };
        if std::mem::replace(&mut is_done[at], true) || transaction.ending == Ending::Fail {
            return Err(format!("T{at} is there twice, or did not happen"));
        }
        if transaction.ended.is_some_and(|ended| ended < begun) {
            return Err(format!("T{at} had ended before one began that stands before it"));
        }
        begun = begun.max(transaction.invoked);
        for step in &transaction.steps {
            match step {
                Step::Write(key, element) => {
                    let value = state.entry(*key).or_default();
                    if transactions.values == Values::Registers {
                        value.clear();
                    }
                    value.push(*element);
                }
                Step::Read(key, seen) if state.get(key).map_or(&[][..], Vec::as_slice) != seen => {
                    return Err(format!("T{at} reads {seen:?}, and {:?} is there", state.get(key)));
                }
                Step::Read(..) => {}
            }
        }
    }
    let is_missing = |at: &usize| !is_done[*at] && transactions.all[*at].ending == Ending::Ok;
    match (0..is_done.len()).find(is_missing) {
        Some(at) => Err(format!("T{at} is missing")),
        None => Ok(()),
    }
}
