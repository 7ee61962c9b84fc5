//! Where bars begin and end, so that each has room for what it says.

use std::collections::BTreeMap;

use super::Span;
use crate::lines::columns;

/// `|-- ` before what a bar says and ` --|` after it.
const MARKS: usize = 8;
/// Between two events.
const STEP: usize = 2;

/// The column of each event.
pub(super) struct Layout {
    columns: BTreeMap<u64, usize>,
    /// Where bars end that have no answer.
    pub(super) end: usize,
}

impl Layout {
    pub(super) fn new(spans: &[Span]) -> Self {
        let mut columns: BTreeMap<u64, usize> = spans.iter().map(|span| (span.from, 0)).collect();
        columns.extend(spans.iter().filter_map(|span| span.until).map(|until| (until, 0)));
        let mut next = 0;
        let events: Vec<u64> = columns.keys().copied().collect();
        for event in events {
            let ending = spans.iter().filter(|span| span.until == Some(event));
            let room = ending.map(|span| columns[&span.from] + width(span)).max();
            let column = next.max(room.unwrap_or_default());
            columns.insert(event, column);
            next = column + STEP;
        }
        let open = spans.iter().filter(|span| span.until.is_none());
        let end = open.map(|span| columns[&span.from] + width(span)).max().unwrap_or_default();
        Self { columns, end: end.max(next.saturating_sub(STEP)) }
    }

    /// The columns at which a bar begins and ends.
    pub(super) fn of(&self, span: &Span) -> (usize, usize) {
        let from = self.columns.get(&span.from).copied().unwrap_or_default();
        let until = span.until.and_then(|until| self.columns.get(&until)).copied();
        (from, until.unwrap_or(self.end))
    }
}

/// From the first column of a bar to its last, at the least.
fn width(span: &Span) -> usize {
    columns(&span.short()) + MARKS - 1
}
