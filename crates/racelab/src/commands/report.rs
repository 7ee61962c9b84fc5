//! `racelab report [DIR]`: the reports of a tour and of a benchmark, from their results.

use std::fs;
use std::path::Path;

use anyhow::Context;
use lab_stats::Results;

use crate::commands::{compare, races};
use crate::exit::{Exit, UsageError};
use crate::output::Output;

/// The results of a benchmark within a folder of reports.
pub(super) const RESULTS: &str = "benchmarks.json";

pub(super) fn run(folder: &Path, output: &mut Output) -> anyhow::Result<Exit> {
    if output.is_json() {
        let why = "report writes files; the results that it reads are the JSON document";
        return Err(UsageError(why.to_owned()).into());
    }
    let (of_tour, of_bench) = (folder.join(lab_report::RESULTS), folder.join(RESULTS));
    if !of_tour.exists() && !of_bench.exists() {
        let (names, made) = (format!("{} and {RESULTS}", lab_report::RESULTS), "`racelab` makes");
        let why = format!("neither of {names} is there; {made} the one, `racelab bench` the other");
        return Err(UsageError(format!("{}: {why}", folder.display())).into());
    }
    if of_tour.exists() {
        races::write(&races::read(&of_tour)?, folder, output)?;
    }
    if of_bench.exists() {
        write(&compare::read(&of_bench)?, folder)?;
        output.note(&format!("report: {}", folder.join("benchmarks.md").display()));
    }
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
