//! What the lab itself costs: an operation that does nothing, called directly and through the
//! trait; a schedule point of production; and recording, which is the time of a recorded operation
//! less that of the same operation bare, both measured in turn within each sample. Then what the
//! lab may cost at most, each beside what it is compared with.
//!
//! ```sh
//! cargo bench -p racelab-benches --bench lab [-- --write | FILTER]
//! ```
//!
//! `--write` measures what may be spent alone and puts it into `reports/lab.md`; a filter chooses
//! rows of criterion and leaves that out. Without `--bench`, as `cargo test` starts it, each row
//! runs once.

mod goals;
mod json;
mod nothing;
mod rows;

use std::path::Path;
use std::{env, fs, thread};

use anyhow::{Context, Result};
use racelab_benches::goal_table;

#[expect(clippy::print_stdout, reason = "a table is what this is for")]
fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let writes = arguments.iter().any(|argument| argument == "--write");
    if !writes {
        rows::measure();
    }
    let is_chosen = arguments.iter().any(|argument| !argument.starts_with("--"));
    if is_chosen || !arguments.iter().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let table = goal_table(&goals::all()?);
    lab_servers::end();
    println!("{table}");
    if writes {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../reports/lab.md");
        let report = format!("{}{}\n", head(), table.trim_end());
        fs::write(&path, report).context("reports/lab.md")?;
    }
    Ok(())
}

fn head() -> String {
    let processors = thread::available_parallelism().map_or(0, usize::from);
    let rounds = goals::ROUNDS;
    format!(
        "# What the lab itself costs

Made by `cargo bench -p racelab-benches --bench lab -- --write`, a release build on {processors}
processors. {rounds} rounds, in each of which both sides take turns; a difference or a ratio is
taken round by round: the median, and in brackets its 95 % interval. A goal counts at the worse end.

An operation that is not recorded is called without the recorder, and one that is not timed without
a clock: what is off costs no instruction. What is on, and what stores that keep one JSON file save
beside the loop that reads, changes and writes it with serde_json and nothing else:

"
    )
}
