//! The results of a tour as a file, and the report that is made from them.

use std::fs;
use std::path::Path;

use anyhow::Context;
use lab_witness::Results;

use crate::exit::UsageError;
use crate::output::Output;

/// The results in a file.
pub(super) fn read(path: &Path) -> anyhow::Result<Results> {
    let usage = |why: String| UsageError(format!("{}: {why}", path.display()));
    let text = fs::read_to_string(path).map_err(|why| usage(format!("cannot be read: {why}")))?;
    Ok(lab_report::read_results(&text).map_err(|why| usage(why.to_string()))?)
}

/// Writes the results as a file and every file of their report.
pub(super) fn write_all(results: &Results, out: &Path, output: &Output) -> anyhow::Result<()> {
    write_file(&out.join(lab_report::RESULTS), &lab_report::results_json(results)?)?;
    write(results, out, output)
}

/// Writes every file of the report, and says where.
pub(super) fn write(results: &Results, out: &Path, output: &Output) -> anyhow::Result<()> {
    for (name, text) in lab_report::files(results) {
        write_file(&out.join(name), &text)?;
    }
    output.note(&format!("report: {}", out.join(lab_report::REPORT).display()));
    Ok(())
}

fn write_file(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}
