//! The grid: a row for each store, a column for each scenario, a glyph and a word in each cell.

use std::fmt::Write as _;

use lab_task::Anomaly;
use lab_witness::{Cell, Evidence, Results, Schedules};

/// The grid as text, a table for each size of the scenarios, with what the words mean below it. The
/// words of a scenario's name stand below each other, so that the columns stay narrow.
pub fn grid(results: &Results) -> String {
    let tables = by_size(results).into_iter();
    let tables: Vec<String> =
        tables.map(|(who, scenarios)| format!("{who}\n{}\n", table(results, &scenarios))).collect();
    format!("{}{LEGEND}", tables.concat())
}

fn table(results: &Results, scenarios: &[&str]) -> String {
    let mut rows = headers(scenarios);
    for store in stores(results) {
        let cells = scenarios.iter().map(|scenario| {
            find(results, store, scenario).map_or(String::new(), |cell| {
                let untried = if results.is_unproven_power(cell) { "*" } else { "" };
                format!("{}{untried}", glance(cell))
            })
        });
        rows.push(std::iter::once(store.to_owned()).chain(cells).collect());
    }
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let width = rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
            format!("{cell}{}", " ".repeat(width - cell.chars().count()))
        });
        let _ = writeln!(text, "  {}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
    text
}

const LEGEND: &str = "  \
✓ holds: proven within the bound   ✗ witnessed: lost update, torn read, write or read skew,
  dup: duplicate create or id, gone: lost create, back: resurrected delete, split: divergent
  instances, + and another   ~ unseen: not in whole steps   ? unknown   - not run   ! broken
  * no mutant of the store fails there (tried with two processes): nobody has shown that the search
  would notice
";

/// Each scenario's name without its size, a word a row.
fn headers(scenarios: &[&str]) -> Vec<Vec<String>> {
    let names = scenarios.iter().map(|scenario| parts(scenario).0);
    let words: Vec<Vec<&str>> = names.map(|name| name.split('_').collect()).collect();
    let height = words.iter().map(Vec::len).max().unwrap_or_default();
    (0..height)
        .map(|row| {
            let cells = words.iter().map(|words| {
                let at = (row + words.len()).checked_sub(height);
                at.map_or(String::new(), |at| words[at].to_owned())
            });
            std::iter::once(String::new()).chain(cells).collect()
        })
        .collect()
}

/// A cell in a glyph and a word.
fn glance(cell: &Cell) -> &'static str {
    if cell.broken.is_some() {
        return "! broken";
    }
    match &cell.evidence {
        Evidence::Proven { .. } => "✓ holds",
        Evidence::NotSeen { .. } | Evidence::NotDrawn { .. } => "~ unseen",
        Evidence::Unknown { .. } => "? unknown",
        Evidence::NotRun { .. } => "- not run",
        Evidence::Witnessed { anomalies, .. } => match anomalies[..] {
            [Anomaly::LostUpdate] => "✗ lost",
            [Anomaly::TornRead | Anomaly::TornList] => "✗ torn",
            [Anomaly::StaleRead | Anomaly::NonMonotonicRead] => "✗ stale",
            [Anomaly::DirtyRead | Anomaly::FutureRead] => "✗ dirty",
            [Anomaly::ReadSkew | Anomaly::WriteSkew] => "✗ skew",
            [Anomaly::DuplicateId | Anomaly::DuplicateCreate] => "✗ dup",
            [Anomaly::LostCreate] => "✗ gone",
            [Anomaly::ResurrectedDelete] => "✗ back",
            [Anomaly::DivergentInstances] => "✗ split",
            [Anomaly::LostUpdate, ..] => "✗ lost+",
            [Anomaly::DuplicateId | Anomaly::DuplicateCreate, ..] => "✗ dup+",
            [Anomaly::ResurrectedDelete, ..] => "✗ back+",
            _ => "✗ several",
        },
    }
}

/// A cell in a few words.
pub(crate) fn words(results: &Results, cell: &Cell) -> String {
    let untried = if results.is_unproven_power(cell) { " (no mutant fails)" } else { "" };
    let broken = if cell.broken.is_some() { "! " } else { "" };
    let said = match &cell.evidence {
        Evidence::Proven { schedules, preemptions_max: None, is_reduced: true, .. } => {
            format!("✓ PROVEN, all by {schedules}")
        }
        Evidence::Proven { schedules, preemptions_max: None, .. } => {
            format!("✓ PROVEN, all {schedules}")
        }
        Evidence::Proven { schedules, preemptions_max: Some(most), .. } => {
            format!("✓ PROVEN, {schedules} with ≤ {most} ⇄")
        }
        Evidence::NotSeen { schedules, preemptions_max: None, .. } => {
            format!("~ NOT SEEN in all {schedules}")
        }
        Evidence::NotSeen { schedules, preemptions_max: Some(most), .. } => {
            format!("~ NOT SEEN in {schedules} with ≤ {most} ⇄")
        }
        Evidence::NotDrawn { schedules, .. } => format!("~ NOT SEEN in {schedules} drawn"),
        Evidence::Witnessed { anomalies, lose, run, .. } => {
            let names: Vec<&str> = anomalies.iter().map(|anomaly| anomaly.as_str()).collect();
            let of = match run {
                Schedules::All => lose.to_string(),
                Schedules::OneOfEachKind => format!("{lose} kinds"),
                Schedules::First => format!("{} of the first {}", lose.part, lose.of),
                Schedules::Drawn(_) => format!("{} of {} drawn", lose.part, lose.of),
            };
            format!("✗ {} ({of})", names.join(", ").to_uppercase())
        }
        Evidence::Unknown { .. } => "? UNKNOWN".to_owned(),
        Evidence::NotRun { .. } => "- not run".to_owned(),
    };
    format!("{broken}{said}{untried}")
}

pub(crate) fn find<'a>(results: &'a Results, store: &str, scenario: &str) -> Option<&'a Cell> {
    results.cells.iter().find(|cell| cell.store == store && cell.scenario == scenario)
}

/// The stores in the order of the results.
pub(crate) fn stores(results: &Results) -> Vec<&str> {
    in_order(results.cells.iter().map(|cell| cell.store.as_str()))
}

/// The scenarios in the order of the results, those of one size together, with who takes part.
pub(crate) fn by_size(results: &Results) -> Vec<(String, Vec<&str>)> {
    let scenarios = in_order(results.cells.iter().map(|cell| cell.scenario.as_str()));
    let sizes = in_order(scenarios.iter().map(|scenario| parts(scenario).1));
    let of_size = |size: &str| {
        let own = scenarios.iter().copied().filter(|scenario| parts(scenario).1 == size);
        (who(size), own.collect())
    };
    sizes.into_iter().map(of_size).collect()
}

/// The name of a scenario and its size, which is empty where it is the usual one.
fn parts(scenario: &str) -> (&str, &str) {
    scenario.split_once('@').unwrap_or((scenario, ""))
}

fn who(size: &str) -> String {
    match size.split_once('x') {
        None => "With two processes".to_owned(),
        Some(("3", "1")) => "With three processes".to_owned(),
        Some((processes, rounds)) => format!("With {processes} processes, {rounds} rounds"),
    }
}

fn in_order<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut known = Vec::new();
    for name in names {
        if !known.contains(&name) {
            known.push(name);
        }
    }
    known
}
