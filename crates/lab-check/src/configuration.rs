//! Where the object may be after some events: what the search holds in its hand.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use crate::bits::Bits;
use crate::limits::{Limits, Pace};
use crate::path::Node;
use crate::{Limit, State};

/// One way in which the events so far can be explained. An operation that waits for its answer is
/// `used`, or `optional`, or it still has to take effect before its answer.
#[derive(Clone, Debug)]
pub(crate) struct Configuration<B> {
    pub(crate) state: State,
    /// How it came to be.
    pub(crate) node: Node,
    /// The last event of an operation that only this state allows; before it, the state is dead.
    pub(crate) needed_until: u32,
    /// The operations that took effect, each in a place that the state or an answer depends on.
    pub(crate) used: B,
    /// The overwriting operations that may have taken effect just before the last one that is
    /// used, and may also take effect later.
    pub(crate) optional: B,
}

/// What of the waiting operations matters when two configurations are compared.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waiting<B> {
    /// Those that have to take effect: neither crashed nor absent.
    pub(crate) obliged: B,
    /// Those that change no state.
    pub(crate) observers: B,
    /// Those that are neither.
    pub(crate) changers: B,
    /// The event that is being explained.
    pub(crate) event: u32,
}

impl<B: Bits> Waiting<B> {
    pub(crate) fn widen<W: Bits>(&self) -> Waiting<W> {
        Waiting {
            obliged: self.obliged.widen(),
            observers: self.observers.widen(),
            changers: self.changers.widen(),
            event: self.event,
        }
    }
}

impl<B: Bits> Configuration<B> {
    pub(crate) fn widen<W: Bits>(&self) -> Configuration<W> {
        let Self { state, node, needed_until, .. } = *self;
        let (used, optional) = (self.used.widen(), self.optional.widen());
        Configuration { state, node, needed_until, used, optional }
    }

    /// Whether every way to go on from `other` can be gone from here. That is so where the states
    /// are equal and each operation is as free here as there: optional is the freest, and of an
    /// observer it is best that it is done. What a dead state allows begins with an overwriting
    /// operation, which every state allows.
    pub(crate) fn dominates(&self, other: &Self, waiting: &Waiting<B>) -> bool {
        let is_state_as_good = self.state == other.state || other.needed_until < waiting.event;
        is_state_as_good
            && !self.used.exceeds(&other.used, &waiting.observers)
            && !waiting.obliged.meets([&self.used, &self.optional], [&other.used, &other.optional])
    }
}

/// Configurations of which none dominates one that came after it. While there are few of them,
/// every two are compared; of many, those with equal states and changes are found by hashing.
#[derive(Debug)]
pub(crate) struct Antichain<B> {
    pub(crate) members: Vec<Configuration<B>>,
    /// For each member of a large chain, the one before it that has the same hash key.
    before: Vec<u32>,
    last: FxHashMap<(State, B), u32>,
}

const NONE: u32 = u32::MAX;

impl<B: Bits> Antichain<B> {
    const SMALL: usize = 16;

    pub(crate) fn new() -> Self {
        let (members, before, last) = (Vec::new(), Vec::new(), FxHashMap::default());
        Self { members, before, last }
    }

    pub(crate) fn clear(&mut self) {
        self.members.clear();
        self.before.clear();
        if !self.last.is_empty() {
            // A new table: clearing one that was large once costs its size each time.
            self.last = FxHashMap::default();
        }
    }

    /// Whether no member dominates `new`. While there are few of them, comparing them is part of
    /// the step that asks.
    ///
    /// # Errors
    /// The time is over.
    #[inline]
    pub(crate) fn lacks(
        &self,
        new: &Configuration<B>,
        waiting: &Waiting<B>,
        pace: &mut Pace,
        limits: &Limits,
    ) -> Result<bool, Limit> {
        if self.before.is_empty() {
            return Ok(!self.members.iter().any(|member| member.dominates(new, waiting)));
        }
        let mut at = self.last.get(&Self::key(new, waiting)).copied().unwrap_or(NONE);
        while at != NONE {
            pace.spend(new.used.words(), limits)?;
            if self.members[at as usize].dominates(new, waiting) {
                return Ok(false);
            }
            at = self.before[at as usize];
        }
        Ok(true)
    }

    /// Takes `new`.
    #[inline]
    pub(crate) fn push(&mut self, new: Configuration<B>, waiting: &Waiting<B>) {
        self.members.push(new);
        if self.members.len() == Self::SMALL {
            (0..Self::SMALL).for_each(|place| self.link(place, waiting));
        } else if self.members.len() > Self::SMALL {
            self.link(self.members.len() - 1, waiting);
        }
    }

    /// Takes `new` instead of the members that it dominates, as long as there are few.
    pub(crate) fn replace(&mut self, new: Configuration<B>, waiting: &Waiting<B>) {
        if self.before.is_empty() {
            self.members.retain(|member| !new.dominates(member, waiting));
        }
        self.push(new, waiting);
    }

    fn link(&mut self, place: usize, waiting: &Waiting<B>) {
        let key = Self::key(&self.members[place], waiting);
        let place = place as u32;
        let before = match self.last.entry(key) {
            Entry::Occupied(mut last) => last.insert(place),
            Entry::Vacant(slot) => {
                slot.insert(place);
                NONE
            }
        };
        self.before.push(before);
    }

    /// Where one configuration dominates another of the same state, these are equal: changes that
    /// have to happen are no better used than unused.
    fn key(configuration: &Configuration<B>, waiting: &Waiting<B>) -> (State, B) {
        let changes = configuration.used.and(&waiting.changers).and(&waiting.obliged);
        (configuration.state, changes)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.members.capacity() * size_of::<Configuration<B>>()
            + self.before.capacity() * size_of::<u32>()
            + self.last.capacity() * (size_of::<(State, B)>() + 2 * size_of::<u32>())
    }
}
