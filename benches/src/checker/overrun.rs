//! By how much a check overruns its time.

use std::fmt::Write;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use lab_check::{Budget, HistoryBuilder, Queue, Verdict, check};
use lab_history::{Event, Kind};
use serde_json::Value;

const CLIENTS: u64 = 40;
const ROUNDS: usize = 5;

/// A table of overruns on a queue that many clients put something into at once, so that every
/// order is another state and no budget suffices. Below zero the check ended early.
///
/// # Errors
/// The check decided all the same.
pub fn overruns() -> Result<String> {
    let mut builder = HistoryBuilder::new();
    for kind in [Kind::Invoke, Kind::Ok] {
        for process in 0..CLIENTS {
            let (function, value) = ("enqueue".to_owned(), Value::from(process));
            builder.push(&Event { process, kind, function, key: None, value, time_ns: None })?;
        }
    }
    let history = builder.finish();
    let mut text =
        String::from("### budgets\n\n| budget | overrun, median | largest |\n|--:|--:|--:|\n");
    for time in [10, 100, 1000].map(Duration::from_millis) {
        let mut overruns_ms = Vec::new();
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            let budget = Budget { time, ..Budget::default() };
            let verdict = check(&history, &mut Queue::new(), budget)?;
            overruns_ms.push((begun.elapsed().as_secs_f64() - time.as_secs_f64()) * 1e3);
            if !matches!(verdict, Verdict::Unknown(_)) {
                bail!("a queue of {CLIENTS} clients was decided");
            }
        }
        overruns_ms.sort_unstable_by(f64::total_cmp);
        let (median, largest) = (overruns_ms[ROUNDS / 2], overruns_ms[ROUNDS - 1]);
        // Writing to a string does not fail.
        let _ = writeln!(text, "| {time:?} | {median:.1} ms | {largest:.1} ms |");
    }
    Ok(text + "\n")
}
