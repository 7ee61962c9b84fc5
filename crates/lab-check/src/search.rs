//! The frontier search: every configuration that explains the events so far, event by event.
//!
//! An operation takes effect as late as it can, just before an answer that needs it: just-in-time
//! linearization (Lowe, "Testing for linearizability", CCPE 2017), which goes back to Wing and Gong
//! (JPDC 1993). What keeps the frontier small:
//!
//! - an operation that changes nothing takes effect at once where its answer is right;
//! - of two configurations of which one can do whatever the other can, one is kept;
//! - an overwriting operation hides what took effect just before it, so that waiting overwriting
//!   operations need no choice of their own then: they become optional;
//! - of equal operations the one whose answer comes first goes first, those without answer last;
//! - the whole history is there, so a state that no later answer needs is dead.

#[cfg(test)]
mod tests;

use crate::bits::Bits;
use crate::configuration::{Antichain, Configuration};
use crate::limits::{Limits, Pace, WORK_PER_STEP};
use crate::needs::{Needs, is_idle};
use crate::parts::{Entry, PartEvent, PartEvents};
use crate::path::{Node, Paths, ROOT};
use crate::slots::{Slot, Slots};
use crate::{Effect, Limit, OperationId, Specification, State};

/// The search in one part of a history. It can be paused and gone on with.
pub(crate) struct Search<A, B> {
    events: PartEvents,
    needs: Needs,
    slots: Slots<A, B>,
    frontier: Vec<Configuration<B>>,
    /// While an answer is being explained: the slot of its operation, and how much is done of the
    /// work. What explains it is in `next`.
    closing: Option<Closing>,
    work: Antichain<B>,
    next: Antichain<B>,
    /// The waiting operations that may have to take effect before it.
    relevant: B,
    paths: Paths,
    /// An operation for which there was no slot.
    held: Option<u32>,
    steps: u64,
    looked_at: u64,
    pace: Pace,
}

#[derive(Clone, Copy, Debug)]
struct Closing {
    slot: usize,
    done: usize,
}

/// How far the search came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// To the end.
    Holds,
    /// To the answer of this entry, which nothing explains.
    Died(u32),
    /// As far as it was allowed.
    Paused,
    /// There are more operations at once than this kind of set can hold.
    Full,
}

/// How many steps are taken between two looks at how much is held.
const STEPS_UNLOOKED: u64 = 1024;

impl<A: Copy + Eq, B: Bits> Search<A, B> {
    pub(crate) fn new<S: Specification<Action = A>>(
        entries: &[Entry<A>],
        specification: &S,
    ) -> Self {
        let needs = Needs::of(entries, specification);
        let state = specification.initial();
        let (used, optional) = (B::default(), B::default());
        let needed_until = needs.until(state);
        let first = Configuration { state, node: ROOT, needed_until, used, optional };
        Self {
            events: PartEvents::default(),
            needs,
            slots: Slots::new(),
            frontier: vec![first],
            closing: None,
            work: Antichain::new(),
            next: Antichain::new(),
            relevant: B::default(),
            paths: Paths::default(),
            held: None,
            steps: 0,
            looked_at: 0,
            pace: Pace::default(),
        }
    }

    /// The same search with sets that hold more. It stands between two events.
    pub(crate) fn widen<W: Bits>(self) -> Search<A, W> {
        Search {
            events: self.events,
            needs: self.needs,
            slots: self.slots.widen(),
            frontier: self.frontier.iter().map(Configuration::widen).collect(),
            closing: None,
            work: Antichain::new(),
            next: Antichain::new(),
            relevant: W::default(),
            paths: self.paths,
            held: self.held,
            steps: self.steps,
            looked_at: self.looked_at,
            pace: self.pace,
        }
    }

    /// Goes on for about `steps`.
    ///
    /// # Errors
    /// The time or the memory is spent.
    pub(crate) fn run<S: Specification<Action = A>>(
        &mut self,
        entries: &[Entry<A>],
        specification: &mut S,
        limits: &Limits,
        steps: u64,
    ) -> Result<Progress, Limit> {
        let end = self.steps.saturating_add(steps);
        self.pace.begin();
        while self.steps < end {
            self.step(limits)?;
            if self.steps >= self.looked_at + STEPS_UNLOOKED {
                self.looked_at = self.steps;
                self.pace.bytes = self.bytes() + specification.bytes();
                limits.allow(self.pace.bytes)?;
            }
            if let Some(closing) = self.closing {
                if !self.close_a_bit(closing, specification, limits)? {
                    return Ok(Progress::Died(self.slots.get(closing.slot).entry));
                }
                continue;
            }
            let held = self.held.take().map(PartEvent::Invoked);
            match held.or_else(|| self.events.next(entries)) {
                None => return Ok(Progress::Holds),
                Some(PartEvent::Invoked(place)) => {
                    if !self.invoke(place, entries, specification, limits)? {
                        self.held = Some(place);
                        return Ok(Progress::Full);
                    }
                }
                Some(PartEvent::Answered(place)) => {
                    self.answer(place, entries, specification, limits)?;
                }
            }
        }
        Ok(Progress::Paused)
    }

