//! From all operations of a key to few.

use std::time::{Duration, Instant};

use rustc_hash::FxHashSet;

use super::Kept;
use crate::{
    Answer, Budget, Effect, History, Misfit, NEVER, Operation, OperationId, Proof, Specification,
    State, ValueId, Verdict, Violation, check,
};

/// An operation with what it means.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<A> {
    pub(super) kept: Kept,
    pub(super) action: A,
}

/// What shrinking needs to ask whether something weaker is still a violation.
pub(super) struct Shrinking<'a, S> {
    history: &'a History,
    pub(super) specification: &'a mut S,
    end: Option<Instant>,
    ran_out: bool,
}

type Entries<S> = Vec<Entry<<S as Specification>::Action>>;

impl<'a, S: Specification> Shrinking<'a, S> {
    pub(super) fn new(history: &'a History, specification: &'a mut S, time: Duration) -> Self {
        let end = Instant::now().checked_add(time);
        Self { history, specification, end, ran_out: false }
    }

    /// Whether something was kept only because the time was over.
    pub(super) fn ran_out(&self) -> bool {
        self.ran_out
    }

    /// Whether these operations alone are a violation. What cannot be decided in time is none.
    pub(super) fn is_violated(&mut self, entries: &[Entry<S::Action>]) -> bool {
        let time = match self.end {
            Some(end) => end.saturating_duration_since(Instant::now()),
            None => Duration::MAX,
        };
        let operations = entries.iter().map(|entry| entry.kept.weakened).collect();
        let part = self.history.with_operations(operations);
        let budget = Budget { time, ..Budget::default() };
        match check(&part, self.specification, budget) {
            Ok(Verdict::Violated(_)) => true,
            Ok(Verdict::Unknown(_)) => {
                self.ran_out = true;
                false
            }
            Ok(Verdict::Holds(_)) | Err(_) => false,
        }
    }

    /// The operations that are left when each move was tried.
    pub(super) fn shrunk(&mut self, violation: &Violation) -> Result<Entries<S>, Misfit> {
        let mut entries = self.start(violation)?;
        entries = self.behind_a_write(entries);
        entries = self.without_chunks(entries);
        entries = self.behind_the_last_write(entries);
        self.prune(&mut entries);
        Ok(entries)
    }

    /// The operations that the violation names, if they are one without the others; or else all of
    /// the key that began before it showed.
    fn start(&mut self, violation: &Violation) -> Result<Entries<S>, Misfit> {
        let named = violation.operations.iter().copied();
        let named = self.entries(named, u32::MAX)?;
        if self.is_violated(&named) {
            return Ok(named);
        }
        let last = match violation.proof {
            Proof::Exhausted { event, .. } => event,
            Proof::Local => u32::MAX,
        };
        let operations = self.history.operations();
        let is_meant = |(_, operation): &(OperationId, &Operation)| {
            let of_key = !S::BY_KEY || operation.key == violation.key;
            of_key && operation.invoked <= last
        };
        let ids: Vec<_> = (0..).zip(operations).filter(is_meant).map(|(id, _)| id).collect();
        self.entries(ids.into_iter(), last)
    }

    /// Operations as they are known up to the event `last`, without those that say nothing.
    fn entries(
        &mut self,
        ids: impl Iterator<Item = OperationId>,
        last: u32,
    ) -> Result<Entries<S>, Misfit> {
        let mut entries = Vec::new();
        for id in ids {
            let operation = self.history.operations()[id as usize];
            let Some(action) = self.specification.action(self.history, &operation)? else {
                continue;
            };
            let entry = Entry { kept: Kept { id, weakened: operation }, action };
            if operation.answered <= last && operation.answered != NEVER {
                entries.push(entry);
            } else {
                entries.extend(self.maybe(&entry));
            }
        }
        entries.sort_by_key(|entry| entry.kept.weakened.invoked);
        Ok(entries)
    }

    /// The operation without its answer; nothing if it then says nothing.
    fn maybe(&mut self, entry: &Entry<S::Action>) -> Option<Entry<S::Action>> {
        let (answered, answer, result) = (NEVER, Answer::Info, ValueId::NULL);
        let weakened = Operation { answered, answer, result, ..entry.kept.weakened };
        let action = self.specification.action(self.history, &weakened).ok()??;
        let is_idle = self.specification.effect(action) == Effect::Observes;
        (!is_idle).then_some(Entry { kept: Kept { weakened, ..entry.kept }, action })
    }

