//! By how much a check overruns its time.

use std::fmt::Write;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use lab_check::{Budget, History, HistoryBuilder, Queue, Verdict, check};
use lab_history::{Event, Kind};
use serde_json::Value;

const CLIENTS: u64 = 40;
const ROUNDS: usize = 5;

/// By how much checks with one budget overran it. Below zero the check ended early.
#[derive(Clone, Copy, Debug)]
pub struct Overrun {
    /// The budget.
    pub budget: Duration,
    /// The median in milliseconds.
    pub median_ms: f64,
    /// The largest in milliseconds.
    pub largest_ms: f64,
}

/// The overruns on a queue that many clients put something into at once, so that every order is
/// another state and no budget suffices.
///
/// # Errors
/// The check decided all the same.
pub fn overruns() -> Result<Vec<Overrun>> {
    let mut builder = HistoryBuilder::new();
    for kind in [Kind::Invoke, Kind::Ok] {
        for process in 0..CLIENTS {
            let (function, value) = ("enqueue".to_owned(), Value::from(process));
            builder.push(&Event { process, kind, function, key: None, value, time_ns: None })?;
        }
    }
    let history = builder.finish();
    [10, 100, 1000]
        .map(Duration::from_millis)
        .map(|time| overrun(&history, time))
        .into_iter()
        .collect()
}

fn overrun(history: &History, time: Duration) -> Result<Overrun> {
    let mut overruns_ms = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let budget = Budget { time, ..Budget::default() };
        let verdict = check(history, &mut Queue::new(), budget)?;
        overruns_ms.push((begun.elapsed().as_secs_f64() - time.as_secs_f64()) * 1e3);
        if !matches!(verdict, Verdict::Unknown(_)) {
            bail!("a queue of {CLIENTS} clients was decided");
        }
    }
    overruns_ms.sort_unstable_by(f64::total_cmp);
    let (median_ms, largest_ms) = (overruns_ms[ROUNDS / 2], overruns_ms[ROUNDS - 1]);
    Ok(Overrun { budget: time, median_ms, largest_ms })
}

/// The overruns, a line for each budget.
pub fn overrun_table(overruns: &[Overrun]) -> String {
    let mut text =
        String::from("### budgets\n\n| budget | overrun, median | largest |\n|--:|--:|--:|\n");
    for Overrun { budget, median_ms, largest_ms } in overruns {
        // Writing to a string does not fail.
        let _ = writeln!(text, "| {budget:?} | {median_ms:.1} ms | {largest_ms:.1} ms |");
    }
    text + "\n"
}
