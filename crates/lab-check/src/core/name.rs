//! The name of a contradiction, where the definition of one is met.
//!
//! The definitions are those of [`Anomaly`], asked of the history itself and not of the core's
//! shape: what is called stale is explained if it had been asked sooner, and so on. Where that
//! cannot be decided in time there is no name, and it is said.

use lab_task::Anomaly;
use rustc_hash::FxHashMap;

use super::Kept;
use super::shrink::{Entries, Entry, Shrinking, UNLOOKED, Undecided, last_answered};
use super::source::leads_to;
use crate::{Answer, Effect, NEVER, Operation, OperationId, Specification, State};

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
/// So many pairs of changes are tried together.
const PAIRS_MAX: usize = 256;
/// So many operations can have led to what was read, and be looked at for its age.
const SOURCES_MAX: usize = 64;

/// The name, nothing where no definition is met.
///
/// # Errors
/// The time was over before every name was tried.
pub(super) fn name<S: Specification>(
    core: &[Entry<S::Action>],
    orders: &[(usize, usize)],
    shrinking: &mut Shrinking<'_, S>,
) -> Result<Option<Name>, Undecided> {
    let Some(key) = core.first().map(|entry| entry.kept.weakened.key) else { return Ok(None) };
    let mut all = Vec::new();
    for (id, operation) in (0..).zip(shrinking.history.operations()) {
        if (id as usize).is_multiple_of(UNLOOKED) && shrinking.is_over() {
            return Err(Undecided);
        }
        if !S::BY_KEY || operation.key == key {
            all.push(id);
        }
    }
    let mut firm = Vec::new();
    for kept in core.iter().map(|entry| entry.kept).filter(Kept::is_firm) {
        let recorded = shrinking.history.operations()[kept.id as usize];
        // Every operation is one of the object, or there would be no core.
        firm.extend(shrinking.entry(kept.id, recorded).ok().flatten());
    }
    Naming { core, firm, orders, shrinking, all }.name()
}

struct Naming<'a, 'b, S: Specification> {
    core: &'a [Entry<S::Action>],
    /// The operations of the core whose answers it needs, as they were recorded.
    firm: Entries<S>,
    orders: &'a [(usize, usize)],
    shrinking: &'a mut Shrinking<'b, S>,
    /// The operations of the key.
    all: Vec<OperationId>,
}

impl<S: Specification> Naming<'_, '_, S> {
    fn name(&mut self) -> Result<Option<Name>, Undecided> {
        let plain = |anomaly| Name { anomaly, age: None };
        if let [alone] = self.firm[..] {
            return self.alone(&alone).map(plain).map(Some);
        }
        let lost = self.without_a_change()?;
        // What was made or removed is more than old; what was overwritten may only be old.
        let one_thing = lost.filter(|anomaly| *anomaly != Anomaly::LostUpdate);
        let replacing = self.firm.clone();
        if let Some(anomaly) = self.replaced_twice(&replacing)?.or(one_thing) {
            return Ok(Some(plain(anomaly)));
        }
        if let Some(old) = self.old()? {
            return Ok(Some(old));
        }
        if let Some(anomaly) = lost {
            return Ok(Some(plain(anomaly)));
        }
        // What contradicts itself in another place as well may have a name there.
        let acknowledged = self.changes(|one| one.answer == Answer::Ok)?;
        Ok(self.replaced_twice(&acknowledged)?.map(plain))
    }

    /// Nothing that was invoked before its answer leads to what this one saw.
    fn alone(&mut self, read: &Entry<S::Action>) -> Result<Anomaly, Undecided> {
        let answered = read.kept.weakened.answered;
        let failed = self.maybes(|one| one.answer == Answer::Fail && one.invoked < answered)?;
        let done = self.maybes(|one| one.answer != Answer::Fail)?;
        let before = |one: &Entry<S::Action>| one.kept.weakened.invoked < answered;
        let with_failed = done.iter().filter(|one| before(one)).chain(&failed).copied();
        if self.explains(with_failed.collect(), read)? {
            return Ok(Anomaly::DirtyRead);
        }
        if self.explains(done, read)? {
            return Ok(Anomaly::FutureRead);
        }
        Ok(self.shrinking.specification.impossible(read.action))
    }

