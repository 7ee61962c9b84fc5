//! A few operations of a history in real time: a lane for each process, a bar for each operation.

mod cap;
mod layout;
mod mermaid;
mod svg;
mod text;

use serde::{Deserialize, Serialize};

use layout::Layout;

/// So much of what an operation did is shown.
const LABEL_COLUMNS_MAX: usize = 40;

/// Operations that prove something, in real time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// What is proved, and of what.
    pub headline: String,
    /// The names of the lanes.
    pub lanes: Vec<String>,
    /// The operations, in the order in which they began.
    pub spans: Vec<Span>,
    /// Pairs of operations, by position: that the first was answered before the second was invoked
    /// is needed for the proof.
    pub orders: Vec<(usize, usize)>,
    /// The contradiction in a sentence.
    pub sentence: String,
    /// What else has to be known.
    pub notes: Vec<String>,
}

/// One operation, from its invocation to its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Whose it is, by position among the lanes.
    pub lane: usize,
    /// What was asked, and what was answered.
    pub label: String,
    /// The place of the invocation in the order of events, from 1.
    pub from: u64,
    /// The place of the answer; none if it may take effect at any later time.
    pub until: Option<u64>,
    /// When it was invoked, and when it was answered, in nanoseconds, where that was recorded.
    pub times_ns: Option<(u64, Option<u64>)>,
    /// Whether it did not happen.
    pub has_failed: bool,
    /// Whether it is the one whose answer nothing explains.
    pub is_blamed: bool,
    /// Whether it may have happened or not as far as the proof goes, and later than it was
    /// answered, whatever that was.
    #[serde(default)]
    pub is_maybe: bool,
}

impl Timeline {
    /// What stands below the lanes: each line with its name.
    fn closing(&self) -> Vec<(&'static str, String)> {
        let mut lines = vec![("so", self.sentence.clone())];
        lines.extend(self.notes.iter().map(|note| ("note", note.clone())));
        let start_ns = self.spans.iter().filter_map(|span| span.times_ns).map(|(from, _)| from);
        let start_ns = start_ns.min().unwrap_or_default();
        lines.extend(self.spans.iter().map(|span| ("when", self.when(span, start_ns))));
        lines
    }

    /// From when to when an operation was under way: times after `start_ns`, or events counted
    /// from 1 where there are no times.
    fn when(&self, span: &Span, start_ns: u64) -> String {
        let name = self.lanes.get(span.lane).map_or("", String::as_str);
        let after = |time_ns: u64| spelled(time_ns.saturating_sub(start_ns));
        let event = |event: u64| format!("event {event}");
        let (from, until) = match span.times_ns {
            Some((from_ns, until_ns)) => (after(from_ns), until_ns.map(after)),
            None => (event(span.from), span.until.map(event)),
        };
        let open = if span.is_maybe { "on, if at all" } else { "and no answer" };
        let until = until.filter(|_| !span.is_maybe);
        let until = until.map_or(open.to_owned(), |until| format!("to {until}"));
        format!("{name} {}: from {from} {until}", span.short())
    }
}

/// A time in the unit that it is read in.
fn spelled(time_ns: u64) -> String {
    let in_unit = |unit_ns: f64| time_ns as f64 / unit_ns;
    match time_ns {
        0..1_000 => format!("{time_ns} ns"),
        1_000..1_000_000 => format!("{:.2} µs", in_unit(1e3)),
        1_000_000..1_000_000_000 => format!("{:.2} ms", in_unit(1e6)),
        _ => format!("{:.3} s", in_unit(1e9)),
    }
}

impl Span {
    /// What it did, cut where it is too long.
    fn short(&self) -> String {
        let label: String = self.label.split_whitespace().collect::<Vec<_>>().join(" ");
        if label.chars().count() <= LABEL_COLUMNS_MAX {
            return label;
        }
        label.chars().take(LABEL_COLUMNS_MAX - 1).chain(['…']).collect()
    }

    /// How a bar ends: answered, failed, or open.
    fn end(&self) -> char {
        match self.until {
            _ if self.has_failed => 'x',
            Some(_) if !self.is_maybe => '|',
            _ => '?',
        }
    }
}
