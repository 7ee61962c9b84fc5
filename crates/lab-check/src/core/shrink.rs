//! From all operations of a key to few.

use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;

use super::Kept;
use crate::{
    Answer, Budget, Effect, History, Misfit, NEVER, Operation, OperationId, Proof, Specification,
    ValueId, Verdict, Violation, check,
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
    end: Option<Instant>,
    time: Duration,
    ran_out: bool,
    /// The write behind which the rest stands: it is why nothing before it counts, so it stays as
    /// it is.
    pinned: Option<OperationId>,
}

/// Which maybes are of use is looked at in pairs, and not where there are more than these.
const LOOKS_MAX: usize = 1 << 22;
/// No single try takes more than this part of the time.
const TRIES_MIN: u32 = 16;

/// The operation whose answer came last.
pub(super) fn last_answered<A>(entries: &[Entry<A>]) -> Option<usize> {
    let firm = (0..entries.len()).filter(|at| entries[*at].kept.is_firm());
    firm.max_by_key(|at| entries[*at].kept.weakened.answered)
}

pub(super) type Entries<S> = Vec<Entry<<S as Specification>::Action>>;

impl<'a, S: Specification> Shrinking<'a, S> {
    pub(super) fn new(history: &'a History, specification: &'a mut S, time: Duration) -> Self {
        let end = Instant::now().checked_add(time);
        Self { history, specification, end, time, ran_out: false, pinned: None }
    }

    /// Whether something was kept only because the time was over.
    pub(super) fn ran_out(&self) -> bool {
        self.ran_out
    }

    pub(super) fn pinned(&self) -> Option<OperationId> {
        self.pinned
    }

    /// Whether an operation is the write behind which the rest stands.
    pub(super) fn is_pinned(&self, entry: &Entry<S::Action>) -> bool {
        self.pinned == Some(entry.kept.id)
    }

    /// Whether an operation that overlapped that write could see what was before it.
    pub(super) fn must_follow(&self, entry: &Entry<S::Action>) -> bool {
        entry.kept.is_firm() && !self.overwrites(entry.action)
    }

    /// Whether these operations alone are a violation. What cannot be decided in time is none.
    pub(super) fn is_violated(&mut self, entries: &[Entry<S::Action>]) -> bool {
        let holds = self.holds(entries);
        self.ran_out |= holds.is_none();
        holds == Some(false)
    }

    /// Whether some order explains these operations; nothing where that is not decided in time.
    pub(super) fn holds(&mut self, entries: &[Entry<S::Action>]) -> Option<bool> {
        let time = match self.end {
            Some(end) => end.saturating_duration_since(Instant::now()).min(self.time / TRIES_MIN),
            None => Duration::MAX,
        };
        let operations = entries.iter().map(|entry| entry.kept.weakened).collect();
        let part = self.history.with_operations(operations);
        let budget = Budget { time, ..Budget::default() };
        match check(&part, self.specification, budget) {
            Ok(Verdict::Violated(_)) => Some(false),
            Ok(Verdict::Holds(_)) => Some(true),
            Ok(Verdict::Unknown(_)) | Err(_) => None,
        }
    }

    /// The operations that are left when each move was tried.
    pub(super) fn shrunk(&mut self, violation: &Violation) -> Result<Entries<S>, Misfit> {
        let mut entries = self.start(violation)?;
        if let Some(last) = last_answered(&entries)
            && let Some(alone) = self.without(&entries, |id| id != entries[last].kept.id)
        {
            entries = alone;
        } else {
            entries = self.behind_a_write(entries);
        }
        loop {
            entries = self.without_chunks(entries);
            match self.behind_the_last_write(&entries) {
                Some(behind) => entries = behind,
                None => return Ok(entries),
            }
        }
    }

