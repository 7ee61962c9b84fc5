//! From all operations of a key to few.

use std::time::Duration;

use rustc_hash::FxHashSet;

use super::Kept;
use crate::limits::Limits;
use crate::parts;
use crate::{
    Budget, Effect, History, Misfit, NEVER, Operation, OperationId, Proof, Specification,
    Violation, check,
};

/// An operation with what it means.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<A> {
    pub(super) kept: Kept,
    pub(super) action: A,
}

/// What shrinking needs to ask whether something weaker is still a violation.
pub(super) struct Shrinking<'a, S> {
    pub(super) history: &'a History,
    pub(super) specification: &'a mut S,
    limits: Limits,
    /// No single try takes more than this.
    try_time: Duration,
    ran_out: bool,
    /// The write behind which the rest stands: it is why nothing before it counts, so it stays as
    /// it is.
    pinned: Option<OperationId>,
    /// Of what is in the states only these are looked at, where not all of it is.
    pub(super) elements: Option<Vec<crate::Element>>,
}

/// The time was over before it was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Undecided;

/// Each try may take this part of the time.
const TRIES_MIN: u32 = 16;
/// How many operations are gone through between two looks at the clock.
pub(super) const UNLOOKED: usize = 1 << 12;
/// Where so many are left when the time is over, they are no core that anybody looks at.
const LEFT_MAX: usize = 1 << 10;
/// Answers are told as they were where a core has no more operations than this. From this many
/// operations on one begins with what is about a few elements.
const FEW: usize = 6;
const MANY: usize = 32;

/// The operation whose answer came last.
pub(super) fn last_answered<A>(entries: &[Entry<A>]) -> Option<usize> {
    let firm = (0..entries.len()).filter(|at| entries[*at].kept.is_firm());
    firm.max_by_key(|at| entries[*at].kept.weakened.answered)
}

pub(super) type Entries<S> = Vec<Entry<<S as Specification>::Action>>;

impl<'a, S: Specification> Shrinking<'a, S> {
    pub(super) fn new(
        history: &'a History,
        specification: &'a mut S,
        limits: Limits,
        time: Duration,
    ) -> Self {
        let try_time = time / TRIES_MIN;
        Self {
            history,
            specification,
            limits,
            try_time,
            ran_out: false,
            pinned: None,
            elements: None,
        }
    }

    /// The same with a time that begins now.
    pub(super) fn within(history: &'a History, specification: &'a mut S, time: Duration) -> Self {
        let limits = Limits::from_now(Budget { time, ..Budget::default() });
        Self::new(history, specification, limits, time)
    }

    /// Whether something was kept only because the time was over.
    pub(super) fn ran_out(&self) -> bool {
        self.ran_out
    }

    pub(super) fn is_over(&mut self) -> bool {
        self.is_over_for(0)
    }

    /// Whether the time does not suffice to go through so many operations once more.
    pub(super) fn is_over_for(&mut self, operations: usize) -> bool {
        let bytes = operations * size_of::<Entry<S::Action>>();
        let is_over = self.limits.check_time_for(bytes).is_err();
        self.ran_out |= is_over;
        is_over
    }

    pub(super) fn pinned(&self) -> Option<OperationId> {
        self.pinned
    }

    /// Whether an operation is the write behind which the rest stands.
    pub(super) fn is_pinned(&self, entry: &Entry<S::Action>) -> bool {
        self.pinned == Some(entry.kept.id)
    }

    /// Whether these operations alone are a violation. What cannot be decided in time is none.
    pub(super) fn is_violated(&mut self, entries: &[Entry<S::Action>]) -> bool {
        self.holds(entries) == Ok(false)
    }

    /// Whether some order explains these operations.
    pub(super) fn holds(&mut self, entries: &[Entry<S::Action>]) -> Result<bool, Undecided> {
        if self.is_over_for(entries.len()) {
            return Err(Undecided);
        }
        let part = |entry: &Entry<S::Action>| {
            let Operation { invoked, answered, .. } = entry.kept.weakened;
            parts::Entry { action: entry.action, id: entry.kept.id, invoked, answered }
        };
        let mut part: Vec<_> = entries.iter().map(part).collect();
        part.sort_by_key(|entry| entry.invoked);
        let limits = self.limits.for_a_part(self.try_time);
        let holds = check::holds(&part, self.specification, &limits);
        self.ran_out |= holds.is_err();
        holds.map_err(|_| Undecided)
    }

