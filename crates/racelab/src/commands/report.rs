//! `racelab report`: the report anew, from the results of the last tour.

use std::fs;
use std::path::Path;

use anyhow::Context;
use lab_witness::Results;

use crate::exit::Exit;
use crate::output::Output;

/// There are no results that a report could be made from.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {why}")]
pub(crate) struct NoResults {
    path: String,
    why: String,
}

pub(super) fn run(out: &Path, output: &mut Output) -> anyhow::Result<Exit> {
    let results = read(&out.join(lab_report::RESULTS))?;
    if output.is_json() {
        output.json(&results)?;
    }
    write_files(&results, out, output)?;
    Ok(Exit::Met)
}

fn read(path: &Path) -> Result<Results, NoResults> {
    let because = |why: String| NoResults { path: path.display().to_string(), why };
    let text = fs::read_to_string(path).map_err(|why| {
        because(format!("cannot be read: {why}; `racelab` makes it, --out names another folder"))
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

pub(super) fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}