    /// The operations that the violation names, where they contradict each other whatever else
    /// happened; or else all of the key that began before it showed. Of these, what was answered
    /// later may have happened or not by then, with its answer.
    fn start(&mut self, violation: &Violation) -> Result<Entries<S>, Misfit> {
        let last = match violation.proof {
            Proof::Local => return self.entries(violation.operations.iter().copied()),
            Proof::Exhausted { event, .. } => event,
        };
        let operations = self.history.operations();
        let is_meant = |(_, operation): &(OperationId, &Operation)| {
            let of_key = !S::BY_KEY || operation.key == violation.key;
            of_key && operation.invoked <= last
        };
        let mut entries = Vec::new();
        for (id, operation) in (0..).zip(operations).filter(is_meant) {
            let is_by_then = operation.answered <= last;
            let answered = if is_by_then { operation.answered } else { NEVER };
            entries.extend(self.entry(id, Operation { answered, ..*operation })?);
        }
        Ok(entries)
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

    /// The operation without its answer; nothing if it then says nothing.
    pub(super) fn maybe(&mut self, entry: &Entry<S::Action>) -> Option<Entry<S::Action>> {
        if self.specification.effect(entry.action) == Effect::Observes {
            return None;
        }
        let (answered, answer, result) = (NEVER, Answer::Info, ValueId::NULL);
        let weakened = Operation { answered, answer, result, ..entry.kept.weakened };
        let action = self.specification.action(self.history, &weakened).ok()??;
        Some(Entry { kept: Kept { weakened, ..entry.kept }, action })
    }

    /// What is left where the write at `place` is kept: nothing that was answered before it.
    pub(super) fn behind(
        &mut self,
        entries: &[Entry<S::Action>],
        place: usize,
    ) -> Option<Entries<S>> {
        let write = entries[place].kept.weakened;
        if write.answered == NEVER || !self.overwrites(entries[place].action) {
            return None;
        }
        let mut left = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            let operation = entry.kept.weakened;
            if operation.answered < write.invoked {
                continue;
            }
            let is_after = operation.invoked > write.answered;
            if at == place || is_after || self.overwrites(entry.action) {
                left.push(*entry);
            } else {
                left.extend(self.maybe(entry));
            }
        }
        Some(left)
    }

    fn overwrites(&self, action: S::Action) -> bool {
        self.specification.effect(action) == Effect::Overwrites
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
        let mut behind = self.behind(entries, place)?;
        self.prune(&mut behind);
        if !self.is_violated(&behind) {
            return None;
        }
        self.pinned = Some(entries[place].kept.id);
        Some(behind)
    }

    /// Weakens ever smaller chunks, at last one operation at a time. What cannot be spared now
    /// cannot be spared in anything weaker, so that no second round is needed.
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
            if size <= 1 {
                return entries;
            }
            size = size.div_ceil(2);
        }
    }

    /// All but those that `leaves` names, of which maybes are left, if that is still a violation.
    fn without(
        &mut self,
        entries: &[Entry<S::Action>],
        leaves: impl Fn(OperationId) -> bool,
    ) -> Option<Entries<S>> {
        let mut weaker = Vec::new();
        let mut is_weaker = false;
        for entry in entries {
            if leaves(entry.kept.id) && entry.kept.is_firm() && !self.is_pinned(entry) {
                weaker.extend(self.maybe(entry));
                is_weaker = true;
            } else {
                weaker.push(*entry);
            }
        }
        self.prune(&mut weaker);
        (is_weaker && self.is_violated(&weaker)).then_some(weaker)
    }

    /// Drops maybes that no order needs: those that come after everything, and those of which there
    /// are more than can be of use. Of equal ones those that began first can do whatever the others
    /// can.
    pub(super) fn prune(&self, entries: &mut Entries<S>) {
        let firm = entries.iter().filter(|entry| entry.kept.is_firm());
        let last = firm.map(|entry| entry.kept.weakened.answered).max().unwrap_or(0);
        entries.retain(|entry| entry.kept.is_firm() || entry.kept.weakened.invoked < last);
        let mut stays: Vec<bool> = entries.iter().map(|entry| entry.kept.is_firm()).collect();
        loop {
            let kept = entries.iter().zip(&stays).filter(|(_, stays)| **stays);
            let others: Vec<S::Action> = kept.map(|(entry, _)| entry.action).collect();
            let maybes = entries.iter().filter(|entry| !entry.kept.is_firm());
            let mut uses: FxHashMap<S::Action, usize> =
                maybes.map(|entry| (entry.action, usize::MAX)).collect();
            if uses.len().saturating_mul(others.len()) > LOOKS_MAX {
                return;
            }
            for (action, uses) in &mut uses {
                *uses = self.specification.uses(*action, &others);
            }
            let before = others.len();
            for (entry, stays) in entries.iter().zip(&mut stays) {
                if entry.kept.is_firm() {
                    continue;
                }
                let left = uses.entry(entry.action).or_default();
                *stays |= *left > 0;
                *left = left.saturating_sub(1);
            }
            if stays.iter().filter(|stays| **stays).count() == before {
                break;
            }
        }
        let mut stays = stays.into_iter();
        entries.retain(|_| stays.next().unwrap_or(true));
    }
}
