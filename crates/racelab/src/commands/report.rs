//! `racelab report`: the reports anew, from the results that are there.

use std::fs;
use std::path::Path;

use anyhow::Context;
use lab_witness::Results;

use crate::commands::compare;
use crate::exit::Exit;
use crate::output::Output;

/// The results of a benchmark within a folder of reports.
pub(super) const BENCHMARKS: &str = "benchmarks.json";

/// There are no results that a report could be made from.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {why}")]
pub(crate) struct NoResults {
    path: String,
    why: String,
}

/// The report of the races, unless there are only results of a benchmark; and the report of that.
pub(super) fn run(out: &Path, output: &mut Output) -> anyhow::Result<Exit> {
    let (races, benchmarks) = (out.join(lab_report::RESULTS), out.join(BENCHMARKS));
    let has_benchmarks = benchmarks.exists();
    if races.exists() || !has_benchmarks {
        let results = read(&races)?;
        if output.is_json() {
            output.json(&results)?;
        }
        write_files(&results, out, output)?;
    }
    if has_benchmarks {
        write_benchmarks(&compare::read(&benchmarks)?, out, output)?;
    }
    Ok(Exit::Met)
}

fn read(path: &Path) -> Result<Results, NoResults> {
    let because = |why: String| NoResults { path: path.display().to_string(), why };
    let text = fs::read_to_string(path).map_err(|why| {
        because(format!(
            "cannot be read: {why}; `racelab` and `racelab bench` make results, --out names \
             another folder"
        ))
    })?;
    lab_report::read_results(&text).map_err(|why| because(why.to_string()))
}

/// Writes every file of the report, and says where.
pub(super) fn write_files(results: &Results, out: &Path, output: &Output) -> anyhow::Result<()> {
    for (name, text) in lab_report::files(results) {
        write(&out.join(name), &text)?;
    }
    output.note(&format!("report: {}", out.join(lab_report::REPORT).display()));
    Ok(())
}

/// Writes the report of a benchmark and its figures, and says where.
pub(super) fn write_benchmarks(
    results: &lab_stats::Results,
    out: &Path,
    output: &Output,
) -> anyhow::Result<()> {
    for (name, text) in lab_report::benchmarks(results) {
        write(&out.join(name), &text)?;
    }
    output.note(&format!("report: {}", out.join("benchmarks.md").display()));
    Ok(())
}

pub(super) fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}
