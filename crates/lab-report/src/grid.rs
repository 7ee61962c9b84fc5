//! The grid: a row for each store, a column for each scenario, a glyph and a word in each cell.

use std::fmt::Write as _;

use lab_witness::{Cell, Evidence, Results};

/// The grid as text, with what the glyphs mean below it.
pub fn grid(results: &Results) -> String {
    let scenarios = scenarios(results);
    let width = results.cells.iter().map(|cell| cell.store.len()).max().unwrap_or_default();
    let mut text = format!("  {:width$}", "");
    for scenario in &scenarios {
        let _ = write!(text, "  {scenario:<COLUMN$}");
    }
    for store in stores(results) {
        let _ = write!(text, "\n  {store:width$}");
        for scenario in &scenarios {
            let cell = find(results, store, scenario).map_or(String::new(), words);
            let _ = write!(text, "  {cell:<COLUMN$}");
        }
    }
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    format!("{}\n\n  {LEGEND}\n", lines.join("\n"))
}

const COLUMN: usize = 38;
const LEGEND: &str =
    "✓ proven within the bound   ✗ witnessed   ? unknown   - not run   ! broken promise";

/// A cell in a few words.
pub(crate) fn words(cell: &Cell) -> String {
    let broken = if cell.broken.is_some() { "! " } else { "" };
    let said = match &cell.evidence {
        Evidence::Proven { schedules, preemptions_max: None, .. } => {
            format!("✓ PROVEN, all {schedules}")
        }
        Evidence::Proven { schedules, preemptions_max: Some(most), .. } => {
            format!("✓ PROVEN, {schedules} with ≤ {most} ⇄")
        }
        Evidence::Witnessed { anomalies, lose, .. } => {
            let names: Vec<&str> = anomalies.iter().map(|anomaly| anomaly.as_str()).collect();
            format!("✗ {} ({lose})", names.join(", ").to_uppercase())
        }
        Evidence::Unknown { .. } => "? UNKNOWN".to_owned(),
        Evidence::NotRun { .. } => "- not run".to_owned(),
    };
    format!("{broken}{said}")
}

pub(crate) fn find<'a>(results: &'a Results, store: &str, scenario: &str) -> Option<&'a Cell> {
    results.cells.iter().find(|cell| cell.store == store && cell.scenario == scenario)
}

/// The stores in the order of the results.
pub(crate) fn stores(results: &Results) -> Vec<&str> {
    in_order(results.cells.iter().map(|cell| cell.store.as_str()))
}

/// The scenarios in the order of the results.
pub(crate) fn scenarios(results: &Results) -> Vec<&str> {
    in_order(results.cells.iter().map(|cell| cell.scenario.as_str()))
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
