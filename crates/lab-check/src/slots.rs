//! The operations that wait for their answer, each in a slot that is a bit of every set.

use crate::bits::Bits;
use crate::configuration::Waiting;
use crate::limits::{Limits, Pace, WORK_PER_STEP};
use crate::needs::Needs;
use crate::parts::Entry;
use crate::{Effect, Limit, NEVER, Specification, State};

/// An operation that waits.
#[derive(Clone, Debug)]
pub(crate) struct Slot<A, B> {
    pub(crate) action: A,
    pub(crate) entry: u32,
    pub(crate) answered: u32,
    pub(crate) effect: Effect,
    /// The only state that allows it.
    pub(crate) needs: Option<State>,
    /// Of an overwriting operation: the state after it, and until when that matters.
    pub(crate) leads_to: State,
    pub(crate) needed_until: u32,
    /// Equal operations that are better used first, because they are answered earlier.
    pub(crate) better: B,
}

impl<A: Copy, B> Slot<A, B> {
    /// Whether `state` allows the operation, which is an observer.
    ///
    /// # Errors
    /// The time is over.
    pub(crate) fn allows<S: Specification<Action = A>>(
        &self,
        state: State,
        specification: &mut S,
        pace: &mut Pace,
        limits: &Limits,
    ) -> Result<bool, Limit> {
        if let Some(needs) = self.needs {
            return Ok(needs == state);
        }
        pace.spend(WORK_PER_STEP, limits)?;
        Ok(specification.step(state, self.action).is_some())
    }
}

/// Every slot, and which of them are of what kind.
#[derive(Debug)]
pub(crate) struct Slots<A, B> {
    slots: Vec<Slot<A, B>>,
    free: Vec<usize>,
    pub(crate) waiting: Waiting<B>,
    pub(crate) overwriters: B,
}

impl<A: Copy + Eq, B: Bits> Slots<A, B> {
    pub(crate) fn new() -> Self {
        let (waiting, overwriters) = (Waiting::default(), B::default());
        Self { slots: Vec::new(), free: Vec::new(), waiting, overwriters }
    }

    pub(crate) fn get(&self, slot: usize) -> &Slot<A, B> {
        &self.slots[slot]
    }

    /// Whether there is room for one more.
    pub(crate) fn has_room(&self) -> bool {
        !self.free.is_empty() || B::SLOTS_MAX.is_none_or(|max| self.slots.len() < max)
    }

    /// Gives an operation a slot.
    pub(crate) fn take<S: Specification<Action = A>>(
        &mut self,
        place: u32,
        entry: &Entry<A>,
        specification: &mut S,
        needs: &Needs,
    ) -> usize {
        let action = entry.action;
        let effect = specification.effect(action);
        let leads_to = match effect {
            Effect::Overwrites => specification.step(specification.initial(), action),
            Effect::Observes | Effect::Changes => None,
        };
        let slot = Slot {
            action,
            entry: place,
            answered: entry.answered,
            effect,
            needs: specification.needs(action),
            leads_to: leads_to.unwrap_or_default(),
            needed_until: leads_to.map_or(NEVER, |state| needs.until(state)),
            better: B::default(),
        };
        let at = self.free.pop().unwrap_or(self.slots.len());
        if at == self.slots.len() {
            self.slots.push(slot);
        } else {
            self.slots[at] = slot;
        }
        self.mark(at);
        at
    }

    fn mark(&mut self, at: usize) {
        let Slot { action, effect, answered, .. } = self.slots[at];
        if effect != Effect::Observes {
            let others = self.overwriters.or(&self.waiting.changers);
            for other in others.ones() {
                if self.slots[other].action != action {
                    continue;
                }
                let other_is_better = self.slots[other].answered <= answered;
                let (better, worse) = if other_is_better { (other, at) } else { (at, other) };
                self.slots[worse].better.insert(better);
            }
        }
        match effect {
            Effect::Observes => self.waiting.observers.insert(at),
            Effect::Overwrites => self.overwriters.insert(at),
            Effect::Changes => self.waiting.changers.insert(at),
        }
        if answered != NEVER {
            self.waiting.obliged.insert(at);
        }
    }

    /// Frees a slot.
    pub(crate) fn release(&mut self, at: usize) {
        if self.slots[at].effect != Effect::Observes {
            let others = self.overwriters.or(&self.waiting.changers);
            others.ones().for_each(|other| self.slots[other].better.remove(at));
        }
        self.waiting.observers.remove(at);
        self.waiting.changers.remove(at);
        self.waiting.obliged.remove(at);
        self.overwriters.remove(at);
        self.free.push(at);
    }

    /// The slot of an operation that is to be answered.
    pub(crate) fn find(&self, place: u32) -> Option<usize> {
        self.waiting.obliged.ones().find(|slot| self.slots[*slot].entry == place)
    }

    /// Crashed overwriting operations that lead to states nobody needs any more.
    pub(crate) fn useless(&self, event: u32) -> Vec<usize> {
        let crashed = self.overwriters.without(&self.waiting.obliged);
        crashed.ones().filter(|slot| self.slots[*slot].needed_until < event).collect()
    }

    /// The waiting operations whose order with the one in slot `last` may matter, itself among
    /// them: those that do not commute with it, or with one of these. The others can take effect
    /// after it as well.
    ///
    /// # Errors
    /// The time is over.
    pub(crate) fn relevant<S: Specification<Action = A>>(
        &self,
        last: usize,
        specification: &S,
        pace: &mut Pace,
        limits: &Limits,
    ) -> Result<B, Limit> {
        let mut rest = self.overwriters.or(&self.waiting.changers).or(&self.waiting.observers);
        rest.remove(last);
        let (mut relevant, mut found) = (B::default(), B::default());
        found.insert(last);
        loop {
            let Some(one) = found.ones().next() else { return Ok(relevant) };
            if rest == B::default() {
                return Ok(relevant.or(&found));
            }
            found.remove(one);
            relevant.insert(one);
            let action = self.slots[one].action;
            for other in rest.ones() {
                pace.spend(WORK_PER_STEP, limits)?;
                if !specification.commutes(self.slots[other].action, action) {
                    found.insert(other);
                }
            }
            rest = rest.without(&found);
        }
    }

    /// Whether a waiting operation that is not in `used` may be allowed by `state` alone.
    pub(crate) fn enables(&self, state: State, used: &B) -> bool {
        let rest = self.waiting.observers.or(&self.waiting.changers).without(used);
        rest.ones().any(|slot| self.slots[slot].needs.is_none_or(|needs| needs == state))
    }

    /// How much memory a configuration's sets take beside itself.
    pub(crate) fn bytes_of_sets(&self) -> usize {
        if B::SLOTS_MAX.is_some() { 0 } else { 2 * self.slots.len().div_ceil(8) + 16 }
    }

    pub(crate) fn widen<W: Bits>(self) -> Slots<A, W> {
        let wider = |slot: Slot<A, B>| Slot {
            better: slot.better.widen(),
            action: slot.action,
            entry: slot.entry,
            answered: slot.answered,
            effect: slot.effect,
            needs: slot.needs,
            leads_to: slot.leads_to,
            needed_until: slot.needed_until,
        };
        Slots {
            slots: self.slots.into_iter().map(wider).collect(),
            free: self.free,
            waiting: self.waiting.widen(),
            overwriters: self.overwriters.widen(),
        }
    }
}