    /// The operations that are left when each move was tried; none where the time was over before
    /// so few were left that one can look at them.
    pub(super) fn shrunk(&mut self, violation: &Violation) -> Result<Option<Entries<S>>, Misfit> {
        let Some(mut entries) = self.start(violation)? else { return Ok(None) };
        let is_long = entries.len() > MANY;
        entries = self.with_few_elements(entries, is_long);
        if let Some(last) = last_answered(&entries)
            && let Some(alone) = self.without(&entries, |id| id != entries[last].kept.id)
        {
            entries = alone;
        } else {
            entries = self.behind_a_write(entries);
        }
        loop {
            entries = self.without_chunks(entries);
            if let Some(behind) = self.behind_the_last_write(&entries) {
                entries = behind;
                continue;
            }
            let seen = self.elements.as_ref().map(Vec::len);
            let is_long = entries.len() > FEW;
            entries = self.with_few_elements(entries, is_long);
            if seen == self.elements.as_ref().map(Vec::len) {
                let is_too_long = self.ran_out && entries.len() > LEFT_MAX;
                return Ok((!is_too_long).then_some(entries));
            }
        }
    }

    /// The operations that the violation names, where they contradict each other whatever else
    /// happened; or else all of the key that began before it showed. Of these, what was answered
    /// later may have happened or not by then, with its answer.
    fn start(&mut self, violation: &Violation) -> Result<Option<Entries<S>>, Misfit> {
        let last = match violation.proof {
            Proof::Local => return self.entries(violation.operations.iter().copied()).map(Some),
            Proof::Exhausted { event, .. } => event,
        };
        let operations = self.history.operations();
        let mut entries = Vec::new();
        for (id, operation) in (0..).zip(operations) {
            if (id as usize).is_multiple_of(UNLOOKED) && self.is_over_for(entries.len()) {
                return Ok(None);
            }
            if S::BY_KEY && operation.key != violation.key || operation.invoked > last {
                continue;
            }
            let is_by_then = operation.answered <= last;
            let answered = if is_by_then { operation.answered } else { NEVER };
            entries.extend(self.entry(id, Operation { answered, ..*operation })?);
        }
        Ok(Some(entries))
    }

    /// Operations without those that say nothing.
    pub(super) fn entries(
        &mut self,
        ids: impl Iterator<Item = OperationId>,
    ) -> Result<Entries<S>, Misfit> {
        let mut entries = Vec::new();
        for id in ids {
            entries.extend(self.entry(id, self.history.operations()[id as usize])?);
        }
        entries.sort_by_key(|entry| entry.kept.weakened.invoked);
        Ok(entries)
    }

    /// The operation `id` in a form of it, unless that says nothing.
    pub(super) fn entry(
        &mut self,
        id: OperationId,
        weakened: Operation,
    ) -> Result<Option<Entry<S::Action>>, Misfit> {
        let Some(action) = self.specification.action(self.history, &weakened)? else {
            return Ok(None);
        };
        let looks = self.specification.effect(action) == Effect::Observes;
        let says_nothing = looks && weakened.answered == NEVER;
        Ok((!says_nothing).then_some(Entry { kept: Kept { id, weakened }, action }))
    }

    /// Looks for a write behind which all can be found, in ever larger strides from the end.
    fn behind_a_write(&mut self, entries: Entries<S>) -> Entries<S> {
        let is_write =
            |at: &usize| entries[*at].kept.is_firm() && self.overwrites(entries[*at].action);
        let writes: Vec<usize> = (0..entries.len()).filter(is_write).collect();
        let mut back = 1;
        while let Some(place) = writes.len().checked_sub(back).map(|at| writes[at]) {
            if let Some(behind) = self.violated_behind(&entries, place) {
                return behind;
            }
            back *= 2;
        }
        entries
    }

    /// The same with each write from the end to the one that is pinned.
    fn behind_the_last_write(&mut self, entries: &[Entry<S::Action>]) -> Option<Entries<S>> {
        let first = entries.iter().position(|entry| self.is_pinned(entry)).map_or(0, |at| at + 1);
        (first..entries.len()).rev().find_map(|place| self.violated_behind(entries, place))
    }

    fn violated_behind(
        &mut self,
        entries: &[Entry<S::Action>],
        place: usize,
    ) -> Option<Entries<S>> {
        if self.is_over_for(entries.len()) {
            return None;
        }
        let mut behind = self.behind(entries, place)?;
        self.prune(&mut behind);
        if !self.is_violated(&behind) {
            return None;
        }
        self.pinned = Some(entries[place].kept.id);
        Some(behind)
    }

