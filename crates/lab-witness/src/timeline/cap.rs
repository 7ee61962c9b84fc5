//! What is drawn of a timeline that is too large: the JSON has all of it.

use super::{Layout, Timeline};

/// So many operations are drawn, if they take no more columns than this, but at least two.
const SPANS_MAX: usize = 40;
const COLUMNS_MAX: usize = 320;
const SPANS_MIN: usize = 2;
/// So many notes are written.
const NOTES_MAX: usize = 16;
/// A line of text is so long.
const LINE_MAX: usize = 400;

/// What can be drawn, and what is said of the operations that are not.
pub(super) struct Drawn {
    pub(super) timeline: Timeline,
    pub(super) layout: Layout,
    pub(super) left_out: Option<String>,
}

impl Timeline {
    /// The timeline as it is drawn.
    pub(super) fn drawn(&self) -> Drawn {
        let mut count = self.spans.len().min(SPANS_MAX);
        let mut layout = Layout::new(&self.spans[..count]);
        while count > SPANS_MIN && layout.end > COLUMNS_MAX {
            count -= 1;
            layout = Layout::new(&self.spans[..count]);
        }
        let left_out = self.spans.len() - count;
        let operations = if left_out == 1 { "operation" } else { "operations" };
        let timeline = Timeline {
            headline: cut(&self.headline),
            lanes: self.lanes.iter().map(|name| cut(name)).collect(),
            spans: self.spans[..count].to_vec(),
            orders: self.orders_below(count),
            sentence: cut(&self.sentence),
            notes: self.notes_drawn(),
        };
        let timeline = if left_out > 0 { timeline.without_empty_lanes() } else { timeline };
        let left_out = (left_out > 0).then(|| format!("… and {left_out} more {operations}"));
        Drawn { timeline, layout, left_out }
    }

    fn orders_below(&self, count: usize) -> Vec<(usize, usize)> {
        let is_drawn = |(one, other): &&(usize, usize)| *one.max(other) < count;
        self.orders.iter().filter(is_drawn).copied().collect()
    }

    fn notes_drawn(&self) -> Vec<String> {
        let mut notes: Vec<String> = self.notes.iter().take(NOTES_MAX).map(|it| cut(it)).collect();
        if let left_out @ 1.. = self.notes.len() - notes.len() {
            let word = if left_out == 1 { "note" } else { "notes" };
            notes.push(format!("… and {left_out} more {word}"));
        }
        notes
    }

    /// Without the lanes of which no operation is drawn.
    fn without_empty_lanes(mut self) -> Self {
        let mut lanes: Vec<usize> = self.spans.iter().map(|span| span.lane).collect();
        lanes.sort_unstable();
        lanes.dedup();
        for span in &mut self.spans {
            span.lane = lanes.partition_point(|lane| *lane < span.lane);
        }
        let name = |lane: &usize| self.lanes.get(*lane).cloned().unwrap_or_default();
        self.lanes = lanes.iter().map(name).collect();
        self
    }
}

/// A line, cut where it is too long.
fn cut(line: &str) -> String {
    let left_out = line.chars().count().saturating_sub(LINE_MAX);
    if left_out == 0 {
        return line.to_owned();
    }
    let line: String = line.chars().take(LINE_MAX).collect();
    format!("{line}… and {left_out} more characters")
}
