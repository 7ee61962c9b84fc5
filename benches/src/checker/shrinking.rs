//! What it costs to shrink a violation, as a multiple of finding it.

use std::fmt::Write;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use lab_check::{Budget, Core, History, Register, Verdict, check};

use super::{Plan, registers};

const ROUNDS: usize = 5;
const TIME_MAX: Duration = Duration::from_secs(60);

/// A table of cores: how long the check and the shrinking take, and how few operations are left.
///
/// # Errors
/// A history with a stale read holds.
pub fn shrinking() -> Result<String> {
    let mut text = String::from(
        "### shrinking\n\nA register and a stale read at the end; the goal is ten times the check, \
         and six operations\n\n| history | check, median | shrinking, median | times | core | \
         minimal |\n|---|--:|--:|--:|--:|---|\n",
    );
    let unique = Plan { operations: 100_000, clients: 8, keys: 1, unique: true, lie: true };
    for plan in [
        Plan { operations: 10_000, ..unique },
        unique,
        Plan { operations: 10_000, unique: false, ..unique },
        Plan { unique: false, ..unique },
        Plan { operations: 100, clients: 32, unique: false, ..unique },
    ] {
        let values = if plan.unique { "each write another value" } else { "few values" };
        let name = format!("{} operations, {} clients, {values}", plan.operations, plan.clients);
        let history = registers(plan, 1)?;
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            rounds.push(round(&history)?);
        }
        let core = &rounds[0].2;
        let (left, minimal) = (core.kept().len(), if core.is_minimal() { "yes" } else { "no" });
        let [checked, shrunk] = [
            median(rounds.iter().map(|(checked, ..)| *checked)),
            median(rounds.iter().map(|(_, shrunk, _)| *shrunk)),
        ];
        let times = shrunk.as_secs_f64() / checked.as_secs_f64();
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "| {name} | {checked:.1?} | {shrunk:.1?} | {times:.1} | {left} | {minimal} |"
        );
    }
    Ok(text + "\n")
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
