//! Blind writes of different values and reads: decided in one pass by their zones.
//!
//! A value's cluster is its write and the reads of it. From the first answer in it to the last
//! invocation its value must be there (a forward zone), or, where the last invocation comes first,
//! there is a moment between the two at which all of it can happen (a backward zone). The history
//! is linearizable exactly where no two forward zones overlap, no backward zone lies in a forward
//! one, and no read ends before its write begins (Gibbons and Korach, "Testing Shared Memories",
//! SIAM Journal on Computing 26, 1997, section 4). The sweep takes events in their order, so
//! nothing is sorted.

use rustc_hash::FxHashMap;

use crate::limits::Limits;
use crate::needs::is_idle;
use crate::parts::Entry;
use crate::{Effect, Limit, NEVER, OperationId, Specification, State};

/// What is needed for one part; kept, so that the next part allocates nothing.
#[derive(Debug, Default)]
pub(crate) struct Zones {
    /// The cluster of each state. Most states are small numbers, and those need no hashing.
    cluster_of_small: Vec<u32>,
    cluster_of_state: FxHashMap<State, u32>,
    clusters: Vec<Cluster>,
    /// The cluster of each entry.
    cluster_of: Vec<u32>,
    /// Where each zone begins and its cluster, in the order in which their values were there.
    order: Vec<(u32, u32)>,
    /// Reads of values that were not written yet when they were invoked.
    early: Vec<(u32, State)>,
}

/// Events are counted from 1 here; 0 is before all of them.
#[derive(Clone, Copy, Debug)]
struct Cluster {
    /// The entry of the write, [`NEVER`] where the value was there from the beginning.
    write: u32,
    first_answer: u32,
    last_invocation: u32,
    reads: u32,
}

impl Cluster {
    const INITIAL: Self = Self { write: NEVER, first_answer: 0, last_invocation: 0, reads: 0 };

    fn is_forward(&self) -> bool {
        self.first_answer < self.last_invocation
    }

    /// Whether nobody needs it to have happened.
    fn is_unseen(&self) -> bool {
        self.reads == 0 && (self.write == NEVER || self.first_answer == NEVER)
    }
}

/// What the zones of a part say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It is no part for zones: two writes of one value, or something that is no read or write.
    NotForZones,
    /// An order of the operations.
    Order(Vec<OperationId>),
    /// A value that was read and that nobody wrote: the read.
    Unwritten(u32),
    /// A read that ended before its write began: the two.
    Future { read: u32, write: u32 },
    /// Operations of two values that each had to be there before the other.
    Crossed(Vec<u32>),
}

const NO_CLUSTER: u32 = u32::MAX;
/// How many times the clusters may be moved by one place, for each, before they are sorted.
const MOVES_PER_CLUSTER: usize = 16;
/// How many operations are looked at between two looks at the clock.
const UNLOOKED: usize = 1 << 16;

impl Zones {
    /// Decides a part. Entries are named by their places.
    ///
    /// # Errors
    /// The time or the memory is spent.
    pub(crate) fn decide<S: Specification>(
        &mut self,
        entries: &[Entry<S::Action>],
        specification: &mut S,
        limits: &Limits,
    ) -> Result<Decision, Limit> {
        let bytes = entries.len() * BYTES_PER_ENTRY;
        limits.allow(bytes)?;
        limits.check_time_for(bytes)?;
        if let Some(decision) = self.collect(entries, specification, limits)? {
            return Ok(decision);
        }
        limits.check_time_for(bytes)?;
        self.put_in_order();
        limits.check_time_for(bytes)?;
        if let Some((one, other)) = self.find_crossed() {
            return Ok(Decision::Crossed(self.crossed(entries, one, other)));
        }
        Ok(Decision::Order(self.linearization(entries)))
    }

    /// Makes the clusters, or finds out why there are none.
    fn collect<S: Specification>(
        &mut self,
        entries: &[Entry<S::Action>],
        specification: &mut S,
        limits: &Limits,
    ) -> Result<Option<Decision>, Limit> {
        self.begin(entries.len(), specification.initial());
        for (place, entry) in entries.iter().enumerate() {
            if place % UNLOOKED == 0 {
                limits.check_time()?;
            }
            let effect = specification.effect(entry.action);
            let is_new = match (effect, specification.needs(entry.action)) {
                (Effect::Overwrites, _) => {
                    let state = specification.step(specification.initial(), entry.action);
                    state.is_some_and(|state| self.write(place as u32, entry, state))
                }
                (Effect::Observes, Some(state)) => {
                    is_idle(effect, entry) || self.read_or_wait(place as u32, entry, state)
                }
                (Effect::Observes | Effect::Changes, _) => false,
            };
            if !is_new {
                return Ok(Some(Decision::NotForZones));
            }
        }
        for (read, state) in std::mem::take(&mut self.early) {
            let entry = &entries[read as usize];
            let Some(cluster) = self.read(read, entry, state) else {
                return Ok(Some(Decision::Unwritten(read)));
            };
            let write = cluster.write;
            if entry.answered < entries[write as usize].invoked {
                return Ok(Some(Decision::Future { read, write }));
            }
        }
        Ok(None)
    }

    fn begin(&mut self, entries: usize, initial: State) {
        self.clusters.clear();
        self.clusters.push(Cluster::INITIAL);
        self.cluster_of_small.clear();
        self.cluster_of_small.resize(entries, NO_CLUSTER);
        self.cluster_of_state.clear();
        self.take_state(initial, 0);
        self.cluster_of.clear();
        self.cluster_of.resize(entries, NO_CLUSTER);
        self.early.clear();
    }

