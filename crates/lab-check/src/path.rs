//! How each configuration came to be: a tree of linearized operations, held in one vector.

use crate::parts::Entry;
use crate::{Effect, OperationId, Specification};

/// A place in the tree.
pub(crate) type Node = u32;

/// The place before the first operation.
pub(crate) const ROOT: Node = u32::MAX;

/// Set where an operation took effect just before the overwriting one that stands last before it.
const ABSORBED: u32 = 1 << 31;

/// Every step leads back to the one before it.
#[derive(Debug, Default)]
pub(crate) struct Paths {
    steps: Vec<Step>,
    /// Where it was worth while to look for steps that nobody needs any more.
    swept_at: usize,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    before: Node,
    entry: u32,
}

impl Paths {
    const SWEEP_AT_LEAST: usize = 4096;

    /// `entry` takes effect after `before`.
    pub(crate) fn step(&mut self, before: Node, entry: u32) -> Node {
        self.steps.push(Step { before, entry });
        self.steps.len() as Node - 1
    }

    /// `entry` took effect just before the last overwriting operation on the path to `before`.
    pub(crate) fn absorb(&mut self, before: Node, entry: u32) -> Node {
        self.step(before, entry | ABSORBED)
    }

    /// The operations on the way to `node`, in the order in which they took effect.
    pub(crate) fn order<S: Specification>(
        &self,
        node: Node,
        entries: &[Entry<S::Action>],
        specification: &S,
    ) -> Vec<OperationId> {
        let mut order = Vec::new();
        let mut absorbed = Vec::new();
        let mut at = node;
        while at != ROOT {
            let Step { before, entry } = self.steps[at as usize];
            let place = entry & !ABSORBED;
            let Entry { id, action, .. } = entries[place as usize];
            if entry != place {
                absorbed.push(id);
            } else {
                order.push(id);
                if specification.effect(action) == Effect::Overwrites {
                    order.append(&mut absorbed);
                }
            }
            at = before;
        }
        order.reverse();
        order
    }

    /// Forgets the steps that lead to none of `ends`, if there are enough of them, and gives the
    /// ends their new places. The cost is shared by the steps that were added since.
    pub(crate) fn sweep<'a>(&mut self, ends: impl Iterator<Item = &'a mut Node>) {
        if self.steps.len() < Self::SWEEP_AT_LEAST.max(2 * self.swept_at) {
            return;
        }
        let ends: Vec<&mut Node> = ends.collect();
        let mut place = vec![ROOT; self.steps.len()];
        for end in &ends {
            let mut at = **end;
            while at != ROOT && place[at as usize] == ROOT {
                place[at as usize] = 0;
                at = self.steps[at as usize].before;
            }
        }
        let mut kept = 0;
        for at in 0..self.steps.len() {
            if place[at] != ROOT {
                place[at] = kept;
                let Step { before, entry } = self.steps[at];
                let before = if before == ROOT { ROOT } else { place[before as usize] };
                self.steps[kept as usize] = Step { before, entry };
                kept += 1;
            }
        }
        self.steps.truncate(kept as usize);
        self.swept_at = self.steps.len();
        for end in ends {
            *end = if *end == ROOT { ROOT } else { place[*end as usize] };
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.steps.capacity() * size_of::<Step>()
    }
}
