//! The intervals of a core as long as they can be.

use super::shrink::{Entry, Shrinking};
use crate::intervals::widen_while;
use crate::{Interval, Specification};

/// Moves the events apart as far as the contradiction allows, until the time is over.
pub(super) fn widen<S: Specification>(
    entries: &mut [Entry<S::Action>],
    shrinking: &mut Shrinking<'_, S>,
) {
    let mut intervals = intervals(entries);
    widen_while(&mut intervals, |intervals, overlapping| {
        if shrinking.is_over_for(entries.len()) {
            return None;
        }
        // What could see what was before the write that hides it must stay behind it.
        let unhides = overlapping.iter().any(|at| shrinking.is_pinned(&entries[*at]))
            && overlapping.iter().any(|at| shrinking.must_follow(&entries[*at]));
        if unhides {
            return Some(false);
        }
        place(entries, intervals);
        Some(shrinking.is_violated(entries))
    });
    place(entries, &intervals);
}

pub(super) fn intervals<A>(entries: &[Entry<A>]) -> Vec<Interval> {
    let weakened = entries.iter().map(|entry| entry.kept.weakened);
    weakened.map(|it| Interval { invoked: it.invoked, answered: it.answered }).collect()
}

fn place<A>(entries: &mut [Entry<A>], intervals: &[Interval]) {
    for (entry, interval) in entries.iter_mut().zip(intervals) {
        let weakened = &mut entry.kept.weakened;
        (weakened.invoked, weakened.answered) = (interval.invoked, interval.answered);
    }
}
