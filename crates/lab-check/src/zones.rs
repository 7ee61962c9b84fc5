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
use crate::parts::{Entry, PartEvent, PartEvents};
use crate::{Effect, Limit, NEVER, OperationId, Specification, State};

/// What is needed for one part; kept, so that the next part allocates nothing.
#[derive(Debug, Default)]
pub(crate) struct Zones {
    cluster_of_state: FxHashMap<State, u32>,
    clusters: Vec<Cluster>,
    /// The cluster of each entry.
    cluster_of: Vec<u32>,
    /// The clusters in the order in which their values were there.
    order: Vec<u32>,
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
        limits.allow(entries.len() * BYTES_PER_ENTRY)?;
        if !self.collect_writes(entries, specification, limits)? {
            return Ok(Decision::NotForZones);
        }
        if let Some(decision) = self.collect_reads(entries, specification, limits)? {
            return Ok(decision);
        }
        if let Some((one, other)) = self.sweep(entries, limits)? {
            return Ok(Decision::Crossed(self.crossed(entries, one, other)));
        }
        Ok(Decision::Order(self.linearization(entries)))
    }

    /// A cluster for each write. Says whether this is a part for zones.
    fn collect_writes<S: Specification>(
        &mut self,
        entries: &[Entry<S::Action>],
        specification: &mut S,
        limits: &Limits,
    ) -> Result<bool, Limit> {
        self.clusters.clear();
        self.clusters.push(Cluster::INITIAL);
        self.cluster_of_state.clear();
        self.cluster_of_state.insert(specification.initial(), 0);
        self.cluster_of.clear();
        self.cluster_of.resize(entries.len(), NO_CLUSTER);
        for (place, entry) in entries.iter().enumerate() {
            if place % UNLOOKED == 0 {
                limits.check_time()?;
            }
            match specification.effect(entry.action) {
                Effect::Observes if specification.needs(entry.action).is_some() => continue,
                Effect::Overwrites => {}
                Effect::Observes | Effect::Changes => return Ok(false),
            }
            let state = specification.step(specification.initial(), entry.action);
            let cluster = self.clusters.len() as u32;
            if state.is_none_or(|state| self.cluster_of_state.insert(state, cluster).is_some()) {
                return Ok(false);
            }
            self.cluster_of[place] = cluster;
            self.clusters.push(Cluster {
                write: place as u32,
                first_answer: entry.answered.saturating_add(1),
                last_invocation: entry.invoked + 1,
                reads: 0,
            });
        }
        Ok(true)
    }

    /// Puts each read into the cluster of its value.
    fn collect_reads<S: Specification>(
        &mut self,
        entries: &[Entry<S::Action>],
        specification: &S,
        limits: &Limits,
    ) -> Result<Option<Decision>, Limit> {
        for (place, entry) in entries.iter().enumerate() {
            if place % UNLOOKED == 0 {
                limits.check_time()?;
            }
            let effect = specification.effect(entry.action);
            if effect != Effect::Observes || is_idle(effect, entry) {
                continue;
            }
            let read = place as u32;
            let state = specification.needs(entry.action);
            let found = state.and_then(|state| self.cluster_of_state.get(&state));
            let Some(&number) = found else {
                return Ok(Some(Decision::Unwritten(read)));
            };
            let cluster = &mut self.clusters[number as usize];
            let write = entries.get(cluster.write as usize);
            if write.is_some_and(|write| entry.answered < write.invoked) {
                return Ok(Some(Decision::Future { read, write: cluster.write }));
            }
            cluster.first_answer = cluster.first_answer.min(entry.answered + 1);
            cluster.last_invocation = cluster.last_invocation.max(entry.invoked + 1);
            cluster.reads += 1;
            self.cluster_of[place] = number;
        }
        Ok(None)
    }

    /// Goes through the events and orders the clusters by the beginnings of their zones. Gives two
    /// clusters that cannot be ordered, if there are.
    fn sweep<A>(
        &mut self,
        entries: &[Entry<A>],
        limits: &Limits,
    ) -> Result<Option<(u32, u32)>, Limit> {
        self.order.clear();
        let mut open = None;
        if self.clusters[0].is_forward() {
            self.order.push(0);
            open = Some(0);
        }
        let mut events = PartEvents::default();
        let mut count = 0;
        while let Some(event) = events.next(entries) {
            count += 1;
            if count % UNLOOKED == 0 {
                limits.check_time()?;
            }
            let (place, is_answer) = match event {
                PartEvent::Invoked(place) => (place, false),
                PartEvent::Answered(place) => (place, true),
            };
            let number = self.cluster_of[place as usize];
            let Some(cluster) = self.clusters.get(number as usize) else { continue };
            let entry = &entries[place as usize];
            if is_answer && cluster.first_answer == entry.answered + 1 {
                if let Some(other) = open.filter(|open| self.cross(*open, number)) {
                    return Ok(Some((other, number)));
                }
                if cluster.is_forward() {
                    open = Some(number);
                    self.order.push(number);
                }
            } else if !is_answer && cluster.last_invocation == entry.invoked + 1 {
                if cluster.is_forward() {
                    open = None;
                } else if !cluster.is_unseen() {
                    self.order.push(number);
                }
            }
        }
        Ok(None)
    }

    /// Whether each of two values has an operation that ended before one of the other began.
    fn cross(&self, one: u32, other: u32) -> bool {
        let [one, other] = [one, other].map(|number| self.clusters[number as usize]);
        one.first_answer < other.last_invocation && other.first_answer < one.last_invocation
    }

    /// The operations that show that two clusters cross: of each the write, the one that was
    /// answered first and the one that was invoked last.
    fn crossed<A>(&self, entries: &[Entry<A>], one: u32, other: u32) -> Vec<u32> {
        let mut places = Vec::new();
        for number in [one, other] {
            let cluster = self.clusters[number as usize];
            let members = || (0..).zip(entries).filter(|(at, _)| self.is_of(*at, number));
            let write = (cluster.write != NEVER).then_some(cluster.write);
            let first =
                members().find(|(_, one)| one.answered.saturating_add(1) == cluster.first_answer);
            let last = members().find(|(_, one)| one.invoked + 1 == cluster.last_invocation);
            places.extend(
                write.into_iter().chain(first.map(|one| one.0)).chain(last.map(|one| one.0)),
            );
        }
        places.sort_unstable();
        places.dedup();
        places
    }

    fn is_of(&self, place: u32, number: u32) -> bool {
        self.cluster_of[place as usize] == number
    }

    /// Each cluster in its turn: the write, then the reads in the order of their invocations.
    fn linearization<A>(&mut self, entries: &[Entry<A>]) -> Vec<OperationId> {
        let mut end = 0;
        for number in &self.order {
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
            + (self.cluster_of.capacity() + self.order.capacity()) * size_of::<u32>()
    }
}

/// The most that a part takes: a cluster and its place in a table for each write, and an order.
const BYTES_PER_ENTRY: usize =
    2 * size_of::<(State, u32)>() + size_of::<Cluster>() + 3 * size_of::<u32>();
