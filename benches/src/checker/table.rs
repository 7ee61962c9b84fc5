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

impl Measured {
    /// The times of all rounds, shortest first, or what happened instead.
    fn times(&self) -> Result<Vec<Duration>, Outcome> {
        let time = |outcome: &Outcome| match outcome {
            Outcome::Decided { time, .. } => Ok(*time),
            other => Err(*other),
        };
        let mut times: Vec<Duration> = self.rounds.iter().map(time).collect::<Result<_, _>>()?;
        times.sort_unstable();
        Ok(times)
    }

    fn median(&self) -> Option<Duration> {
        let times = self.times().ok()?;
        times.get(times.len() / 2).copied()
    }
}

/// The lines of one row, first of which stands against the others.
pub fn table(row: &Row, measured: &[Measured]) -> String {
    let mut text = format!("### {}\n\n{}\n\n", row.name, row.what);
    text +=
        "| checker | verdict | median | shortest to longest | an operation | memory | ratio |\n";
    text += "|---|---|--:|--:|--:|--:|--:|\n";
    let first = measured.first().and_then(Measured::median);
    for one in measured {
        // Writing to a string does not fail.
        let _ = writeln!(text, "| {} | {} |", one.checker.as_str(), cells(one, first));
    }
    text + "\n"
}

fn cells(one: &Measured, first: Option<Duration>) -> String {
    let times = match one.times() {
        Ok(times) => times,
        Err(Outcome::OutOfTime) => return "out of time | | | | |".to_owned(),
        Err(_) => return "out of memory or stack | | | | |".to_owned(),
    };
    let (Some(median), Some(Outcome::Decided { holds, operations, memory_bytes, .. })) =
        (one.median(), one.rounds.first())
    else {
        return "not run | | | | |".to_owned();
    };
    let verdict = if *holds { "holds" } else { "violated" };
    let ratio = first.map_or(1.0, |first| median.as_secs_f64() / first.as_secs_f64());
    format!(
        "{verdict} | {median:.1?} | {:.1?} to {:.1?} | {:.0} ns | {:.1} MB | {ratio:.1}",
        times[0],
        times[times.len() - 1],
        median.as_secs_f64() * 1e9 / *operations as f64,
        *memory_bytes as f64 / 1e6,
    )
}