    /// Whether `read` is right at some time, if `maybes` happened as they are needed.
    fn explains(
        &mut self,
        mut maybes: Entries<S>,
        read: &Entry<S::Action>,
    ) -> Result<bool, Undecided> {
        let mut read = *read;
        maybes.retain(|entry| entry.kept.id != read.kept.id);
        // After every event.
        read.kept.weakened.answered = self.shrinking.history.events();
        maybes.push(read);
        self.holds_pruned(maybes)
    }

    fn holds_pruned(&mut self, mut entries: Entries<S>) -> Result<bool, Undecided> {
        entries.sort_by_key(|entry| entry.kept.weakened.invoked);
        // What is not explained where maybes ask for nothing is not explained where they do, and it
        // is found out sooner: few of those are of use.
        let mut loosened = entries.clone();
        let mut is_looser = false;
        for entry in loosened.iter_mut().filter(|entry| !entry.kept.is_firm()) {
            if let Some(action) = self.shrinking.specification.loosened(entry.action) {
                entry.action = action;
                is_looser = true;
            }
        }
        self.shrinking.prune(&mut loosened);
        let holds = self.shrinking.holds(&loosened)?;
        if !holds || !is_looser {
            return Ok(holds);
        }
        self.shrinking.prune(&mut entries);
        self.shrinking.holds(&entries)
    }

    /// Two acknowledged changes replaced the same value, which cannot have been there twice. One of
    /// them is among `ones`.
    fn replaced_twice(&mut self, ones: &Entries<S>) -> Result<Option<Anomaly>, Undecided> {
        let acknowledged = self.changes(|one| one.answer == Answer::Ok)?;
        let mut of_value: FxHashMap<State, Entries<S>> = FxHashMap::default();
        for entry in acknowledged.iter().filter(|entry| self.replaces(entry.action)) {
            if let Some(value) = self.shrinking.specification.needs(entry.action) {
                of_value.entry(value).or_default().push(*entry);
            }
        }
        // A value that can be put there at will is no reason for anything.
        for state in self.put_twice()? {
            of_value.remove(&state);
        }
        let mut tries = PAIRS_MAX;
        for one in ones {
            let value = self.shrinking.specification.needs(one.action);
            let same = value.filter(|_| self.replaces(one.action)).and_then(|it| of_value.get(&it));
            let others = same.into_iter().flatten().filter(|it| it.kept.id != one.kept.id);
            for other in others.take(OTHERS_MAX.min(tries)) {
                tries -= 1;
                if !self.can_both(one, other)? {
                    return Ok(Some(Anomaly::LostUpdate));
                }
            }
        }
        Ok(None)
    }

    /// The states to which two operations lead that are allowed in every state.
    fn put_twice(&mut self) -> Result<Vec<State>, Undecided> {
        let mut counts: FxHashMap<State, u32> = FxHashMap::default();
        for change in self.changes(|one| one.answer != Answer::Fail)? {
            let specification = &mut *self.shrinking.specification;
            if specification.effect(change.action) == Effect::Overwrites
                && let Some(state) = leads_to(specification, change.action)
            {
                *counts.entry(state).or_default() += 1;
            }
        }
        counts.retain(|_, count| *count > 1);
        Ok(counts.into_keys().collect())
    }

