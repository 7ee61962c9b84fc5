//! What the stores shall reach, and whether they do.

use std::fmt::Write as _;

use lab_stats::{Interval, Placement, Results, Row, compare, to_probe};
use serde::Deserialize;

use super::numbers::{digits, ratio};

const GOALS: &str = include_str!("goals.json");

/// One store in one setting, against something else in the same run.
#[derive(Deserialize)]
struct Goal {
    store: String,
    /// Another row, or `fdatasync` for the probe.
    against: String,
    workload: String,
    clients: u32,
    placement: Placement,
    at_least: f64,
    /// Why it is missed, where that is known.
    #[serde(default)]
    why: Option<String>,
}

/// The section of the report. What was not measured says so.
pub(super) fn section(results: &Results) -> String {
    // The file is a part of this program, and a test reads it.
    let goals: Vec<Goal> = serde_json::from_str(GOALS).unwrap_or_default();
    let mut text = String::from(
        "\n## Goals\n\nEach counts at the lower end of the interval.\n\n\
         | store | against | workload | clients | at least | measured | |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for goal in &goals {
        let (measured, says) = judged(results, goal);
        let place = match goal.placement {
            Placement::Free => String::new(),
            place => format!(", {place}"),
        };
        let _ = writeln!(
            text,
            "| {} | {} | {}{place} | {} | {} | {measured} | {says} |",
            goal.store,
            goal.against,
            goal.workload.replace(',', " "),
            goal.clients,
            digits(goal.at_least),
        );
    }
    text
}

fn judged(results: &Results, goal: &Goal) -> (String, String) {
    let Some((interval, reserve)) = measured(results, goal) else {
        return (String::new(), "not measured".to_owned());
    };
    let mut says = match (interval.low >= goal.at_least, &goal.why) {
        (true, _) => "✓ met".to_owned(),
        (false, None) => "✗ missed".to_owned(),
        (false, Some(why)) => format!("✗ missed: {why}"),
    };
    if let Some(reserve) = reserve {
        let _ = write!(says, " † {reserve}");
    }
    (ratio(interval), says)
}

fn measured(results: &Results, goal: &Goal) -> Option<(Interval, Option<String>)> {
    let find = |name: &str| {
        results.rows.iter().find(|row| row.subject.name == name && is_meant(row, goal))
    };
    let row = find(&goal.store)?;
    if goal.against == "fdatasync" {
        return Some((to_probe(row)?, None));
    }
    let comparison = compare(results, row, find(&goal.against)?)?;
    Some((comparison.ratio, comparison.reserve))
}

fn is_meant(row: &Row, goal: &Goal) -> bool {
    let setting = &row.setting;
    setting.workload == goal.workload
        && setting.clients == goal.clients
        && setting.placement == goal.placement
        && setting.pass == lab_stats::Pass::Throughput
        && !setting.processes
        && !row.samples.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_goals_can_be_read() {
        let goals: Vec<Goal> = serde_json::from_str(GOALS).unwrap();
        assert!(goals.iter().all(|goal| goal.at_least > 0.0 && goal.clients > 0));
        assert!(!goals.is_empty());
    }
}
