//! Tables of states that are larger than a number.

use std::hash::{BuildHasher, Hash};

use hashbrown::HashTable;
use rustc_hash::{FxBuildHasher, FxHashSet};

use crate::{Element, State};

/// Each state once, as a slice; its place is its number. All of them lie in one vector, one after
/// the other, so that a million of them cost no more to give back than one.
#[derive(Clone, Debug)]
pub(crate) struct States<T> {
    elements: Vec<T>,
    /// Where each state ends.
    ends: Vec<usize>,
    /// The numbers of the states with their hashes.
    numbers: HashTable<(u64, State)>,
}

/// Elements in an order that is always the same.
pub(crate) fn sorted(elements: FxHashSet<Element>) -> Vec<Element> {
    let mut elements: Vec<Element> = elements.into_iter().collect();
    elements.sort_unstable();
    elements
}

impl<T: Copy + Eq + Hash> States<T> {
    /// The empty state's number.
    pub(crate) const EMPTY: State = 0;

    pub(crate) fn new() -> Self {
        let (elements, ends, numbers) = (Vec::new(), Vec::new(), HashTable::new());
        let mut states = Self { elements, ends, numbers };
        states.insert(&[]);
        states
    }

    /// The number of a state.
    pub(crate) fn insert(&mut self, state: &[T]) -> State {
        let hash = FxBuildHasher.hash_one(state);
        let is_same = |(other, number): &(u64, State)| *other == hash && self.get(*number) == state;
        if let Some((_, number)) = self.numbers.find(hash, is_same) {
            return *number;
        }
        // No budget allows so much memory that 2^32 states fit.
        let number = self.ends.len() as State;
        self.elements.extend_from_slice(state);
        self.ends.push(self.elements.len());
        self.numbers.insert_unique(hash, (hash, number), |(hash, _)| *hash);
        number
    }

    pub(crate) fn get(&self, state: State) -> &[T] {
        let state = state as usize;
        let start = state.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.elements[start..self.ends[state]]
    }

    pub(crate) fn bytes(&self) -> usize {
        self.elements.capacity() * size_of::<T>()
            + self.ends.capacity() * size_of::<usize>()
            + self.numbers.capacity() * (size_of::<(u64, State)>() + 1) * 8 / 7
    }
}
