//! What the checkers have to reach, judged by what one run measured.

use std::time::Duration;

use super::{Checker, Run, Shrunk, log_goals};
use crate::{Goal, Reached};

/// An operation of a history ten times as long may take so many times as long, to count as linear.
const LINEAR_TIMES_MAX: f64 = 1.5;

/// Every goal.
pub fn goals(run: &Run) -> Vec<Goal> {
    use Checker::{Racelab, RacelabSearch};
    let mut goals = log_goals(run);
    goals.extend([
        time(run, "register-100k", RacelabSearch, 50),
        time(run, "register-100k-few-values", RacelabSearch, 50),
        time(run, "register-100k", Racelab, 3),
        memory(run, "register-100k", RacelabSearch, 16),
        memory(run, "register-100k", Racelab, 16),
        time(run, "clients-32", RacelabSearch, 50),
        time(run, "clients-32-few-values", RacelabSearch, 50),
        time(run, "keys-1m", Racelab, 60),
        memory(run, "keys-1m", Racelab, 64),
        time(run, "keys-10m", Racelab, 1_000),
        linear(run),
    ]);
    goals.extend(versions(run));
    goals.extend(cores(run));
    goals.push(budgets(run));
    goals
}

fn time(run: &Run, name: &str, checker: Checker, ms_max: u64) -> Goal {
    let what = format!("{name}, {}: time", checker.as_str());
    let reached = run.decided(name, checker).map(|decided| {
        Reached::judged(
            decided.time <= Duration::from_millis(ms_max),
            format!("{:.1?}", decided.time),
        )
    });
    Goal::new(&what, &format!("at most {ms_max} ms"), reached)
}

fn memory(run: &Run, name: &str, checker: Checker, mb_max: u64) -> Goal {
    let what = format!("{name}, {}: memory", checker.as_str());
    let reached = run.decided(name, checker).map(|decided| {
        let bytes = decided.memory_bytes;
        Reached::judged(bytes <= mb_max * 1_000_000, format!("{:.1} MB", bytes as f64 / 1e6))
    });
    Goal::new(&what, &format!("at most {mb_max} MB"), reached)
}

/// Ten times the length beside the length.
fn linear(run: &Run) -> Goal {
    let wanted = format!("linear: at most {LINEAR_TIMES_MAX} times that of keys-1m");
    let per_operation_ns = |name| Ok(run.decided(name, Checker::Racelab)?.per_operation_ns());
    let both = per_operation_ns("keys-1m")
        .and_then(|short_ns| Ok((short_ns, per_operation_ns("keys-10m")?)));
    let reached = both.map(|(short_ns, long_ns): (f64, f64)| {
        let times = long_ns / short_ns;
        let said = format!("{times:.2} times, {long_ns:.0} ns and {short_ns:.0} ns");
        Reached::judged(times <= LINEAR_TIMES_MAX, said)
    });
    Goal::new("keys-10m, racelab: time of an operation", &wanted, reached)
}

fn not_asked(what: &str) -> Reached {
    Reached::NotRun(format!("{what} was not asked for"))
}

/// The history with lists, which cost more than all else.
fn versions(run: &Run) -> [Goal; 2] {
    let with_lists = run.versioned.iter().find(|one| one.lists_percent > 0);
    let with_lists = with_lists.ok_or_else(|| not_asked("versioned"));
    let speed = with_lists.clone().map(|one| {
        let per_s = one.per_second();
        Reached::judged(per_s >= 5e6, format!("{:.1} million", per_s / 1e6))
    });
    let held = with_lists.map(|one| {
        let bytes = one.per_operation_bytes();
        Reached::judged(bytes <= 64.0, format!("{bytes:.1} bytes"))
    });
    [
        Goal::new("versioned tasks with lists: operations a second", "at least 5 million", speed),
        Goal::new("versioned tasks with lists: held an operation", "at most 64 bytes", held),
    ]
}

/// The largest core, and the slowest shrinking beside its check.
fn cores(run: &Run) -> [Goal; 2] {
    let largest = run.shrunk.iter().max_by_key(|one| one.core_operations);
    let largest = largest.ok_or_else(|| not_asked("shrinking")).map(|one| {
        let Shrunk { name, core_operations, .. } = one;
        let said = format!("{core_operations} at most ({name})");
        Reached::judged(*core_operations <= 6, said)
    });
    let slowest = run.shrunk.iter().max_by(|one, two| one.times().total_cmp(&two.times()));
    let slowest = slowest.ok_or_else(|| not_asked("shrinking")).map(|one| {
        let times = one.times();
        Reached::judged(times <= 10.0, format!("{times:.1} times at most ({})", one.name))
    });
    [
        Goal::new("shrinking: operations of the core", "at most 6", largest),
        Goal::new("shrinking: time", "at most 10 times the check", slowest),
    ]
}

fn budgets(run: &Run) -> Goal {
    let worst = run.overruns.iter().max_by(|one, two| one.largest_ms.total_cmp(&two.largest_ms));
    let reached = worst.ok_or_else(|| not_asked("budgets")).map(|one| {
        let said = format!("{:.1} ms at most (budget of {:?})", one.largest_ms, one.budget);
        Reached::judged(one.largest_ms <= 10.0, said)
    });
    Goal::new("budgets: overrun", "at most 10 ms", reached)
}