    /// Leaves out of all states what does not matter, in ever smaller chunks. What was read is only
    /// told otherwise than it was if it `may_retell`.
    fn with_few_elements(&mut self, mut entries: Entries<S>, may_retell: bool) -> Entries<S> {
        if self.is_over_for(entries.len()) {
            return entries;
        }
        let actions: Vec<S::Action> = entries.iter().map(|entry| entry.action).collect();
        let mut all = self.specification.elements(&actions);
        if self.elements.is_none() && all.len() < 2 {
            return entries;
        }
        let mut size = all.len().div_ceil(2);
        while size > 0 && all.len() > 1 {
            for chunk in all.clone().chunks(size) {
                let left = all.iter().filter(|one| !chunk.contains(one)).copied();
                let kept: FxHashSet<crate::Element> = left.collect();
                if kept.is_empty() || self.is_over_for(entries.len()) {
                    continue;
                }
                let Some(mut fewer) = self.onto(&entries, &all, &kept) else { return entries };
                self.prune(&mut fewer);
                let may_be = may_retell || are_told_as_they_were::<S>(&entries, &fewer);
                if may_be && self.is_violated(&fewer) {
                    all.retain(|one| kept.contains(one));
                    entries = fewer;
                    self.elements = Some(all.clone());
                }
            }
            size = if size == 1 { 0 } else { size.div_ceil(2) };
        }
        entries
    }

    /// Weakens ever smaller chunks as far as it goes, at last one operation at a time, and then
    /// what resisted by a little. What cannot be spared now cannot be spared in anything weaker, so
    /// that no second round is needed.
    fn without_chunks(&mut self, mut entries: Entries<S>) -> Entries<S> {
        let mut size = entries.len().div_ceil(2);
        loop {
            let ids: Vec<OperationId> = entries.iter().map(|entry| entry.kept.id).collect();
            for chunk in ids.chunks(size.max(1)) {
                // Both are in the order of invocations.
                let ids = chunk[0]..=chunk[chunk.len() - 1];
                if let Some(weaker) = self.without(&entries, |id| ids.contains(&id)) {
                    entries = weaker;
                }
            }
            if size <= 1 || self.ran_out {
                break;
            }
            size = size.div_ceil(2);
        }
        let ids: Vec<OperationId> = entries.iter().map(|entry| entry.kept.id).collect();
        for id in ids {
            if let Some(weaker) = self.with_maybe(&entries, id) {
                entries = weaker;
            }
        }
        entries
    }

    /// All but those that `leaves` names, of which as little is left as can be, if that is still a
    /// violation.
    fn without(
        &mut self,
        entries: &[Entry<S::Action>],
        leaves: impl Fn(OperationId) -> bool,
    ) -> Option<Entries<S>> {
        if self.is_over_for(entries.len()) {
            return None;
        }
        let mut weaker = Vec::with_capacity(entries.len());
        let mut is_weaker = false;
        for entry in entries {
            if !leaves(entry.kept.id) || self.is_pinned(entry) {
                weaker.push(*entry);
                continue;
            }
            let least = self.least(entry);
            is_weaker |= least.is_none_or(|least| {
                entry.kept.weakened != least.kept.weakened || entry.action != least.action
            });
            weaker.extend(least);
        }
        self.prune(&mut weaker);
        (is_weaker && self.is_violated(&weaker)).then_some(weaker)
    }

    /// The same of one operation that is only made a maybe, where less could be left of it.
    fn with_maybe(&mut self, entries: &[Entry<S::Action>], id: OperationId) -> Option<Entries<S>> {
        let at = entries.iter().position(|entry| entry.kept.id == id)?;
        let entry = entries[at];
        self.specification.loosened(entry.action)?;
        if !entry.kept.is_firm() || self.is_pinned(&entry) || self.is_over_for(entries.len()) {
            return None;
        }
        let mut weaker = entries.to_vec();
        weaker[at] = self.maybe(&entry)?;
        self.prune(&mut weaker);
        self.is_violated(&weaker).then_some(weaker)
    }

    /// The operation as one that nobody knows to have happened, and that asks for nothing.
    pub(super) fn least(&mut self, entry: &Entry<S::Action>) -> Option<Entry<S::Action>> {
        let maybe = self.maybe(entry)?;
        let loosened = self.specification.loosened(maybe.action);
        Some(Entry { action: loosened.unwrap_or(maybe.action), ..maybe })
    }
}

/// Whether what is left of `all` is told as it was.
fn are_told_as_they_were<S: Specification>(all: &Entries<S>, left: &Entries<S>) -> bool {
    left.iter().all(|entry| {
        // Both are in the order of invocations.
        let at = all.binary_search_by_key(&entry.kept.id, |one| one.kept.id);
        at.is_ok_and(|at| all[at].action == entry.action)
    })
}
