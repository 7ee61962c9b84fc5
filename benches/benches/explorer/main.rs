//! The explorer beside its peers, on one program in one run: two clients that each read and then
//! write. Writes `reports/explorer.md`.
//!
//! ```sh
//! cargo bench -p racelab-benches --bench explorer [-- DIR]
//! ```
//!
//! Without `--bench`, as `cargo test` starts it, those that need no store have one short turn, and
//! nothing is written.

mod goals;
mod isolation;
mod numbers;
mod ours;
mod report;
mod rivals;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use lab_sites::Sites;

use crate::numbers::Row;

/// How often each peer gets its turn.
const ROUNDS: usize = 9;
/// How long each runs schedules in its turn.
const TURN: Duration = Duration::from_millis(300);
/// How many random searches are made, each from a seed of its own.
const SEEDS: u64 = 40;

#[expect(clippy::print_stderr, reason = "how far it has come")]
fn main() -> Result<()> {
    if !std::env::args().any(|argument| argument == "--bench") {
        return try_once();
    }
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let folder = folder.map_or_else(reports, PathBuf::from);
    let sites = Sites::fastest();
    let (mut rows, not_run) = rows(&sites)?;
    for round in 1..=ROUNDS {
        eprintln!("round {round} of {ROUNDS}");
        for row in &mut rows {
            row.take_turn(TURN).with_context(|| row.name.clone())?;
        }
    }
    eprintln!("random searches");
    let random = rivals::random(&sites, SEEDS)?;
    eprintln!("what is to be reached");
    let goals = goals::all(&rows, &sites)?;
    let text = report::markdown(&rows, &random, &goals, &not_run);
    let path = folder.join("explorer.md");
    fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
    eprintln!("{}", path.display());
    lab_servers::end();
    Ok(())
}

/// How long a turn is where nothing is measured.
const SHORT: Duration = Duration::from_millis(5);

#[expect(clippy::print_stderr, reason = "what was done")]
fn try_once() -> Result<()> {
    for mut row in rivals::rows()? {
        row.take_turn(SHORT).with_context(|| row.name.clone())?;
        eprintln!("{} runs; nothing is measured without --bench", row.name);
    }
    Ok(())
}

fn reports() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../reports")
}

/// Everybody who can run here, and why others cannot.
fn rows(sites: &Sites) -> Result<(Vec<Row>, Vec<String>)> {
    let (mut rows, mut not_run) = ours::rows(sites)?;
    rows.extend(rivals::rows()?);
    match isolation::row() {
        Ok(row) => rows.push(row),
        Err(why) => not_run.push(why.to_string()),
    }
    Ok((rows, not_run))
}
