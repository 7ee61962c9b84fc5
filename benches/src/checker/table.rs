//! What was measured, as a table for people.

use std::fmt::Write;
use std::time::Duration;

use super::{Checker, Row};

/// How one checker did on one row, in each round.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Which.
    pub checker: Checker,
    /// Each round.
    pub rounds: Vec<Outcome>,
}

/// How one question ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With a verdict.
    Decided {
        /// Whether the history is linearizable.
        holds: bool,
        /// How many operations it has.
        operations: u64,
        /// The time of one decision.
        time: Duration,
        /// How much resident memory came on top while it was decided.
        memory_bytes: u64,
    },
    /// It took longer than it may.
    OutOfTime,
    /// It took more memory than it may, or more stack than there is.
    Died,
}

/// What all rounds of one checker on one history come to.
#[derive(Clone, Copy, Debug)]
pub struct Decided {
    /// Whether the history is linearizable.
    pub holds: bool,
    /// How many operations it has.
    pub operations: u64,
    /// The median, and the time that is meant where there is only one.
    pub time: Duration,
    /// The shortest and the longest.
    pub range: (Duration, Duration),
    /// The most memory of all rounds.
    pub memory_bytes: u64,
}

impl Measured {
    /// All rounds together.
    ///
    /// # Errors
    /// What happened instead, in words.
    pub fn decided(&self) -> Result<Decided, &'static str> {
        let mut times = Vec::new();
        let mut last = Err("not run");
        let mut most_bytes = 0;
        for outcome in &self.rounds {
            let (holds, operations) = match *outcome {
                Outcome::Decided { holds, operations, time, memory_bytes } => {
                    times.push(time);
                    most_bytes = memory_bytes.max(most_bytes);
                    (holds, operations)
                }
                Outcome::OutOfTime => return Err("out of time"),
                Outcome::Died => return Err("out of memory or stack"),
            };
            last = Ok((holds, operations));
        }
        let (holds, operations) = last?;
        times.sort_unstable();
        let (time, range) = (times[times.len() / 2], (times[0], times[times.len() - 1]));
        Ok(Decided { holds, operations, time, range, memory_bytes: most_bytes })
    }
}

impl Decided {
    /// The time of one operation in nanoseconds.
    pub fn per_operation_ns(&self) -> f64 {
        self.time.as_secs_f64() * 1e9 / self.operations as f64
    }
}

/// The lines of one row, first of which stands against the others.
pub fn table(row: &Row, measured: &[Measured]) -> String {
    let mut text = format!("### {}\n\n{}\n\n", row.name, row.what);
    text +=
        "| checker | verdict | median | shortest to longest | an operation | memory | ratio |\n";
    text += "|---|---|--:|--:|--:|--:|--:|\n";
    let first = measured.first().and_then(|one| one.decided().ok());
    for one in measured {
        let cells = match one.decided() {
            Ok(decided) => cells(decided, first),
            Err(instead) => format!("{instead} | | | | |"),
        };
        // Writing to a string does not fail.
        let _ = writeln!(text, "| {} | {cells} |", one.checker.as_str());
    }
    text + "\n"
}

fn cells(one: Decided, first: Option<Decided>) -> String {
    let verdict = if one.holds { "holds" } else { "violated" };
    let (time, (shortest, longest)) = (one.time, one.range);
    let ratio = first.map_or(1.0, |first| time.as_secs_f64() / first.time.as_secs_f64());
    format!(
        "{verdict} | {time:.1?} | {shortest:.1?} to {longest:.1?} | {:.0} ns | {:.1} MB | \
         {ratio:.1}",
        one.per_operation_ns(),
        one.memory_bytes as f64 / 1e6,
    )
}
