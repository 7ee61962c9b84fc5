//! The lanes in text: `|-- write 1 --|` is answered, `--x` has failed, `--?` is open.

use std::fmt::Write as _;

use super::cap::Drawn;
use super::{Layout, Span, Timeline};
use crate::lines::columns;

impl Timeline {
    /// The timeline in lines of text, the last one ended.
    pub fn to_text(&self) -> String {
        format!("{}\n{}", self.drawn().timeline.headline, self.body())
    }

    /// What stands below the headline.
    pub fn body(&self) -> String {
        let Drawn { timeline, layout, left_out } = self.drawn();
        let mut text = timeline.lanes_text(&layout);
        if let Some(left_out) = left_out {
            let _ = writeln!(text, "  {left_out}");
        }
        for (name, line) in timeline.closing() {
            let _ = writeln!(text, "  {name:<4} {line}");
        }
        text
    }

    fn lanes_text(&self, layout: &Layout) -> String {
        let names = self.lanes.iter().map(|name| columns(name)).max().unwrap_or_default();
        let mut text = String::new();
        for (lane, name) in self.lanes.iter().enumerate() {
            let padding = names - columns(name);
            let mut line = format!("  {name}{}  ", " ".repeat(padding));
            let start = columns(&line);
            for span in self.spans.iter().filter(|span| span.lane == lane) {
                let (from, until) = layout.of(span);
                let gap = (start + from).saturating_sub(columns(&line));
                line.push_str(&" ".repeat(gap));
                line.push_str(&bar(span, until - from));
            }
            let _ = writeln!(text, "{line}");
        }
        text
    }
}

/// A bar of so many columns and one.
fn bar(span: &Span, width: usize) -> String {
    let label = span.short();
    let dashes = (width + 1).saturating_sub(columns(&label) + 4);
    let (before, after) = ("-".repeat(dashes / 2), "-".repeat(dashes - dashes / 2));
    format!("|{before} {label} {after}{}", span.end())
}
