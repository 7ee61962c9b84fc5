//! The moves: each makes of a history that holds one that holds too.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Kept;
use super::shrink::{Entries, Entry, Shrinking};
use crate::{Answer, Effect, Element, NEVER, Operation, Specification, ValueId};

/// Which maybes are of use is looked at in pairs, and not where there are more than these.
const LOOKS_MAX: usize = 1 << 22;

impl<S: Specification> Shrinking<'_, S> {
    pub(super) fn overwrites(&self, action: S::Action) -> bool {
        self.specification.effect(action) == Effect::Overwrites
    }

    /// Whether an operation that overlapped the write behind which the rest stands could see what
    /// was before it.
    pub(super) fn must_follow(&self, entry: &Entry<S::Action>) -> bool {
        entry.kept.is_firm() && !self.overwrites(entry.action)
    }

    /// The operation without its answer; nothing if it then says nothing.
    pub(super) fn maybe(&mut self, entry: &Entry<S::Action>) -> Option<Entry<S::Action>> {
        if self.specification.effect(entry.action) == Effect::Observes {
            return None;
        }
        let (answered, answer, result) = (NEVER, Answer::Info, ValueId::NULL);
        let weakened = Operation { answered, answer, result, ..entry.kept.weakened };
        let action = self.specification.unanswered(entry.action);
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

    /// What is left for those who see of `all` elements only what is `kept`; nothing where the time
    /// is over.
    pub(super) fn onto(
        &mut self,
        entries: &[Entry<S::Action>],
        all: &[Element],
        kept: &FxHashSet<Element>,
    ) -> Option<Entries<S>> {
        let mut seen = Vec::with_capacity(entries.len());
        for entry in entries {
            // What one operation saw may be long.
            if self.is_over() {
                return None;
            }
            let action = self.specification.onto(entry.action, all, kept);
            seen.extend(action.map(|action| Entry { action, ..*entry }));
        }
        Some(seen)
    }

    /// Drops maybes that no order needs: those that come after everything, and those of which there
    /// are more than can be of use. Of equal ones those that began first can do whatever the others
    /// can. Where the time is over it drops fewer.
    pub(super) fn prune(&mut self, entries: &mut Entries<S>) {
        let firm = entries.iter().filter(|entry| entry.kept.is_firm());
        let last = firm.map(|entry| entry.kept.weakened.answered).max().unwrap_or(0);
        entries.retain(|entry| entry.kept.is_firm() || entry.kept.weakened.invoked < last);
        let mut stays: Vec<bool> = entries.iter().map(|entry| entry.kept.is_firm()).collect();
        let maybes = entries.iter().filter(|entry| !entry.kept.is_firm());
        let mut uses: FxHashMap<S::Action, usize> = maybes.map(|entry| (entry.action, 0)).collect();
        loop {
            let kept = entries.iter().zip(&stays).filter(|(_, stays)| **stays);
            let others: Vec<S::Action> = kept.map(|(entry, _)| entry.action).collect();
            let is_too_much = uses.len().saturating_mul(others.len()) > LOOKS_MAX;
            if is_too_much || self.is_over_for(entries.len()) {
                return;
            }
            self.specification.count_uses(&mut uses, &others);
            let mut left = uses.clone();
            for (entry, stays) in entries.iter().zip(&mut stays) {
                if entry.kept.is_firm() {
                    continue;
                }
                let left = left.entry(entry.action).or_default();
                *stays |= *left > 0;
                *left = left.saturating_sub(1);
            }
            if stays.iter().filter(|stays| **stays).count() == others.len() {
                break;
            }
        }
        let mut stays = stays.into_iter();
        entries.retain(|_| stays.next().unwrap_or(true));
    }
}
