//! A set of ids that mostly follow each other.

use std::collections::BTreeMap;

/// Ids as ranges, from the first to the last of each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ids(BTreeMap<u64, u64>);

impl Ids {
    pub(crate) fn contains(&self, id: u64) -> bool {
        self.0.range(..=id).next_back().is_some_and(|(_, last)| id <= *last)
    }

    pub(crate) fn insert(&mut self, id: u64) {
        let before = self.0.range(..=id).next_back().map(|(first, last)| (*first, *last));
        if before.is_some_and(|(_, last)| id <= last) {
            return;
        }
        let joined = before.filter(|(_, last)| last.checked_add(1) == Some(id));
        let first = joined.map_or(id, |(first, _)| first);
        let after = id.checked_add(1).and_then(|next| self.0.remove(&next));
        self.0.insert(first, after.unwrap_or(id));
    }

    pub(crate) fn remove(&mut self, id: u64) {
        let Some((&first, &last)) = self.0.range(..=id).next_back() else { return };
        if id > last {
            return;
        }
        self.0.remove(&first);
        if first < id {
            self.0.insert(first, id - 1);
        }
        if id < last {
            self.0.insert(id + 1, last);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ranges_hold_what_a_set_holds() {
        let mut random = fastrand::Rng::with_seed(1);
        let (mut ids, mut set) = (Ids::default(), BTreeSet::new());
        for _ in 0..10_000 {
            let id = random.u64(0..40);
            if random.bool() {
                ids.insert(id);
                set.insert(id);
            } else {
                ids.remove(id);
                set.remove(&id);
            }
            assert!((0..40).all(|id| ids.contains(id) == set.contains(&id)));
        }
    }

    #[test]
    fn ids_that_follow_each_other_are_one_range() {
        let mut ids = Ids::default();
        for id in [3, 1, 2, u64::MAX, 0] {
            ids.insert(id);
        }
        assert_eq!(ids.0.into_iter().collect::<Vec<_>>(), [(0, 3), (u64::MAX, u64::MAX)]);
    }
}
