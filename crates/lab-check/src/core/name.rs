//! The name of a contradiction, where the definition of one is met.
//!
//! The definitions are those of [`Anomaly`], asked of the history itself and not of the core's
//! shape: what is called stale is explained if it had been asked sooner, and so on. Whatever
//! cannot be decided in time has no name.

use lab_task::Anomaly;

use super::shrink::{Entries, Entry, Shrinking, last_answered};
use super::source::leads_to;
use crate::{Answer, Effect, NEVER, Operation, OperationId, Specification};

/// What a contradiction is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    /// The name.
    pub anomaly: Anomaly,
    /// How old what was read is, of an old read.
    pub age: Option<Age>,
}

/// How old something was when it was read, at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age {
    /// How many acknowledged changes had taken its place one after another.
    pub versions: u64,
    /// How long before the read was invoked something newer was known to be there, where the
    /// history has times and one operation shows it.
    pub time_ns: Option<u64>,
}

/// So many other changes are tried that replaced the same value.
const OTHERS_MAX: usize = 8;
/// So many operations can have led to what was read, and be looked at for its age.
const SOURCES_MAX: usize = 64;

pub(super) fn name<S: Specification>(
    core: &[Entry<S::Action>],
    orders: &[(usize, usize)],
    shrinking: &mut Shrinking<'_, S>,
) -> Option<Name> {
    let key = core.first()?.kept.weakened.key;
    let mut all = Vec::new();
    for (id, operation) in (0..).zip(shrinking.history.operations()) {
        if !S::BY_KEY || operation.key == key {
            all.push(id);
        }
    }
    let mut naming = Naming { core, orders, shrinking, all };
    let plain = |anomaly| Name { anomaly, age: None };
    let mut firm = core.iter().filter(|entry| entry.kept.is_firm());
    match (firm.next(), firm.next()) {
        (Some(alone), None) => naming.alone(alone).map(plain),
        _ => {
            let lost = naming.without_a_change();
            // What was made or removed is more than old; what was overwritten may only be old.
            let one_thing = lost.filter(|anomaly| *anomaly != Anomaly::LostUpdate);
            let first = naming.replaced_twice().or(one_thing).map(plain);
            first.or_else(|| naming.old()).or(lost.map(plain))
        }
    }
}

struct Naming<'a, 'b, S: Specification> {
    core: &'a [Entry<S::Action>],
    orders: &'a [(usize, usize)],
    shrinking: &'a mut Shrinking<'b, S>,
    /// The operations of the key.
    all: Vec<OperationId>,
}

impl<S: Specification> Naming<'_, '_, S> {
    /// Nothing that was invoked before its answer leads to what this one saw.
    fn alone(&mut self, read: &Entry<S::Action>) -> Option<Anomaly> {
        let answered = self.original(read.kept.id).answered;
        let failed = self.maybes(|one| one.answer == Answer::Fail && one.invoked < answered);
        let done = self.maybes(|one| one.answer != Answer::Fail);
        let before = |one: &Entry<S::Action>| one.kept.weakened.invoked < answered;
        let with_failed = done.iter().filter(|one| before(one)).chain(&failed).copied();
        if self.explains(with_failed.collect(), read)? {
            return Some(Anomaly::DirtyRead);
        }
        if self.explains(done, read)? {
            return Some(Anomaly::FutureRead);
        }
        Some(self.shrinking.specification.impossible(read.action))
    }

    /// Whether `read` is right at some time, if `maybes` happened as they are needed.
    fn explains(&mut self, mut maybes: Entries<S>, read: &Entry<S::Action>) -> Option<bool> {
        let mut read = *read;
        read.kept.weakened = self.original(read.kept.id);
        // After every event.
        read.kept.weakened.answered = self.shrinking.history.events();
        maybes.push(read);
        self.holds_pruned(maybes)
    }

    fn holds_pruned(&mut self, mut entries: Entries<S>) -> Option<bool> {
        entries.sort_by_key(|entry| entry.kept.weakened.invoked);
        self.shrinking.prune(&mut entries);
        self.shrinking.holds(&entries)
    }

