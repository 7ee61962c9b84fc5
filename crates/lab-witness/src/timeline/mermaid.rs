//! A timeline as a Mermaid Gantt chart, for markdown that is read on a page.

use std::fmt::Write as _;

use super::Timeline;
use super::cap::Drawn;
use crate::mermaid::escaped;

impl Timeline {
    /// The timeline as a Mermaid `gantt`, the last line ended: a section for each lane, a bar for
    /// each operation. The axis has no unit; it is the order of events.
    pub fn to_mermaid(&self) -> String {
        let Drawn { timeline, layout, left_out } = self.drawn();
        let mut text = format!("gantt\n  title {}\n", word(&timeline.sentence));
        text.push_str("  dateFormat x\n  axisFormat %L\n  tickInterval 1000second\n");
        for (lane, name) in timeline.lanes.iter().enumerate() {
            let _ = writeln!(text, "  section {}", word(name));
            for span in timeline.spans.iter().filter(|span| span.lane == lane) {
                let (from, until) = layout.of(span);
                let mark = match span.end() {
                    _ if span.is_blamed => "crit, ",
                    '|' => "",
                    _ => "done, ",
                };
                let open = if span.until.is_none() { " (no answer)" } else { "" };
                let label = word(&format!("{}{open}", span.short()));
                let _ = writeln!(text, "  {label} :{mark}{from}, {until}");
            }
        }
        if let Some(left_out) = left_out {
            let _ = writeln!(text, "  section {}", word(&left_out));
        }
        text
    }
}

/// A text as a statement of a Gantt chart has it: a colon would end it.
fn word(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() { "…".to_owned() } else { escaped(&text).replace(':', "#58;") }
}
