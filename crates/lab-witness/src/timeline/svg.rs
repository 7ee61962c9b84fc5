//! A timeline as a picture: lanes as rows, operations as bars, and the orders that matter.

use super::cap::Drawn;
use super::{Span, Timeline};
use crate::drawing::{COLUMN_PX, Drawing, Ink};
use crate::lines::{columns, lines};

const MARGIN_PX: usize = 24;
const LINE_PX: usize = 20;
const LANE_PX: usize = 44;
const BAR_PX: usize = 26;
/// From the middle of a line of text down to its baseline.
const BASELINE_PX: usize = 4;
/// What stands below the lanes is given at least so much room.
const TEXT_COLUMNS_MIN: usize = 72;
/// The longest name of a line below the lanes, and two blanks.
const NAME_COLUMNS: usize = 6;
const FAINT: &str = "#d0d7de";
const ORDER: &str = "#6e7781";
const CALM: &str = "#ddf4ff";
const CALM_EDGE: &str = "#1d4ed8";
const ALARM: &str = "#ffebe9";
const ALARM_EDGE: &str = "#b42318";

impl Timeline {
    /// The timeline as an SVG 1.1 document, the last line ended.
    pub fn to_svg(&self) -> String {
        let Drawn { timeline, layout, left_out } = self.drawn();
        let names = timeline.lanes.iter().map(|name| columns(name)).max().unwrap_or_default() + 2;
        let left = MARGIN_PX + names * COLUMN_PX;
        let bars_end = left + (layout.end + 1) * COLUMN_PX;
        let end = bars_end.max(MARGIN_PX + TEXT_COLUMNS_MIN * COLUMN_PX);
        let mut page = Page { drawing: Drawing::default(), y: MARGIN_PX, end };
        page.block(0, Ink::Alarm, &timeline.headline);
        page.y += LINE_PX;
        let top = page.y;
        page.lanes(&timeline.lanes);
        page.orders(&timeline.orders, |at| {
            let span = &timeline.spans[at];
            let (from, until) = layout.of(span);
            (left + from * COLUMN_PX, left + until * COLUMN_PX, middle(top, span.lane))
        });
        for span in &timeline.spans {
            let (from, until) = layout.of(span);
            page.bar(span, (left + from * COLUMN_PX, left + until * COLUMN_PX), top);
        }
        page.y += LINE_PX / 2;
        page.block(0, Ink::Pale, left_out.as_deref().unwrap_or_default());
        for (name, line) in timeline.closing() {
            page.y += LINE_PX / 2;
            page.drawing.text((MARGIN_PX, page.y + LINE_PX), Ink::Pale, name);
            page.block(NAME_COLUMNS * COLUMN_PX, Ink::Plain, &line);
        }
        let size = (end + MARGIN_PX, page.y + MARGIN_PX);
        page.drawing.document(size, &timeline.headline, &timeline.sentence)
    }
}

/// What is drawn, from top to bottom: how far down it has come, and where it ends on the right.
struct Page {
    drawing: Drawing,
    y: usize,
    end: usize,
}

impl Page {
    /// Lines below what is there, from so far on the right of the margin.
    fn block(&mut self, indent: usize, ink: Ink, text: &str) {
        let x = MARGIN_PX + indent;
        for line in lines(text, (self.end - x) / COLUMN_PX) {
            self.y += LINE_PX;
            self.drawing.text((x, self.y), ink, &line);
        }
    }

    fn lanes(&mut self, names: &[String]) {
        let top = self.y;
        for (lane, name) in names.iter().enumerate() {
            let y = middle(top, lane);
            self.drawing.text((MARGIN_PX, y + BASELINE_PX), Ink::Bold, name);
            let line = top + (lane + 1) * LANE_PX;
            self.drawing.line(&[(MARGIN_PX, line), (self.end, line)], FAINT, 1, false);
        }
        self.y += names.len() * LANE_PX;
    }

    /// A dashed line from the end of one bar to the beginning of another.
    fn orders(
        &mut self,
        orders: &[(usize, usize)],
        place: impl Fn(usize) -> (usize, usize, usize),
    ) {
        for (before, after) in orders {
            let ((_, end, from_y), (start, _, to_y)) = (place(*before), place(*after));
            self.drawing.line(&[(end, from_y), (start, to_y)], ORDER, 2, true);
        }
    }

    fn bar(&mut self, span: &Span, (from, until): (usize, usize), top: usize) {
        let y = middle(top, span.lane) - BAR_PX / 2;
        let (fill, edge, ink) = if span.is_blamed {
            (ALARM, ALARM_EDGE, Ink::Alarm)
        } else {
            (CALM, CALM_EDGE, Ink::Plain)
        };
        let is_open = span.until.is_none() || span.has_failed || span.is_maybe;
        self.drawing.bar((from, y), (until - from, BAR_PX), fill, (edge, is_open));
        let label = span.short();
        let room = (until - from).saturating_sub(columns(&label) * COLUMN_PX);
        let at = (from + room / 2, y + BAR_PX / 2 + BASELINE_PX);
        self.drawing.text(at, ink, &label);
    }
}

fn middle(top: usize, lane: usize) -> usize {
    top + lane * LANE_PX + LANE_PX / 2
}