    /// One more step, which goes through sets.
    fn step(&mut self, limits: &Limits) -> Result<(), Limit> {
        self.steps += 1;
        self.pace.spend(WORK_PER_STEP * self.relevant.words(), limits)
    }

    /// Gives an operation a slot. An observer takes effect wherever its answer is right.
    fn invoke<S: Specification<Action = A>>(
        &mut self,
        place: u32,
        entries: &[Entry<A>],
        specification: &mut S,
        limits: &Limits,
    ) -> Result<bool, Limit> {
        let entry = &entries[place as usize];
        let effect = specification.effect(entry.action);
        if is_idle(effect, entry) {
            return Ok(true);
        }
        if !self.slots.has_room() {
            self.drop_useless(entry.invoked, limits)?;
        }
        if !self.slots.has_room() {
            return Ok(false);
        }
        let at = self.slots.take(place, entry, specification, &self.needs);
        if effect == Effect::Observes {
            let slot = self.slots.get(at);
            self.pace.spend(self.frontier.len() as u64, limits)?;
            for configuration in &mut self.frontier {
                if slot.allows(configuration.state, specification, &mut self.pace, limits)? {
                    configuration.used.insert(at);
                    configuration.node = self.paths.step(configuration.node, place);
                }
            }
        }
        Ok(true)
    }

    /// Begins to explain an answer; where every configuration does already, ends as well.
    fn answer<S: Specification<Action = A>>(
        &mut self,
        place: u32,
        entries: &[Entry<A>],
        specification: &S,
        limits: &Limits,
    ) -> Result<(), Limit> {
        self.slots.waiting.event = entries[place as usize].answered;
        // Every operation that is answered was given a slot when it was invoked.
        let Some(slot) = self.slots.find(place) else { return Ok(()) };
        self.pace.spend(self.frontier.len() as u64, limits)?;
        if self.frontier.iter().all(|configuration| configuration.used.contains(slot)) {
            self.frontier.iter_mut().for_each(|configuration| configuration.used.remove(slot));
            self.slots.release(slot);
            return Ok(());
        }
        self.closing = Some(Closing { slot, done: 0 });
        self.relevant = self.slots.relevant(slot, specification, &mut self.pace, limits)?;
        for at in 0..self.frontier.len() {
            self.pace.spend(WORK_PER_STEP, limits)?;
            let configuration = self.frontier[at].clone();
            self.admit(configuration, slot, None, limits)?;
        }
        Ok(())
    }

    /// Takes the next configuration that does not explain the answer yet, or ends where there is
    /// none. Says whether there is an explanation, or still may be.
    fn close_a_bit<S: Specification<Action = A>>(
        &mut self,
        closing: Closing,
        specification: &mut S,
        limits: &Limits,
    ) -> Result<bool, Limit> {
        if let Some(from) = self.work.members.get(closing.done).cloned() {
            self.closing = Some(Closing { done: closing.done + 1, ..closing });
            self.expand(&from, closing.slot, specification, limits)?;
            return Ok(true);
        }
        if self.next.members.is_empty() {
            return Ok(false);
        }
        std::mem::swap(&mut self.frontier, &mut self.next.members);
        self.next.clear();
        self.work.clear();
        self.slots.release(closing.slot);
        self.closing = None;
        self.paths.sweep(self.frontier.iter_mut().map(|one| &mut one.node));
        Ok(true)
    }

    /// Takes a configuration among those that explain the answer of `last`, or that may come to
    /// do so, unless one there dominates it. `step` is the operation and the observers that took
    /// effect and are not on its path yet.
    fn admit(
        &mut self,
        mut new: Configuration<B>,
        last: usize,
        step: Option<(usize, B)>,
        limits: &Limits,
    ) -> Result<(), Limit> {
        let waiting = &self.slots.waiting;
        let explains = new.used.contains(last);
        new.used.remove(last);
        if explains {
            if self.next.lacks(&new, waiting, &mut self.pace, limits)? {
                new.node = self.paths_to(new.node, step.as_ref());
                self.next.replace(new, &self.slots.waiting);
            }
            return Ok(());
        }
        let mut step = step;
        if new.optional.contains(last) {
            let mut absorbed = new.clone();
            absorbed.optional.remove(last);
            if self.next.lacks(&absorbed, waiting, &mut self.pace, limits)? {
                new.node = self.paths_to(new.node, step.take().as_ref());
                absorbed.node = self.paths.absorb(new.node, self.slots.get(last).entry);
                self.next.replace(absorbed, &self.slots.waiting);
            }
            if self.is_unseen(last) {
                return Ok(());
            }
        }
        if self.work.lacks(&new, &self.slots.waiting, &mut self.pace, limits)? {
            new.node = self.paths_to(new.node, step.as_ref());
            self.work.push(new, &self.slots.waiting);
        }
        Ok(())
    }

