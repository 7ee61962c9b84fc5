//! What it costs to shrink a violation, as a multiple of finding it.

use std::fmt::Write;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use lab_check::{Budget, Core, History, Register, Verdict, check};

use super::{Plan, registers};

const ROUNDS: usize = 5;
const TIME_MAX: Duration = Duration::from_secs(60);

/// What it took to shrink the violation of one history.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The history.
    pub name: String,
    /// The median time of the check.
    pub checked: Duration,
    /// The median time of shrinking, on top of that.
    pub shrunk: Duration,
    /// How many operations the core has.
    pub core_operations: usize,
    /// Whether nothing more can be taken from it.
    pub is_minimal: bool,
}

impl Shrunk {
    /// Shrinking as a multiple of the check.
    pub fn times(&self) -> f64 {
        self.shrunk.as_secs_f64() / self.checked.as_secs_f64()
    }
}

/// Registers with a stale read at the end, each checked and shrunk.
///
/// # Errors
/// A history with a stale read holds.
pub fn shrinking() -> Result<Vec<Shrunk>> {
    let unique = Plan { operations: 100_000, clients: 8, keys: 1, unique: true, lie: true };
    let plans = [
        Plan { operations: 10_000, ..unique },
        unique,
        Plan { operations: 10_000, unique: false, ..unique },
        Plan { unique: false, ..unique },
        Plan { operations: 100, clients: 32, unique: false, ..unique },
    ];
    plans.into_iter().map(shrink).collect()
}

fn shrink(plan: Plan) -> Result<Shrunk> {
    let values = if plan.unique { "each write another value" } else { "few values" };
    let name = format!("{} operations, {} clients, {values}", plan.operations, plan.clients);
    let history = registers(plan, 1)?;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(round(&history)?);
    }
    let core = &rounds[0].2;
    let (core_operations, is_minimal) = (core.kept().len(), core.is_minimal());
    let checked = median(rounds.iter().map(|(checked, ..)| *checked));
    let shrunk = median(rounds.iter().map(|(_, shrunk, _)| *shrunk));
    Ok(Shrunk { name, checked, shrunk, core_operations, is_minimal })
}

/// How long the check and the shrinking take, and how few operations are left.
pub fn shrinking_table(shrunk: &[Shrunk]) -> String {
    let mut text = String::from(
        "### shrinking\n\nA register and a stale read at the end\n\n\
         | history | check, median | shrinking, median | times | core | minimal |\n\
         |---|--:|--:|--:|--:|---|\n",
    );
    for one in shrunk {
        let Shrunk { name, checked, shrunk, core_operations, is_minimal } = one;
        let (times, minimal) = (one.times(), if *is_minimal { "yes" } else { "no" });
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "| {name} | {checked:.1?} | {shrunk:.1?} | {times:.1} | {core_operations} | {minimal} |"
        );
    }
    text + "\n"
}

/// The time of the check, that of shrinking, and the core.
fn round(history: &History) -> Result<(Duration, Duration, Core)> {
    let mut register = Register::default();
    let begun = Instant::now();
    let verdict = check(history, &mut register, Budget::default())?;
    let checked = begun.elapsed();
    let Verdict::Violated(violation) = verdict else { bail!("a stale read was not found") };
    let begun = Instant::now();
    let core = Core::of(history, &mut register, &violation, TIME_MAX)?;
    Ok((checked, begun.elapsed(), core))
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort_unstable();
    times[times.len() / 2]
}
