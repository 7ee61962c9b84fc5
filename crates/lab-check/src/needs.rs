//! Until when a state is of use: a look ahead, since the whole history is there.

use rustc_hash::FxHashMap;

use crate::parts::Entry;
use crate::{Effect, NEVER, Specification, State};

/// For each state, the last event of an operation that only this state allows.
#[derive(Debug)]
pub(crate) struct Needs {
    /// Absent where some operation depends on states without saying on which.
    until: Option<FxHashMap<State, u32>>,
}

impl Needs {
    pub(crate) fn of<S: Specification>(entries: &[Entry<S::Action>], specification: &S) -> Self {
        let mut until = FxHashMap::default();
        for entry in entries {
            let effect = specification.effect(entry.action);
            if effect == Effect::Overwrites || is_idle(effect, entry) {
                continue;
            }
            let Some(state) = specification.needs(entry.action) else {
                return Self { until: None };
            };
            let last = until.entry(state).or_insert(entry.answered);
            *last = entry.answered.max(*last);
        }
        Self { until: Some(until) }
    }

    /// The last event at which it may matter that the object is in `state`.
    pub(crate) fn until(&self, state: State) -> u32 {
        self.until.as_ref().map_or(NEVER, |until| until.get(&state).copied().unwrap_or(0))
    }

    pub(crate) fn bytes(&self) -> usize {
        self.until.as_ref().map_or(0, FxHashMap::capacity) * 2 * size_of::<(State, u32)>()
    }
}

/// Whether an operation says nothing: it changes nothing, and nobody was told what it saw.
pub(crate) fn is_idle<A>(effect: Effect, entry: &Entry<A>) -> bool {
    effect == Effect::Observes && entry.answered == NEVER
}
