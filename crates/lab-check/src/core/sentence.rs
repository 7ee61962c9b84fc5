//! The contradiction in words, computed by trying every order of the core.

use std::collections::BTreeSet;

use super::shrink::{Entry, last_answered};
use crate::{Effect, Specification, State};

/// So many operations are put in every order that real time allows, if these are no more than so
/// many steps: a sentence takes no time to speak of.
const TRIED_MAX: usize = 10;
const STEPS_MAX: usize = 1 << 14;

/// So many different pasts are put into words.
const TOLD_MAX: usize = 3;

/// What contradicts what.
pub(super) fn sentence<S: Specification>(
    entries: &[Entry<S::Action>],
    named: &[String],
    specification: &mut S,
) -> String {
    let name = |at: usize| named[at].clone();
    let Some(blamed) = last_answered(entries) else {
        return "no order explains the answers".to_owned();
    };
    let (pasts, has_place) = (BTreeSet::new(), false);
    let mut orders = Orders { entries, specification, blamed, pasts, has_place, steps: 0 };
    if entries.len() <= TRIED_MAX {
        let initial = orders.specification.initial();
        orders.explore(0, initial, &[], None);
    }
    let what = name(blamed);
    if orders.steps > STEPS_MAX {
        return format!("no order that real time allows gives {what} and the others their answers");
    }
    if orders.has_place {
        let others = (0..entries.len()).filter(|at| *at != blamed && orders.is_told(*at));
        let others: Vec<String> = others.map(name).collect();
        let others = others.join(" and ");
        return format!("no order that real time allows gives {others} and {what} their answers");
    }
    let tell = |past: &Vec<usize>| {
        let names: Vec<String> = past.iter().copied().map(name).collect();
        let left = || format!("what {} left", names.join(" and then "));
        if names.is_empty() { "what was there at first".to_owned() } else { left() }
    };
    let pasts: Vec<String> = orders.pasts.iter().map(tell).collect();
    match &pasts[..] {
        [_] if orders.pasts.contains(&Vec::new()) => {
            format!("nothing that was invoked before {what} was answered leads to that answer")
        }
        [] => format!("no order of these operations gives {what} its answer and keeps the others"),
        [past] => format!("{what} can see only {past}"),
        _ if pasts.len() > TOLD_MAX => {
            format!("{what} can have {} different pasts, and its answer fits none", pasts.len())
        }
        _ => format!("{what} can see only {}", pasts.join(", or ")),
    }
}

/// Every order of the operations but one, which is put where real time allows it, as if it saw and
/// did nothing.
struct Orders<'a, S: Specification> {
    entries: &'a [Entry<S::Action>],
    specification: &'a mut S,
    blamed: usize,
    /// What took effect before it, in the orders that explain all others: from the last operation
    /// on that says which state it left.
    pasts: BTreeSet<Vec<usize>>,
    /// Whether its answer is right in one of these orders, where it is one that changes something:
    /// then it is another operation that has no place after it.
    has_place: bool,
    steps: usize,
}

impl<S: Specification> Orders<'_, S> {
    /// Goes on from an order whose operations are the bits of `done`, with what took effect in
    /// `past`; `seen` is what had when the blamed operation was put in.
    fn explore(&mut self, done: u32, state: State, past: &[usize], seen: Option<&[usize]>) {
        self.steps += 1;
        if self.steps > STEPS_MAX {
            return;
        }
        let is_done = |at: usize| done & 1 << at != 0;
        let open: Vec<usize> = (0..self.entries.len()).filter(|at| !is_done(*at)).collect();
        if open.iter().all(|at| !self.entries[*at].kept.is_firm()) {
            self.pasts.extend(seen.map(<[usize]>::to_vec));
        }
        let ends = open.iter().map(|at| self.entries[*at].kept.weakened.answered);
        let first_end = ends.min().unwrap_or_default();
        for at in open {
            if self.entries[at].kept.weakened.invoked > first_end {
                continue;
            }
            if at == self.blamed {
                let action = self.entries[at].action;
                let is_right = self.specification.step(state, action).is_some();
                let looks = self.specification.effect(action) == Effect::Observes;
                self.has_place |= is_right && !looks;
                self.explore(done | 1 << at, state, past, Some(past));
                continue;
            }
            let action = self.entries[at].action;
            if let Some(next) = self.specification.step(state, action) {
                let past = self.past_with(past, at);
                self.explore(done | 1 << at, next, &past, seen);
            }
        }
    }

    /// Whether the contradiction is about an operation's answer, and not only about its effect.
    fn is_told(&self, at: usize) -> bool {
        let entry = &self.entries[at];
        entry.kept.is_firm() && self.specification.effect(entry.action) != Effect::Overwrites
    }

    fn past_with(&self, past: &[usize], at: usize) -> Vec<usize> {
        let action = self.entries[at].action;
        match self.specification.effect(action) {
            Effect::Observes => past.to_vec(),
            Effect::Overwrites => vec![at],
            Effect::Changes if self.specification.needs(action).is_some() => vec![at],
            Effect::Changes => past.iter().copied().chain([at]).collect(),
        }
    }
}
