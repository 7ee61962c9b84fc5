//! Which versions of a task are still in the one that is there: a save puts back a copy, and what
//! was changed since that was read is gone, though the version counts up.

use std::collections::VecDeque;

/// So many versions are remembered before the oldest is forgotten.
const VERSIONS_MAX: usize = 512;

/// The last versions of one task, with what each of them was made of.
#[derive(Debug)]
pub(super) struct Lineage {
    /// The version of the first of `makers`.
    first: u64,
    makers: VecDeque<Maker>,
    /// How many versions before `first` its maker's copy lacked already, at least.
    lacked: u64,
    /// A version was forgotten, and a copy of it may come back.
    is_cut: bool,
}

/// On which versions those are based that say that they made this one.
#[derive(Clone, Debug, Default)]
struct Maker {
    base: Option<u64>,
    others: Vec<u64>,
}

/// What a version lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lacking {
    /// So many of the changes before it, at least.
    pub(super) versions: u64,
    /// Whether every one of them is known.
    pub(super) is_exact: bool,
}

impl Default for Lineage {
    /// Of a task that was created.
    fn default() -> Self {
        let created = Maker { base: Some(0), others: Vec::new() };
        Self { first: 1, makers: VecDeque::from([created]), lacked: 0, is_cut: false }
    }
}

impl Lineage {
    /// `version` was made of `base`.
    pub(super) fn make(&mut self, version: u64, base: u64) {
        let far = self.first + (self.makers.len() + VERSIONS_MAX) as u64;
        if version < self.first || version > far {
            // What came before cannot be held against it.
            let makers = VecDeque::from([Maker { base: Some(base), others: Vec::new() }]);
            *self = Self { first: version, makers, lacked: 0, is_cut: true };
            return;
        }
        let at = usize::try_from(version - self.first).unwrap_or(usize::MAX);
        if self.makers.len() <= at {
            self.makers.resize_with(at + 1, Maker::default);
        }
        let maker = &mut self.makers[at];
        match maker.base {
            None => maker.base = Some(base),
            Some(known) if known != base && !maker.others.contains(&base) => {
                maker.others.push(base);
            }
            Some(_) => {}
        }
        if self.makers.len() > 2 * VERSIONS_MAX {
            self.forget(self.makers.len() - VERSIONS_MAX);
        }
    }

    /// What `version` lacks of the changes before it.
    pub(super) fn lacking(&self, version: u64) -> Lacking {
        let Some(at) = version.checked_sub(self.first).and_then(|at| usize::try_from(at).ok())
        else {
            return Lacking { versions: 0, is_exact: false };
        };
        let known = self.lacking_until(at.saturating_add(1));
        let last = known.last().copied().unwrap_or(self.lacked);
        let seen = self.makers.iter().take(at.saturating_add(1));
        let is_exact = !self.is_cut
            && at < self.makers.len()
            && seen.into_iter().all(|maker| maker.base.is_some() && maker.others.is_empty());
        Lacking { versions: last, is_exact }
    }

    /// What each of the first `count` versions lacks. Of several makers of one, nobody knows whose
    /// copy stayed: the one that lacks least is taken, and of all bases where none is known.
    fn lacking_until(&self, count: usize) -> Vec<u64> {
        let mut known = Vec::new();
        // What a copy of any version so far would lack.
        let mut least = 0;
        for (version, maker) in (self.first..).zip(self.makers.iter().take(count)) {
            let of = |base: u64| {
                let at = base.checked_sub(self.first).and_then(|at| usize::try_from(at).ok());
                let before: u64 = at.and_then(|at| known.get(at)).copied().unwrap_or(0);
                before + (version - 1).saturating_sub(base)
            };
            let bases = maker.base.into_iter().chain(maker.others.iter().copied());
            let lacks = match version == self.first {
                true => self.lacked,
                false => bases.map(of).min().unwrap_or(least),
            };
            known.push(lacks);
            least = lacks.min(least + 1);
        }
        known
    }

    fn forget(&mut self, count: usize) {
        let known = self.lacking_until(count + 1);
        self.lacked = known.last().copied().unwrap_or(self.lacked);
        self.first += count as u64;
        self.makers.drain(..count);
        self.is_cut = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lineage(made: &[(u64, u64)]) -> Lineage {
        let mut lineage = Lineage::default();
        made.iter().for_each(|(version, base)| lineage.make(*version, *base));
        lineage
    }

    fn lacking(made: &[(u64, u64)], version: u64) -> (u64, bool) {
        let Lacking { versions, is_exact } = lineage(made).lacking(version);
        (versions, is_exact)
    }

    #[test]
    fn what_is_based_on_the_version_before_lacks_nothing() {
        assert_eq!(lacking(&[(2, 1), (3, 2)], 3), (0, true));
    }

    #[test]
    fn a_copy_lacks_all_that_was_changed_since_it_was_read() {
        assert_eq!(lacking(&[(2, 1), (3, 2), (4, 1)], 4), (2, true));
        assert_eq!(lacking(&[(2, 1), (3, 2), (4, 1), (5, 4)], 5), (2, true));
    }

    #[test]
    fn a_copy_of_what_was_overwritten_brings_it_back() {
        assert_eq!(lacking(&[(2, 1), (3, 2), (4, 1), (5, 3)], 5), (1, true));
    }

    #[test]
    fn answers_may_come_in_another_order() {
        assert_eq!(lacking(&[(4, 1), (3, 2), (2, 1)], 4), (2, true));
    }

    #[test]
    fn where_a_maker_is_unknown_or_there_are_two_the_least_is_taken() {
        assert_eq!(lacking(&[(3, 2)], 3), (0, false));
        assert_eq!(lacking(&[(2, 1), (3, 2), (3, 1)], 3), (0, false));
    }

    #[test]
    fn what_is_forgotten_is_still_lacking_and_memory_does_not_grow() {
        let last = 10 * VERSIONS_MAX as u64;
        let mut made = vec![(2, 1), (3, 2), (4, 1)];
        made.extend((5..=last).map(|version| (version, version - 1)));
        assert_eq!(lacking(&made, last), (2, false));
        assert!(lineage(&made).makers.len() <= 2 * VERSIONS_MAX + 1);
    }
}
