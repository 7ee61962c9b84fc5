//! `racelab compare OLD NEW`: the same rows of two runs.

use std::fs;
use std::path::Path;

use anyhow::Context;
use lab_stats::{Between, FORMAT, MARGIN, Results, Row, Verdict, between_runs};
use serde::Serialize;

use crate::bench_args::FailIf;
use crate::exit::{Exit, UsageError};
use crate::output::Output;

#[derive(Serialize)]
struct Compared<'a> {
    store: &'a str,
    setting: String,
    between: Between,
    fails: bool,
}

pub(super) fn run(
    old: &Path,
    new: &Path,
    fail_if: Option<FailIf>,
    output: &mut Output,
) -> anyhow::Result<Exit> {
    let (old, new) = (read(old)?, read(new)?);
    let margin = fail_if.map_or(MARGIN, |FailIf(share)| share);
    let is_same = |one: &Row, other: &Row| {
        one.setting == other.setting
            && one.subject.name == other.subject.name
            && one.subject.role == other.subject.role
    };
    let mut compared = Vec::new();
    let mut missing = 0;
    for row in &new.rows {
        let before = old.rows.iter().find(|other| is_same(row, other));
        match before.and_then(|before| between_runs((&old, before), (&new, row), margin)) {
            Some(between) => compared.push(Compared {
                store: &row.subject.name,
                setting: lab_report::setting(&row.setting),
                fails: fail_if.is_some() && between.ratio.high < 1.0 - margin,
                between,
            }),
            None => missing += 1,
        }
    }
    if compared.is_empty() {
        return Err(UsageError("the two results have no quiet row in common".to_owned()).into());
    }
    show(&compared, output)?;
    if missing > 0 {
        output.note(&format!("{missing} rows are not in both, or have no quiet round"));
    }
    let fails = compared.iter().any(|one| one.fails);
    Ok(if fails { Exit::Broken } else { Exit::Met })
}

/// Results as a file has them.
///
/// # Errors
/// There is no such file, or it holds something else.
pub(super) fn read(path: &Path) -> anyhow::Result<Results> {
    let usage = |why: String| UsageError(format!("{}: {why}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| usage(error.to_string()))?;
    #[derive(serde::Deserialize)]
    struct Versioned {
        format: u32,
    }
    let versioned: Versioned = serde_json::from_str(&text)
        .map_err(|error| usage(format!("it holds no results of `racelab bench`: {error}")))?;
    if versioned.format != FORMAT {
        let why = format!("its format is {} and this program knows {FORMAT}", versioned.format);
        return Err(usage(why).into());
    }
    serde_json::from_str(&text)
        .map_err(|error| usage(format!("it holds no results of `racelab bench`: {error}")))
        .context("results cannot be read")
}

fn show(compared: &[Compared<'_>], output: &mut Output) -> anyhow::Result<()> {
    if output.is_json() {
        return output.json(&compared);
    }
    let width = compared.iter().map(|one| one.store.len()).max().unwrap_or_default();
    let mut setting = "";
    for one in compared {
        if one.setting != setting {
            output.title(&one.setting)?;
            setting = &one.setting;
        }
        let Between { ratio, verdict, is_relative } = &one.between;
        let basis = if *is_relative { "relative to its reference" } else { "absolute" };
        let fails = if one.fails { "  FAILS" } else { "" };
        let figures = format!("{:.3} ({:.3} to {:.3})", ratio.middle, ratio.low, ratio.high);
        output.line(&format!("  {:<width$}  {figures}  {verdict}, {basis}{fails}", one.store))?;
    }
    let count = |verdict| compared.iter().filter(|one| one.between.verdict == verdict).count();
    let all = [Verdict::Faster, Verdict::Slower, Verdict::NoDifference, Verdict::Inconclusive];
    let counts = all.map(|verdict| format!("{} {verdict}", count(verdict)));
    output.line(&counts.join(", "))
}