    /// Whether two changes can both have taken effect, at any times.
    fn can_both(
        &mut self,
        one: &Entry<S::Action>,
        other: &Entry<S::Action>,
    ) -> Result<bool, Undecided> {
        let mut entries = self.maybes(|one| one.answer != Answer::Fail)?;
        entries.retain(|entry| ![one.kept.id, other.kept.id].contains(&entry.kept.id));
        for mut entry in [*one, *other] {
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
    fn old(&mut self) -> Result<Option<Name>, Undecided> {
        let around = self.around()?;
        for at in (0..self.firm.len()).rev() {
            let read = self.firm[at];
            if !self.observes(read.action) {
                continue;
            }
            let mut sooner = around.clone();
            for entry in sooner.iter_mut().filter(|entry| entry.kept.id == read.kept.id) {
                entry.kept.weakened.invoked = 0;
            }
            if self.shrinking.holds(&sooner)? {
                let is_own = self.is_seen_by_itself(&read) && self.is_unshown(&read, &around)?;
                let own = if is_own { Anomaly::NonMonotonicRead } else { Anomaly::StaleRead };
                return Ok(Some(Name { anomaly: own, age: Some(self.age(&read)?) }));
            }
        }
        Ok(None)
    }

    fn observes(&self, action: S::Action) -> bool {
        self.shrinking.specification.effect(action) == Effect::Observes
    }

    /// What the core needs to have been answered before `read` was invoked.
    fn shown_before(&self, read: &Entry<S::Action>) -> impl Iterator<Item = &Entry<S::Action>> {
        let before =
            self.orders.iter().filter(|(_, after)| self.core[*after].kept.id == read.kept.id);
        before.map(|(before, _)| &self.core[*before])
    }

    /// Whether all that shows that something newer was there are looks of the same process.
    fn is_seen_by_itself(&self, read: &Entry<S::Action>) -> bool {
        let process = read.kept.weakened.process;
        let mut before = self.shown_before(read).peekable();
        let is_own = |before: &Entry<S::Action>| {
            before.kept.weakened.process == process && self.observes(before.action)
        };
        before.peek().is_some() && before.all(is_own)
    }

    /// Whether all is explained without what the process had seen before.
    fn is_unshown(
        &mut self,
        read: &Entry<S::Action>,
        around: &Entries<S>,
    ) -> Result<bool, Undecided> {
        let Operation { process, invoked, .. } = read.kept.weakened;
        let mut others = around.clone();
        others.retain(|entry| {
            let one = entry.kept.weakened;
            let is_before = one.process == process && one.answered < invoked;
            !is_before || !self.observes(entry.action)
        });
        self.shrinking.holds(&others)
    }

    /// The history is explained if one acknowledged change never happened, and nobody saw it who
    /// asked later. Where what was seen was not there before that change either, it was made by
    /// something that had not seen the change. So was what replaced something else after it.
    fn without_a_change(&mut self) -> Result<Option<Anomaly>, Undecided> {
        let last = last_answered(self.core).map(|at| self.core[at].kept.id);
        let Some(read) = self.firm.iter().copied().find(|one| Some(one.kept.id) == last) else {
            return Ok(None);
        };
        let asked = read.kept.weakened.invoked;
        let around = self.around()?;
        for at in (0..self.firm.len()).rev() {
            let change = self.firm[at];
            let is_beside = change.kept.weakened.answered > asked;
            // Somebody has what it took.
            let took = self.shrinking.specification.unanswered(change.action) != change.action;
            if self.observes(change.action)
                || took
                || is_beside && self.replaces(read.action)
                || self.is_seen_after(&change, &read)?
            {
                continue;
            }
            let others = around.iter().filter(|entry| entry.kept.id != change.kept.id);
            let others: Entries<S> = others.copied().collect();
            if self.shrinking.holds(&others)? {
                return Ok(Some(self.shrinking.specification.lost(change.action)));
            }
        }
        Ok(None)
    }

    /// Whether an operation that was asked for after the answer to `read` may have seen `change`.
    fn is_seen_after(
        &mut self,
        change: &Entry<S::Action>,
        read: &Entry<S::Action>,
    ) -> Result<bool, Undecided> {
        let answered = read.kept.weakened.answered;
        let later = self.recorded(|one| one.invoked > answered)?;
        let specification = &self.shrinking.specification;
        Ok(later.iter().any(|one| specification.uses(change.action, &[one.action]) > 0))
    }

    /// Every change up to the last answer of the core as it was recorded, and of the looks those
    /// whose answers the contradiction needs.
    fn around(&mut self) -> Result<Entries<S>, Undecided> {
        let firm: Vec<OperationId> = self.firm.iter().map(|one| one.kept.id).collect();
        let last = self.firm.iter().map(|one| one.kept.weakened.answered).max().unwrap_or(0);
        let mut around = self.recorded(|one| one.invoked < last)?;
        around.retain(|one| !self.observes(one.action) || firm.contains(&one.kept.id));
        Ok(around)
    }

    /// The changes among the operations that `are_meant`, as if nobody knew what became of them.
    fn maybes(&mut self, are_meant: impl Fn(&Operation) -> bool) -> Result<Entries<S>, Undecided> {
        let changes = self.changes(are_meant)?;
        Ok(changes.iter().filter_map(|entry| self.shrinking.maybe(entry)).collect())
    }

    /// The changes among the operations that `are_meant`, as if they had been answered.
    fn changes(&mut self, are_meant: impl Fn(&Operation) -> bool) -> Result<Entries<S>, Undecided> {
        let done =
            |one: Operation| are_meant(&one).then_some(Operation { answer: Answer::Ok, ..one });
        let mut changes = self.entries(done)?;
        changes.retain(|entry| !self.observes(entry.action));
        Ok(changes)
    }

    fn recorded(
        &mut self,
        are_meant: impl Fn(&Operation) -> bool,
    ) -> Result<Entries<S>, Undecided> {
        self.entries(|one| are_meant(&one).then_some(one))
    }

    /// The operations of the key in the form that `form` gives them.
    fn entries(
        &mut self,
        form: impl Fn(Operation) -> Option<Operation>,
    ) -> Result<Entries<S>, Undecided> {
        let mut entries = Vec::new();
        for at in 0..self.all.len() {
            if at.is_multiple_of(UNLOOKED) && self.shrinking.is_over_for(entries.len()) {
                return Err(Undecided);
            }
            let id = self.all[at];
            if let Some(operation) = form(self.shrinking.history.operations()[id as usize]) {
                // Every operation is one of the object, or there would be no core.
                entries.extend(self.shrinking.entry(id, operation).ok().flatten());
            }
        }
        Ok(entries)
    }

    fn age(&mut self, read: &Entry<S::Action>) -> Result<Age, Undecided> {
        let history = self.shrinking.history;
        let asked = read.kept.weakened.invoked;
        let answered =
            |before: &Entry<S::Action>| history.operations()[before.kept.id as usize].answered;
        let time_ns = self.shown_before(read).map(answered).max().and_then(|shown| {
            Some(history.time_ns(asked)?.saturating_sub(history.time_ns(shown)?))
        });
        let versions = self.versions(read.action, asked)?.unwrap_or(0).max(1);
        Ok(Age { versions, time_ns })
    }

    /// How many acknowledged changes came after whatever led to what `action` saw, and before it
    /// was `asked` for.
    fn versions(&mut self, action: S::Action, asked: u32) -> Result<Option<u64>, Undecided> {
        let Some(needed) = self.shrinking.specification.needs(action) else { return Ok(None) };
        let changes = self.changes(|one| one.answer != Answer::Fail)?;
        let specification = &mut *self.shrinking.specification;
        let mut sources = Vec::new();
        if needed == specification.initial() {
            sources.push(None);
        }
        for change in &changes {
            match leads_to(specification, change.action) {
                None => return Ok(None),
                Some(state) if state == needed => {
                    sources.push(Some(change.kept.weakened.answered));
                }
                Some(_) => {}
            }
        }
        if sources.len() > SOURCES_MAX {
            return Ok(None);
        }
        let since = |source: Option<u32>| {
            let is_since = |change: &&Entry<S::Action>| {
                let Operation { invoked, answered, .. } = change.kept.weakened;
                let is_after = source.is_none_or(|source| source != NEVER && invoked > source);
                is_after && answered < asked
            };
            changes.iter().filter(is_since).count() as u64
        };
        Ok(sources.into_iter().map(since).min())
    }
}
