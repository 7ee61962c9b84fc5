//! Tables of states that are larger than a number.

use std::hash::Hash;

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use crate::State;

/// Each state once, as a slice; its place is its number. The first is empty.
#[derive(Clone, Debug)]
pub(crate) struct States<T> {
    table: IndexSet<Box<[T]>, FxBuildHasher>,
    bytes: usize,
}

impl<T: Clone + Eq + Hash> States<T> {
    /// The empty state's number.
    pub(crate) const EMPTY: State = 0;

    pub(crate) fn new() -> Self {
        let mut states = Self { table: IndexSet::default(), bytes: 0 };
        states.insert(&[]);
        states
    }

    /// The number of a state.
    pub(crate) fn insert(&mut self, state: &[T]) -> State {
        // More than 2^32 states do not fit into memory, each with its place in the table.
        if let Some(place) = self.table.get_index_of(state) {
            return place as State;
        }
        self.bytes += size_of_val(state) + size_of::<Box<[T]>>() + 2 * size_of::<usize>();
        self.table.insert_full(state.into()).0 as State
    }

    pub(crate) fn get(&self, state: State) -> &[T] {
        self.table.get_index(state as usize).map_or(&[], |state| state)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}