    #[inline]
    fn paths_to(&mut self, from: Node, step: Option<&(usize, B)>) -> Node {
        let Some((at, observers)) = step else { return from };
        let first = self.paths.step(from, self.slots.get(*at).entry);
        let step = |node, observer| self.paths.step(node, self.slots.get(observer).entry);
        observers.ones().fold(first, step)
    }

    /// Lets each waiting operation take effect that can be of use before `last`, or `last` itself.
    fn expand<S: Specification<Action = A>>(
        &mut self,
        from: &Configuration<B>,
        last: usize,
        specification: &mut S,
        limits: &Limits,
    ) -> Result<(), Limit> {
        let changing = self.slots.overwriters.or(&self.slots.waiting.changers);
        let rest = changing.without(&from.used);
        for at in rest.and(&self.relevant).ones() {
            self.step(limits)?;
            let slot = self.slots.get(at);
            if slot.better.intersects(&rest) || (at != last && !self.is_useful(slot, from, last)) {
                continue;
            }
            let state = match slot.effect {
                Effect::Overwrites => Some(slot.leads_to),
                _ => specification.step(from.state, slot.action),
            };
            if let Some(state) = state {
                let new = self.after(from, at, state, specification, limits)?;
                let mut linearized = new.used.without(&from.used);
                linearized.remove(at);
                self.admit(new, last, Some((at, linearized)), limits)?;
            }
        }
        Ok(())
    }

    /// Whether the operation in `slot` can be of use before that in `last`: overwriting operations
    /// only where somebody sees it before the next of them, and where it is not as well done later.
    fn is_useful(&self, slot: &Slot<A, B>, from: &Configuration<B>, last: usize) -> bool {
        let ends_unseen = self.is_unseen(last);
        slot.effect != Effect::Overwrites
            || (!ends_unseen
                && slot.needed_until >= self.slots.waiting.event
                && self.slots.enables(slot.leads_to, &from.used))
    }

    /// Whether the operation in `slot` overwrites and leads to a state that nobody needs.
    fn is_unseen(&self, slot: usize) -> bool {
        self.slots.get(slot).needed_until < self.slots.waiting.event
    }

    /// The configuration in which the operation in slot `at` took effect last, and with it every
    /// observer that is right now.
    fn after<S: Specification<Action = A>>(
        &mut self,
        from: &Configuration<B>,
        at: usize,
        state: State,
        specification: &mut S,
        limits: &Limits,
    ) -> Result<Configuration<B>, Limit> {
        let mut used = from.used.clone();
        used.insert(at);
        for observer in self.slots.waiting.observers.without(&used).ones() {
            let slot = self.slots.get(observer);
            if slot.allows(state, specification, &mut self.pace, limits)? {
                used.insert(observer);
            }
        }
        let (needed_until, optional) = match self.slots.get(at).effect {
            Effect::Overwrites => {
                let optional = self.slots.overwriters.and(&self.slots.waiting.obliged);
                (self.slots.get(at).needed_until, optional.without(&used))
            }
            _ => (self.needs.until(state), from.optional.without(&used)),
        };
        Ok(Configuration { state, node: from.node, needed_until, used, optional })
    }

    /// Frees the slots of crashed operations that can be of no use any more.
    fn drop_useless(&mut self, event: u32, limits: &Limits) -> Result<(), Limit> {
        for slot in self.slots.useless(event) {
            self.pace.spend(self.frontier.len() as u64, limits)?;
            self.slots.release(slot);
            self.frontier.iter_mut().for_each(|configuration| configuration.used.remove(slot));
        }
        Ok(())
    }

    /// An order that explains what came before the event where the search stands.
    pub(crate) fn order<S: Specification<Action = A>>(
        &self,
        entries: &[Entry<A>],
        specification: &S,
    ) -> Vec<OperationId> {
        let node = self.frontier.first().map_or(ROOT, |configuration| configuration.node);
        self.paths.order(node, entries, specification)
    }

    /// The place among all events of the first one that is not explained yet.
    pub(crate) fn upcoming(&self, entries: &[Entry<A>]) -> u32 {
        match (self.closing, self.held) {
            (Some(closing), _) => self.slots.get(closing.slot).answered,
            (None, Some(held)) => entries[held as usize].invoked,
            (None, None) => self.events.upcoming(entries),
        }
    }

    /// How many configurations are held.
    pub(crate) fn configurations(&self) -> usize {
        self.frontier.len() + self.work.members.len() + self.next.members.len()
    }

    /// How much memory is held.
    pub(crate) fn bytes(&self) -> usize {
        self.frontier.capacity() * size_of::<Configuration<B>>()
            + self.work.bytes()
            + self.next.bytes()
            + self.configurations() * self.slots.bytes_of_sets()
            + self.paths.bytes()
            + self.needs.bytes()
    }
}
