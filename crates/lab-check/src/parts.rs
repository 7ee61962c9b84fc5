//! Partition by key, and the events of one part in their order.

use rustc_hash::FxHashMap;

use crate::limits::{Limits, Stop};
use crate::{History, NEVER, Operation, OperationId, Specification, ValueId};

/// One operation as a part has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<A> {
    pub(crate) action: A,
    pub(crate) id: OperationId,
    pub(crate) invoked: u32,
    pub(crate) answered: u32,
}

/// The operations of each key, each in the order of invocations. Those that say nothing are left
/// out.
pub(crate) struct Parts<A> {
    entries: Vec<Entry<A>>,
    /// The key of each part, and where it ends.
    parts: Vec<(ValueId, usize)>,
}

impl<A: Copy> Parts<A> {
    pub(crate) fn of<S: Specification<Action = A>>(
        history: &History,
        specification: &mut S,
        limits: &Limits,
    ) -> Result<Self, Stop> {
        let key = |operation: &Operation| if S::BY_KEY { operation.key } else { ValueId::NULL };
        let operations = history.operations();
        let bytes = operations.len() * size_of::<Entry<A>>();
        limits.allow(bytes)?;
        limits.check_time_for(size_of_val(operations) + bytes)?;
        let mut keys = Keys::for_values_below(operations.len());
        let mut parts: Vec<(ValueId, usize)> = Vec::new();
        for operation in operations {
            let part = keys.part(key(operation), parts.len());
            if part == parts.len() {
                parts.push((key(operation), 0));
            }
            parts[part].1 += 1;
        }
        let starts = parts.iter().scan(0, |start, (_, len)| {
            *start += len;
            Some(*start - len)
        });
        let mut ends: Vec<usize> = starts.collect();
        let mut entries = Vec::new();
        for (id, operation) in (0..).zip(operations) {
            if id % 65_536 == 0 {
                limits.check_time()?;
            }
            let Some(action) = specification.action(history, operation)? else {
                continue;
            };
            let Operation { invoked, answered, .. } = *operation;
            let entry = Entry { action, id, invoked, answered };
            if entries.is_empty() {
                // What is never written to is cut out below.
                entries.resize(operations.len(), entry);
            }
            let end = &mut ends[keys.part(key(operation), parts.len())];
            entries[*end] = entry;
            *end += 1;
        }
        let mut all = Self { entries, parts };
        all.close_gaps(&ends);
        Ok(all)
    }

    /// What said nothing has left room at the end of its part.
    fn close_gaps(&mut self, ends: &[usize]) {
        let mut start = 0;
        let mut kept = 0;
        for ((_, len), end) in self.parts.iter_mut().zip(ends) {
            let next = start + *len;
            if start != kept && start < *end {
                self.entries.copy_within(start..*end, kept);
            }
            kept += *end - start;
            *len = kept;
            start = next;
        }
        self.entries.truncate(kept);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (ValueId, &[Entry<A>])> {
        let starts = std::iter::once(0).chain(self.parts.iter().map(|(_, end)| *end));
        let parts = self.parts.iter().zip(starts);
        parts.map(|((key, end), start)| (*key, &self.entries[start..*end]))
    }

    pub(crate) fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry<A>>()
    }
}

/// Which part a key is. Most keys are null or small integers, and those need no hashing.
struct Keys {
    /// Null first, up to the largest that was seen.
    small: Vec<u32>,
    small_below: usize,
    others: FxHashMap<ValueId, u32>,
}

const NO_PART: u32 = u32::MAX;

impl Keys {
    fn for_values_below(small_below: usize) -> Self {
        Self { small: Vec::new(), small_below, others: FxHashMap::default() }
    }

    /// The part of `key`, which is `next` where the key is new.
    #[inline]
    fn part(&mut self, key: ValueId, next: usize) -> usize {
        // There are no more parts than operations, and fewer operations than 2^32.
        let next = next as u32;
        let part = match self.small.get_mut(Self::place(key)) {
            Some(part) if *part == NO_PART => {
                *part = next;
                next
            }
            Some(part) => *part,
            None => self.first_of(key, next),
        };
        part as usize
    }

    /// The part of a key that is no small integer, or is larger than those before it.
    fn first_of(&mut self, key: ValueId, next: u32) -> u32 {
        let place = Self::place(key);
        if place >= self.small_below {
            return *self.others.entry(key).or_insert(next);
        }
        self.small.resize(place + 1, NO_PART);
        self.small[place] = next;
        next
    }

    /// Null is the largest number.
    fn place(key: ValueId) -> usize {
        key.get().wrapping_add(1) as usize
    }
}

/// What happens next in a part; both name an entry by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PartEvent {
    Invoked(u32),
    Answered(u32),
}

/// The events of a part in their order, with memory only for what is not answered yet.
#[derive(Debug, Default)]
pub(crate) struct PartEvents {
    next: u32,
    /// What is to be answered, by the events of the answers: from `begin` on, the soonest first.
    /// An operation that begins later mostly ends later, so most come in at the end.
    waiting: Vec<(u32, u32)>,
    begin: usize,
}

impl PartEvents {
    /// How many answers that were given are kept before they are cleared away together.
    const CLEARED_AT: usize = 64;

    pub(crate) fn next<A>(&mut self, entries: &[Entry<A>]) -> Option<PartEvent> {
        let answer = self.waiting.get(self.begin).copied();
        match entries.get(self.next as usize) {
            Some(entry) if answer.is_none_or(|(event, _)| entry.invoked < event) => {
                let place = self.next;
                self.next += 1;
                if entry.answered != NEVER {
                    self.wait(entry.answered, place);
                }
                Some(PartEvent::Invoked(place))
            }
            _ => {
                self.begin += 1;
                answer.map(|(_, place)| PartEvent::Answered(place))
            }
        }
    }

    fn wait(&mut self, answered: u32, place: u32) {
        if self.begin >= Self::CLEARED_AT.max(self.waiting.len() - self.begin) {
            self.waiting.drain(..self.begin);
            self.begin = 0;
        }
        let before = |(event, _): &(u32, u32)| *event < answered;
        let sooner = match self.waiting.last() {
            Some(last) if !before(last) => {
                self.begin + self.waiting[self.begin..].partition_point(before)
            }
            _ => self.waiting.len(),
        };
        self.waiting.insert(sooner, (answered, place));
    }

    /// The place of the next event among those of the whole history, [`NEVER`] after the last.
    pub(crate) fn upcoming<A>(&self, entries: &[Entry<A>]) -> u32 {
        let invoked = entries.get(self.next as usize).map_or(NEVER, |one| one.invoked);
        self.waiting.get(self.begin).map_or(invoked, |(event, _)| invoked.min(*event))
    }
}
