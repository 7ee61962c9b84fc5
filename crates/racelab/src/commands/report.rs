//! `racelab report [DIR]`: the report of a benchmark, from its results.

use std::fs;
use std::path::Path;

use anyhow::Context;
use lab_stats::Results;

use crate::commands::compare;
use crate::exit::Exit;
use crate::output::Output;

/// The results of a benchmark within a folder of reports.
pub(super) const RESULTS: &str = "benchmarks.json";

pub(super) fn run(folder: &Path, output: &mut Output) -> anyhow::Result<Exit> {
    let results = compare::read(&folder.join(RESULTS))?;
    write(&results, folder)?;
    output.note(&format!("report: {}", folder.join("benchmarks.md").display()));
    Ok(Exit::Met)
}

/// Writes the report of `results` and its figures.
pub(super) fn write(results: &Results, folder: &Path) -> anyhow::Result<()> {
    for (name, text) in lab_report::benchmarks(results) {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}