    /// A new cluster, unless the value was written before.
    fn write<A>(&mut self, place: u32, entry: &Entry<A>, state: State) -> bool {
        let number = self.clusters.len() as u32;
        self.cluster_of[place as usize] = number;
        self.clusters.push(Cluster {
            write: place,
            first_answer: entry.answered.saturating_add(1),
            last_invocation: entry.invoked + 1,
            reads: 0,
        });
        self.take_state(state, number)
    }

    /// Gives a state its cluster; whether it had none.
    fn take_state(&mut self, state: State, number: u32) -> bool {
        match self.cluster_of_small.get_mut(state as usize) {
            Some(small) => std::mem::replace(small, number) == NO_CLUSTER,
            None => self.cluster_of_state.insert(state, number).is_none(),
        }
    }

    fn find_state(&self, state: State) -> Option<u32> {
        match self.cluster_of_small.get(state as usize) {
            Some(small) => (*small != NO_CLUSTER).then_some(*small),
            None => self.cluster_of_state.get(&state).copied(),
        }
    }

    /// Puts a read into the cluster of its value, or keeps it until the write has come.
    fn read_or_wait<A>(&mut self, place: u32, entry: &Entry<A>, state: State) -> bool {
        if self.read(place, entry, state).is_none() {
            self.early.push((place, state));
        }
        true
    }

    fn read<A>(&mut self, place: u32, entry: &Entry<A>, state: State) -> Option<&Cluster> {
        let number = self.find_state(state)?;
        let cluster = &mut self.clusters[number as usize];
        cluster.first_answer = cluster.first_answer.min(entry.answered + 1);
        cluster.last_invocation = cluster.last_invocation.max(entry.invoked + 1);
        cluster.reads += 1;
        self.cluster_of[place as usize] = number;
        Some(cluster)
    }

    /// Orders the clusters by the beginnings of their zones. They come in the order of their
    /// writes, which is nearly that: each moves past the few that overlap it.
    fn put_in_order(&mut self) {
        self.order.clear();
        let mut moves = 0;
        for (number, cluster) in (0..).zip(&self.clusters) {
            if cluster.is_unseen() {
                continue;
            }
            let key = (cluster.first_answer.min(cluster.last_invocation), number);
            let mut at = self.order.len();
            self.order.push(key);
            while moves < MOVES_PER_CLUSTER * self.clusters.len()
                && at > 0
                && key < self.order[at - 1]
            {
                self.order[at] = self.order[at - 1];
                at -= 1;
                moves += 1;
            }
            self.order[at] = key;
        }
        if moves >= MOVES_PER_CLUSTER * self.clusters.len() {
            self.order.sort_unstable();
        }
    }

    /// Two clusters that cannot be ordered, if there are: while a forward zone lasts, no other
    /// zone may end.
    fn find_crossed(&self) -> Option<(u32, u32)> {
        let mut open = (0, 0);
        for (_, number) in &self.order {
            let cluster = &self.clusters[*number as usize];
            if cluster.first_answer < open.0 {
                return Some((open.1, *number));
            }
            if cluster.is_forward() {
                open = (cluster.last_invocation, *number);
            }
        }
        None
    }

    /// The operations that show that two clusters cross: of each the write, the one that was
    /// answered first and the one that was invoked last.
    fn crossed<A>(&self, entries: &[Entry<A>], one: u32, other: u32) -> Vec<u32> {
        let mut places = Vec::new();
        for ((place, entry), number) in (0..).zip(entries).zip(&self.cluster_of) {
            if *number != one && *number != other {
                continue;
            }
            let cluster = self.clusters[*number as usize];
            let is_first = entry.answered.saturating_add(1) == cluster.first_answer;
            let is_last = entry.invoked + 1 == cluster.last_invocation;
            if place == cluster.write || is_first || is_last {
                places.push(place);
            }
        }
        places
    }

    /// Each cluster in its turn: the write, then the reads in the order of their invocations.
    fn linearization<A>(&mut self, entries: &[Entry<A>]) -> Vec<OperationId> {
        let mut end = 0;
        for (_, number) in &self.order {
            let cluster = &mut self.clusters[*number as usize];
            let writes = u32::from(cluster.write != NEVER);
            let len = writes + cluster.reads;
            // From here on, where the write stands, and where the next read will.
            (cluster.first_answer, cluster.last_invocation) = (end, end + writes);
            end += len;
        }
        let mut order = vec![0; end as usize];
        for ((place, entry), number) in (0..).zip(entries).zip(&self.cluster_of) {
            let Some(cluster) = self.clusters.get_mut(*number as usize) else { continue };
            if cluster.is_unseen() {
                continue;
            }
            let at = if cluster.write == place {
                cluster.first_answer
            } else {
                cluster.last_invocation += 1;
                cluster.last_invocation - 1
            };
            order[at as usize] = entry.id;
        }
        order
    }

    pub(crate) fn bytes(&self) -> usize {
        self.cluster_of_state.capacity() * 2 * size_of::<(State, u32)>()
            + self.clusters.capacity() * size_of::<Cluster>()
            + (self.cluster_of.capacity() + self.cluster_of_small.capacity()) * size_of::<u32>()
            + (self.order.capacity() + self.early.capacity()) * size_of::<(u32, u32)>()
    }
}

/// The most that a part takes: a cluster and its place in a table for each write, and an order.
const BYTES_PER_ENTRY: usize =
    4 * size_of::<(State, u32)>() + size_of::<Cluster>() + 2 * size_of::<u32>();
