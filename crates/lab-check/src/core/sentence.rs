//! The contradiction in words, computed by trying every order of the core.

use std::collections::BTreeSet;

use super::label::named;
use super::shrink::Entry;
use crate::{Effect, History, Specification, State};

/// So many operations are put in every order that real time allows.
const TRIED_MAX: usize = 10;

/// What contradicts what.
pub(super) fn sentence<S: Specification>(
    entries: &[Entry<S::Action>],
    history: &History,
    specification: &mut S,
) -> String {
    let name = |at: usize| named(history, entries[at].kept.id);
    let Some(blamed) = blamed(entries) else {
        return "no order explains the answers".to_owned();
    };
    let mut orders = Orders { entries, specification, blamed, lasts: BTreeSet::new() };
    if entries.len() <= TRIED_MAX {
        let initial = orders.specification.initial();
        orders.explore(0, initial, None, None);
    }
    let lasts: Vec<String> = orders
        .lasts
        .iter()
        .map(|last| last.map_or("the beginning".to_owned(), name))
        .collect();
    let what = name(blamed);
    match &lasts[..] {
        [] => format!("no order of these operations gives {what} its answer and keeps the others"),
        [_] if orders.lasts.contains(&None) => {
            format!("{what} is told what nothing that began before its answer leads to")
        }
        [last] => {
            format!("{what} must see what {last} left: real time allows no other order of the two")
        }
        _ => format!("{what} can see only what {} left", lasts.join(" or ")),
    }
}

/// The operation whose answer came last.
pub(super) fn blamed<A>(entries: &[Entry<A>]) -> Option<usize> {
    let firm = (0..entries.len()).filter(|at| entries[*at].kept.is_firm());
    firm.max_by_key(|at| entries[*at].kept.weakened.answered)
}

/// Every order of the operations but one, which is put where real time allows it, as if it saw and
/// did nothing.
struct Orders<'a, S: Specification> {
    entries: &'a [Entry<S::Action>],
    specification: &'a mut S,
    blamed: usize,
    /// What took effect last before it, in the orders that explain all others.
    lasts: BTreeSet<Option<usize>>,
}

impl<S: Specification> Orders<'_, S> {
    /// Goes on from an order whose operations are the bits of `done`; `last` took effect last, and
    /// `seen` is what had when the blamed operation was put in.
    fn explore(
        &mut self,
        done: u32,
        state: State,
        last: Option<usize>,
        seen: Option<Option<usize>>,
    ) {
        let is_done = |at: usize| done & 1 << at != 0;
        let open: Vec<usize> = (0..self.entries.len()).filter(|at| !is_done(*at)).collect();
        if open.iter().all(|at| !self.entries[*at].kept.is_firm()) {
            self.lasts.extend(seen);
        }
        let ends = open.iter().map(|at| self.entries[*at].kept.weakened.answered);
        let first_end = ends.min().unwrap_or_default();
        for at in open {
            if self.entries[at].kept.weakened.invoked > first_end {
                continue;
            }
            if at == self.blamed {
                self.explore(done | 1 << at, state, last, Some(last));
                continue;
            }
            let action = self.entries[at].action;
            if let Some(next) = self.specification.step(state, action) {
                let looks = self.specification.effect(action) == Effect::Observes;
                let last = if looks { last } else { Some(at) };
                self.explore(done | 1 << at, next, last, seen);
            }
        }
    }
}
