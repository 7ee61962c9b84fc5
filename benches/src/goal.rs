//! One thing that is to be reached, and whether a run did.

use std::fmt::Write;

/// What is to be reached, and how far one run came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    /// What is measured.
    pub what: String,
    /// What it must come to.
    pub wanted: String,
    /// What it came to.
    pub reached: Reached,
}

/// How far a run came, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reached {
    /// As far as it must.
    Met(String),
    /// Not as far.
    NotMet(String),
    /// Nobody knows: it was not measured, and why.
    NotRun(String),
}

impl Reached {
    /// Met where `is_met`.
    pub fn judged(is_met: bool, reached: String) -> Self {
        if is_met { Self::Met(reached) } else { Self::NotMet(reached) }
    }
}

impl Goal {
    /// A goal, with what was reached or with what stands in the way of judging that.
    pub fn new(what: &str, wanted: &str, reached: Result<Reached, Reached>) -> Self {
        let reached = reached.unwrap_or_else(|instead| instead);
        Self { what: what.to_owned(), wanted: wanted.to_owned(), reached }
    }
}

/// The section of a report, a line for each goal.
pub fn goal_table(goals: &[Goal]) -> String {
    let mut text =
        "## What it must reach\n\n| what | wanted | reached | |\n|---|---|---|---|\n".to_owned();
    for Goal { what, wanted, reached } in goals {
        let (reached, word) = match reached {
            Reached::Met(reached) => (reached, "✓ met"),
            Reached::NotMet(reached) => (reached, "✗ not met"),
            Reached::NotRun(why) => (why, "not run"),
        };
        // Writing to a string does not fail.
        let _ = writeln!(text, "| {what} | {wanted} | {reached} | {word} |");
    }
    text + "\n"
}