    /// What is left where the write at `place` is kept: nothing that was answered before it.
    fn behind(&mut self, entries: &[Entry<S::Action>], place: usize) -> Option<Entries<S>> {
        let write = entries[place].kept.weakened;
        if write.answered == NEVER || !self.overwrites(entries[place].action) {
            return None;
        }
        let mut left = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            let operation = entry.kept.weakened;
            let is_before = operation.answered < write.invoked;
            let stays = at == place
                || operation.invoked > write.answered
                || self.overwrites(entry.action);
            match () {
                () if is_before => {}
                () if stays => left.push(*entry),
                () => left.extend(self.maybe(entry)),
            }
        }
        Some(left)
    }

    fn overwrites(&self, action: S::Action) -> bool {
        self.specification.effect(action) == Effect::Overwrites
    }

    /// Looks for a write behind which all can be found, in ever larger strides from the end.
    fn behind_a_write(&mut self, entries: Entries<S>) -> Entries<S> {
        let is_write = |at: &usize| {
            entries[*at].kept.is_firm() && self.overwrites(entries[*at].action)
        };
        let writes: Vec<usize> = (0..entries.len()).filter(is_write).collect();
        let mut back = 1;
        while let Some(place) = writes.len().checked_sub(back).map(|at| writes[at]) {
            let behind = self.behind(&entries, place);
            if let Some(behind) = behind.filter(|behind| self.is_violated(behind)) {
                return behind;
            }
            back *= 2;
        }
        entries
    }

    /// The same from the end, one write after the other, when few are left.
    fn behind_the_last_write(&mut self, entries: Entries<S>) -> Entries<S> {
        for place in (0..entries.len()).rev() {
            let behind = self.behind(&entries, place);
            if let Some(behind) = behind.filter(|behind| self.is_violated(behind)) {
                return behind;
            }
        }
        entries
    }

    /// Weakens ever smaller chunks, at last one operation at a time. What cannot be spared now
    /// cannot be spared in anything weaker, so that no second round is needed.
    fn without_chunks(&mut self, mut entries: Entries<S>) -> Entries<S> {
        let mut size = entries.len().div_ceil(2);
        loop {
            let mut at = 0;
            while at < entries.len() {
                let end = (at + size).min(entries.len());
                match self.without(&entries, at..end) {
                    Some(weaker) => {
                        at = end - (entries.len() - weaker.len());
                        entries = weaker;
                    }
                    None => at = end,
                }
            }
            self.prune(&mut entries);
            if size <= 1 {
                return entries;
            }
            size = size.div_ceil(2);
        }
    }

    /// All but those of `range`, of which maybes are left, if that is a violation.
    fn without(
        &mut self,
        entries: &[Entry<S::Action>],
        range: std::ops::Range<usize>,
    ) -> Option<Entries<S>> {
        if !entries[range.clone()].iter().any(|entry| entry.kept.is_firm()) {
            return None;
        }
        let mut weaker = entries[..range.start].to_vec();
        weaker.extend(entries[range.clone()].iter().filter_map(|entry| self.maybe(entry)));
        weaker.extend_from_slice(&entries[range.end..]);
        self.is_violated(&weaker).then_some(weaker)
    }

    /// Drops maybes that no order needs: those that come after everything, and those that lead to
    /// a state that nothing needs.
    fn prune(&mut self, entries: &mut Entries<S>) {
        let firm = entries.iter().filter(|entry| entry.kept.is_firm());
        let last = firm.map(|entry| entry.kept.weakened.answered).max().unwrap_or(0);
        entries.retain(|entry| entry.kept.is_firm() || entry.kept.weakened.invoked < last);
        if let Some(needed) = self.needed(entries) {
            let mut leads = |action| self.leads_to(action).is_none_or(|to| needed.contains(&to));
            entries.retain(|entry| entry.kept.is_firm() || leads(entry.action));
        }
    }

    /// The states that something needs; `None` where one does not say what it needs.
    fn needed(&mut self, entries: &[Entry<S::Action>]) -> Option<FxHashSet<State>> {
        let mut needed = FxHashSet::default();
        loop {
            let count = needed.len();
            for entry in entries.iter().filter(|entry| !self.overwrites(entry.action)) {
                let needs = self.specification.needs(entry.action)?;
                let leads = self.specification.step(needs, entry.action)?;
                if entry.kept.is_firm() || needed.contains(&leads) {
                    needed.insert(needs);
                }
            }
            if needed.len() == count {
                return Some(needed);
            }
        }
    }

    /// The state after an action, where there is only one.
    fn leads_to(&mut self, action: S::Action) -> Option<State> {
        let before = if self.overwrites(action) {
            self.specification.initial()
        } else {
            self.specification.needs(action)?
        };
        self.specification.step(before, action)
    }
}
