//! Which tasks rest, so that a list asks only those that do not.

use super::{FREE, NO_STATUS};

/// For each slot the status of its task, where the task rests: has one version and nothing that is
/// under way. How many rest in each status tells of a list that has as many of them that it lacks
/// none.
#[derive(Debug, Default)]
pub(super) struct Rest {
    statuses: Vec<u8>,
    counts: [usize; NO_STATUS as usize],
    /// The slots of tasks that do not rest, and for each slot its place among them.
    restless: Vec<u32>,
    places: Vec<u32>,
}

impl Rest {
    /// The status of each slot, [`NO_STATUS`] where it does not rest and [`FREE`] without a task.
    pub(super) fn statuses(&self) -> &[u8] {
        &self.statuses
    }

    /// The slots of tasks that do not rest.
    pub(super) fn restless(&self) -> &[u32] {
        &self.restless
    }

    /// How many tasks rest in `status`, or at all.
    pub(super) fn count(&self, status: Option<u8>) -> usize {
        status.map_or(self.counts.iter().sum(), |status| self.counts[usize::from(status)])
    }

    /// One more slot, without a task.
    pub(super) fn grow(&mut self) {
        self.statuses.push(FREE);
        self.places.push(0);
    }

    pub(super) fn set(&mut self, slot: u32, status: u8) {
        let before = std::mem::replace(&mut self.statuses[slot as usize], status);
        if before == status {
            return;
        }
        match before {
            NO_STATUS => self.remove(slot),
            FREE => {}
            _ => self.counts[usize::from(before)] -= 1,
        }
        match status {
            NO_STATUS => {
                self.places[slot as usize] = u32::try_from(self.restless.len()).unwrap_or(0);
                self.restless.push(slot);
            }
            FREE => {}
            _ => self.counts[usize::from(status)] += 1,
        }
    }

    fn remove(&mut self, slot: u32) {
        let place = self.places[slot as usize];
        self.restless.swap_remove(place as usize);
        if let Some(moved) = self.restless.get(place as usize) {
            self.places[*moved as usize] = place;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_the_restless_are_those_of_all_slots() {
        let mut random = fastrand::Rng::with_seed(1);
        let mut rest = Rest::default();
        (0..12).for_each(|_| rest.grow());
        for _ in 0..10_000 {
            rest.set(random.u32(0..12), random.u8(0..=FREE));
            let of = |status: u8| -> usize {
                rest.statuses().iter().filter(|it| **it == status).count()
            };
            assert!((0..NO_STATUS).all(|status| rest.count(Some(status)) == of(status)));
            assert_eq!(rest.count(None), (0..NO_STATUS).map(of).sum::<usize>());
            let mut restless = rest.restless().to_vec();
            restless.sort_unstable();
            let expected = (0..12).filter(|slot| rest.statuses()[*slot as usize] == NO_STATUS);
            assert_eq!(restless, expected.collect::<Vec<u32>>());
        }
    }
}
