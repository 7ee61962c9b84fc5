//! What the stores shall reach, and whether they do.

use std::fmt::Write as _;

use lab_stats::{
    Interval, Pass, Placement, Results, Row, Sample, compare, median_interval, to_probe,
};
use serde::Deserialize;

use super::numbers::{digits, ratio, time};

const GOALS: &str = include_str!("goals.json");

/// Where resampling begins.
const SEED: u64 = 5;

/// One store in one setting, against something else in the same run.
#[derive(Deserialize)]
struct Goal {
    store: String,
    /// Another row; or `fdatasync` for the probe, `fastest client` for the share of the slowest,
    /// `longest wait` for a time.
    against: String,
    workload: String,
    clients: u32,
    placement: Placement,
    #[serde(flatten)]
    bound: Bound,
    /// Why it is missed, where that is known.
    #[serde(default)]
    why: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Bound {
    AtLeast(f64),
    AtMostMs(f64),
}

/// What was measured, and why nobody should rely on it.
struct Measured {
    text: String,
    is_met: bool,
    /// Whether the goal is missed at the lower end of the interval and not at the upper one.
    is_within: bool,
    reserve: Option<String>,
}

/// The section of the report. What was not measured says so.
pub(super) fn section(results: &Results) -> String {
    // The file is a part of this program, and a test reads it.
    let goals: Vec<Goal> = serde_json::from_str(GOALS).unwrap_or_default();
    let mut text = String::from(
        "\n## Goals\n\nEach ratio counts at the lower end of its interval; where the goal lies \
         within it, rounds as noisy as these do not tell whether it is reached.\n\n\
         | store | against | workload | clients | goal | measured | |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for goal in &goals {
        let measured = measured(results, goal);
        let place = match goal.placement {
            Placement::Free => String::new(),
            place => format!(", {place}"),
        };
        let bound = match goal.bound {
            Bound::AtLeast(least) => format!("at least {}", digits(least)),
            Bound::AtMostMs(most) => format!("at most {} ms", digits(most)),
        };
        let _ = writeln!(
            text,
            "| {} | {} | {}{place} | {} | {bound} | {} | {} |",
            goal.store,
            goal.against,
            goal.workload.replace(',', " "),
            goal.clients,
            measured.as_ref().map_or("", |measured| &measured.text),
            match &measured {
                Some(measured) => says(goal, measured),
                None => not_measured(results, goal).to_owned(),
            },
        );
    }
    text
}

/// Why there is no figure: nobody measured it, or never in quiet.
fn not_measured(results: &Results, goal: &Goal) -> &'static str {
    let is_there = |name: &str| {
        let is_it = |row: &Row| row.subject.name == name && is_meant(row, goal, goal.pass());
        results.rows.iter().any(is_it)
    };
    let is_row = goal.against.contains('/');
    let is_loaded = is_there(&goal.store) && (!is_row || is_there(&goal.against));
    if is_loaded { "no quiet round" } else { "not measured" }
}

impl Goal {
    fn pass(&self) -> Pass {
        match self.bound {
            Bound::AtLeast(_) => Pass::Throughput,
            Bound::AtMostMs(_) => Pass::Latency,
        }
    }
}

fn says(goal: &Goal, Measured { is_met, is_within, reserve, .. }: &Measured) -> String {
    let mut says = match (is_met, &goal.why) {
        (true, _) => "✓ met".to_owned(),
        (false, Some(why)) => format!("✗ missed: {why}"),
        (false, None) if *is_within => "✗ missed: it lies within the interval".to_owned(),
        (false, None) => "✗ missed".to_owned(),
    };
    if let Some(reserve) = reserve {
        let _ = write!(says, " † {reserve}");
    }
    says
}

fn measured(results: &Results, goal: &Goal) -> Option<Measured> {
    let find = |name: &str| {
        let is_meant = |row: &&Row| row.subject.name == name && is_meant(row, goal, goal.pass());
        results.rows.iter().find(is_meant)
    };
    let row = find(&goal.store)?;
    match goal.bound {
        Bound::AtMostMs(most) => {
            let longest_ns = row.latency?.ns_max;
            let is_met = longest_ns as f64 <= most * 1e6;
            let is_loaded = row.quiet().next().is_none();
            let reserve = is_loaded.then(|| "no quiet round".to_owned());
            Some(Measured { text: time(longest_ns), is_met, is_within: false, reserve })
        }
        Bound::AtLeast(least) => {
            let (interval, reserve) = match goal.against.as_str() {
                "fdatasync" => (to_probe(row)?, None),
                "fastest client" => (slowest_to_fastest(row)?, None),
                other => {
                    let comparison = compare(results, row, find(other)?)?;
                    (comparison.ratio, comparison.reserve)
                }
            };
            let (is_met, is_within) = (interval.low >= least, interval.high >= least);
            Some(Measured { text: ratio(interval), is_met, is_within, reserve })
        }
    }
}

fn slowest_to_fastest(row: &Row) -> Option<Interval> {
    let of = |sample: &Sample| {
        let (least, most) = sample.share_min_max();
        if most > 0.0 { least / most } else { 0.0 }
    };
    median_interval(&row.quiet().map(of).collect::<Vec<_>>(), SEED)
}

fn is_meant(row: &Row, goal: &Goal, pass: Pass) -> bool {
    let setting = &row.setting;
    setting.workload == goal.workload
        && setting.clients == goal.clients
        && setting.placement == goal.placement
        && setting.pass == pass
        && !setting.processes
        && !row.samples.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_goals_can_be_read() {
        let goals: Vec<Goal> = serde_json::from_str(GOALS).unwrap();
        assert!(goals.iter().all(|goal| goal.clients > 0));
        let of_times = |goal: &&Goal| matches!(goal.bound, Bound::AtMostMs(_));
        assert!(goals.iter().filter(of_times).all(|goal| goal.against == "longest wait"));
        assert!(goals.len() > goals.iter().filter(of_times).count());
    }
}
