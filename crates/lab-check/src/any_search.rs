//! The search with sets as wide as it needs.

use crate::bits::ManyWords;
use crate::limits::Limits;
use crate::parts::Entry;
use crate::search::{Progress, Search};
use crate::{Limit, OperationId, Specification};

/// A search that begins with sets of 64 and takes wider ones when they are full.
pub(crate) enum AnySearch<A> {
    One(Search<A, u64>),
    Two(Search<A, u128>),
    Many(Search<A, ManyWords>),
}

/// Does the same with each kind of search.
macro_rules! each {
    ($any:expr, $search:ident => $do:expr) => {
        match $any {
            Self::One($search) => $do,
            Self::Two($search) => $do,
            Self::Many($search) => $do,
        }
    };
}

impl<A: Copy + Eq> AnySearch<A> {
    pub(crate) fn new<S: Specification<Action = A>>(
        entries: &[Entry<A>],
        specification: &S,
    ) -> Self {
        Self::One(Search::new(entries, specification))
    }

    /// Goes on for about `steps`. It never says [`Progress::Full`].
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
        loop {
            let progress = each!(self, search => search.run(entries, specification, limits, steps));
            match progress {
                Ok(Progress::Full) => self.widen(entries, specification),
                progress => return progress,
            }
        }
    }

    fn widen<S: Specification<Action = A>>(&mut self, entries: &[Entry<A>], specification: &S) {
        let narrow = std::mem::replace(self, Self::new(&entries[..0], specification));
        *self = match narrow {
            Self::One(search) => Self::Two(search.widen()),
            Self::Two(search) => Self::Many(search.widen()),
            Self::Many(search) => Self::Many(search),
        };
    }

    /// As [`Search::order`].
    pub(crate) fn order<S: Specification<Action = A>>(
        &self,
        entries: &[Entry<A>],
        specification: &S,
    ) -> Vec<OperationId> {
        each!(self, search => search.order(entries, specification))
    }

    /// As [`Search::upcoming`].
    pub(crate) fn upcoming(&self, entries: &[Entry<A>]) -> u32 {
        each!(self, search => search.upcoming(entries))
    }

    /// As [`Search::configurations`].
    pub(crate) fn configurations(&self) -> usize {
        each!(self, search => search.configurations())
    }

    /// As [`Search::bytes`].
    pub(crate) fn bytes(&self) -> usize {
        each!(self, search => search.bytes())
    }
}