    /// Two acknowledged changes replaced the same value, which cannot have been there twice.
    fn replaced_twice(&mut self) -> Option<Anomaly> {
        let core = self.core;
        let one = core.iter().find(|one| one.kept.is_firm() && self.replaces(one.action))?;
        let acknowledged = self.changes(|one| one.answer == Answer::Ok);
        let needs = self.shrinking.specification.needs(one.action);
        let is_other = |other: &&Entry<S::Action>| {
            let is_same = self.shrinking.specification.needs(other.action) == needs;
            other.kept.id != one.kept.id && is_same && self.replaces(other.action)
        };
        let others = acknowledged.iter().filter(is_other).take(OTHERS_MAX).copied();
        for other in others.collect::<Entries<S>>() {
            if !self.can_both(one, &other)? {
                return Some(Anomaly::LostUpdate);
            }
        }
        None
    }

    /// Whether two changes can both have taken effect, at any times.
    fn can_both(&mut self, one: &Entry<S::Action>, other: &Entry<S::Action>) -> Option<bool> {
        let mut entries = self.maybes(|one| one.answer != Answer::Fail);
        entries.retain(|entry| ![one.kept.id, other.kept.id].contains(&entry.kept.id));
        for mut entry in [*one, *other] {
            entry.kept.weakened = self.original(entry.kept.id);
            entry.kept.weakened.invoked = 0;
            // After every event.
            entry.kept.weakened.answered = self.shrinking.history.events();
            entries.push(entry);
        }
        self.holds_pruned(entries)
    }

    fn replaces(&self, action: S::Action) -> bool {
        let specification = &self.shrinking.specification;
        specification.effect(action) == Effect::Changes && specification.needs(action).is_some()
    }

    /// What was seen was there before it was asked for, and no longer.
    fn old(&mut self) -> Option<Name> {
        let around = self.around();
        for at in (0..self.core.len()).rev() {
            let read = self.core[at];
            if !read.kept.is_firm() || !self.looks(read.action) || self.replaces(read.action) {
                continue;
            }
            let mut sooner = around.clone();
            let moved = sooner.iter_mut().find(|entry| entry.kept.id == read.kept.id)?;
            moved.kept.weakened.invoked = 0;
            if self.shrinking.holds(&sooner)? {
                let is_own = self.is_seen_by_itself(at);
                let own = if is_own { Anomaly::NonMonotonicRead } else { Anomaly::StaleRead };
                return Some(Name { anomaly: own, age: Some(self.age(at)) });
            }
        }
        None
    }

    fn looks(&self, action: S::Action) -> bool {
        let specification = &self.shrinking.specification;
        specification.effect(action) == Effect::Observes || specification.needs(action).is_some()
    }

    /// Whether all that shows that something newer was there are looks of the same process.
    fn is_seen_by_itself(&self, read: usize) -> bool {
        let process = self.core[read].kept.weakened.process;
        let mut before = self.orders.iter().filter(|(_, after)| *after == read).peekable();
        before.peek().is_some()
            && before.all(|(before, _)| {
                let before = &self.core[*before];
                before.kept.weakened.process == process && self.looks(before.action)
            })
    }

    /// The history is explained if one acknowledged change never happened, and nobody saw it who
    /// asked later. Where what was seen was not there before that change either, it was made by
    /// something that had not seen the change. So was what replaced something else after it.
    fn without_a_change(&mut self) -> Option<Anomaly> {
        let read = self.core[last_answered(self.core)?];
        if !self.looks(read.action) {
            return None;
        }
        let asked = self.original(read.kept.id).invoked;
        let around = self.around();
        for change in self.core.iter().rev().filter(|entry| entry.kept.is_firm()) {
            let looks = self.shrinking.specification.effect(change.action) == Effect::Observes;
            let is_beside = self.original(change.kept.id).answered > asked;
            if looks || is_beside && self.replaces(read.action) || self.is_seen_after(change, &read)
            {
                continue;
            }
            let others = around.iter().filter(|entry| entry.kept.id != change.kept.id);
            let others: Entries<S> = others.copied().collect();
            if self.shrinking.holds(&others)? {
                return Some(self.shrinking.specification.lost(change.action));
            }
        }
        None
    }

    /// Whether an operation that was asked for after the answer to `read` may have seen `change`.
    fn is_seen_after(&mut self, change: &Entry<S::Action>, read: &Entry<S::Action>) -> bool {
        let answered = self.original(read.kept.id).answered;
        let later = self.all.iter().copied().filter(|id| self.original(*id).invoked > answered);
        let later: Vec<OperationId> = later.collect();
        let later = self.shrinking.entries(later.into_iter()).unwrap_or_default();
        let specification = &self.shrinking.specification;
        later.iter().any(|one| specification.uses(change.action, &[one.action]) > 0)
    }

    /// Every change up to the last answer of the core as it was recorded, and of the looks those
    /// whose answers the contradiction needs.
    fn around(&mut self) -> Entries<S> {
        let firm: Vec<OperationId> =
            self.core.iter().filter(|one| one.kept.is_firm()).map(|one| one.kept.id).collect();
        let last = firm.iter().map(|id| self.original(*id).answered).max().unwrap_or(0);
        let all = self.all.iter().copied();
        let until = all.filter(|id| self.original(*id).invoked < last).collect::<Vec<_>>();
        // Every operation is one of the object, or there would be no core.
        let mut around = self.shrinking.entries(until.into_iter()).unwrap_or_default();
        around.retain(|entry| {
            let looks = self.shrinking.specification.effect(entry.action) == Effect::Observes;
            !looks || firm.contains(&entry.kept.id)
        });
        around
    }

    /// The changes among the operations that `are_meant`, as if nobody knew what became of them.
    fn maybes(&mut self, are_meant: impl Fn(&Operation) -> bool) -> Entries<S> {
        let changes = self.changes(are_meant);
        changes.iter().filter_map(|entry| self.shrinking.maybe(entry)).collect()
    }

    /// The changes among the operations that `are_meant`, as if they had been answered.
    fn changes(&mut self, are_meant: impl Fn(&Operation) -> bool) -> Entries<S> {
        let mut changes = Vec::new();
        for at in 0..self.all.len() {
            let id = self.all[at];
            let operation = self.original(id);
            if are_meant(&operation) {
                let done = Operation { answer: Answer::Ok, ..operation };
                // Every operation is one of the object, or there would be no core.
                changes.extend(self.shrinking.entry(id, done).ok().flatten());
            }
        }
        let specification = &*self.shrinking.specification;
        changes.retain(|entry| specification.effect(entry.action) != Effect::Observes);
        changes
    }

    fn original(&self, id: OperationId) -> Operation {
        self.shrinking.history.operations()[id as usize]
    }

    fn age(&mut self, read: usize) -> Age {
        let history = self.shrinking.history;
        let asked = self.original(self.core[read].kept.id).invoked;
        let shown = self.orders.iter().filter(|(_, after)| *after == read);
        let shown = shown.map(|(before, _)| self.original(self.core[*before].kept.id).answered);
        let time_ns = shown.max().and_then(|shown| {
            Some(history.time_ns(asked)?.saturating_sub(history.time_ns(shown)?))
        });
        let versions = self.versions(self.core[read].action, asked).unwrap_or(0).max(1);
        Age { versions, time_ns }
    }

    /// How many acknowledged changes came after whatever led to what `action` saw, and before it
    /// was `asked` for.
    fn versions(&mut self, action: S::Action, asked: u32) -> Option<u64> {
        let needed = self.shrinking.specification.needs(action)?;
        let changes = self.changes(|one| one.answer != Answer::Fail);
        let specification = &mut *self.shrinking.specification;
        let mut sources = Vec::new();
        if needed == specification.initial() {
            sources.push(None);
        }
        for change in &changes {
            if leads_to(specification, change.action)? == needed {
                sources.push(Some(change.kept.weakened.answered));
            }
        }
        if sources.len() > SOURCES_MAX {
            return None;
        }
        let since = |source: Option<u32>| {
            let is_since = |change: &&Entry<S::Action>| {
                let Operation { invoked, answered, .. } = change.kept.weakened;
                let is_after = source.is_none_or(|source| source != NEVER && invoked > source);
                is_after && answered < asked
            };
            changes.iter().filter(is_since).count() as u64
        };
        sources.into_iter().map(since).min()
    }
}
