//! Postgres' own isolationtester on the same two sessions and the same permutations.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use racelab_benches::Ran;

use crate::numbers::Row;

/// Where distributions put it, below the folder of a version.
const BELOW: &str = "lib/pgxs/src/test/isolation/isolationtester";
const ABOVE: &str = "/usr/lib/postgresql";

/// Both sessions read the minutes, keep them, and write what they have read plus their own. The
/// table is there before, so that a permutation only fills and empties it, as ours does.
const SESSIONS: &str = "
setup { INSERT INTO isolation_tasks VALUES (1, 0); }
teardown { DELETE FROM isolation_tasks; }
session a
step ra { SELECT set_config('lab.seen', minutes::text, false) FROM isolation_tasks WHERE id = 1; }
step wa { UPDATE isolation_tasks SET minutes = current_setting('lab.seen')::int + 10 WHERE id = 1; }
session b
step rb { SELECT set_config('lab.seen', minutes::text, false) FROM isolation_tasks WHERE id = 1; }
step wb { UPDATE isolation_tasks SET minutes = current_setting('lab.seen')::int + 20 WHERE id = 1; }
teardown { SELECT 'left', minutes FROM isolation_tasks; }
";
const TABLE: &str = "
setup { CREATE TABLE isolation_tasks (id int PRIMARY KEY, minutes int NOT NULL); }
session a
step s { SELECT 1; }
permutation s
";
const PERMUTATIONS: [&str; 6] =
    ["ra wa rb wb", "ra rb wa wb", "ra rb wb wa", "rb ra wa wb", "rb ra wb wa", "rb wb ra wa"];
/// What both increments come to.
const KEPT: &str = "30";
/// How often the permutations are repeated in one run of the program, so that its start and its
/// connections do not count.
const REPEATS: usize = 25;

pub(crate) fn row() -> Result<Row> {
    let program = find()?;
    let server = lab_servers::postgres()?;
    let tester = Tester { program, url: server.url().to_owned() };
    tester.run(TABLE)?;
    let again = tester.clone();
    let row = Row::new(
        &format!("isolationtester of Postgres {}", server.version().unwrap_or("?")),
        "fixed SQL in every permutation; a person reads what is left",
        Box::new(move |time| tester.all(time)),
        Box::new(move || again.first()),
    );
    Ok(row.without_judgement())
}

fn find() -> Result<PathBuf> {
    let versions = fs::read_dir(ABOVE).with_context(not_found)?;
    let programs = versions.filter_map(|version| Some(version.ok()?.path().join(BELOW)));
    let mut programs: Vec<PathBuf> = programs.filter(|program| program.is_file()).collect();
    programs.sort();
    programs.pop().with_context(not_found)
}

fn not_found() -> String {
    let why = format!("{ABOVE}/*/{BELOW} is not there");
    format!("isolationtester: not run: {why}; Debian has it in postgresql-client-*")
}

#[derive(Clone)]
struct Tester {
    program: PathBuf,
    url: String,
}

impl Tester {
    /// The permutations in our own list, again and again.
    fn all(&self, time: Duration) -> Result<Ran> {
        let lines: Vec<String> =
            PERMUTATIONS.iter().map(|one| format!("permutation {one}\n")).collect();
        let spec = format!("{SESSIONS}{}", lines.concat().repeat(REPEATS));
        let start = Instant::now();
        let mut permutations = 0;
        while start.elapsed() < time {
            permutations += self.run(&spec)?.len();
        }
        Ok(Ran::of(permutations, start.elapsed()))
    }

    /// Every permutation in the order that the program has itself, up to the first that loses. The
    /// program judges nothing and runs them all: the time is that of all, from its start.
    fn first(&self) -> Result<Ran> {
        let start = Instant::now();
        let left = self.run(SESSIONS)?;
        let time = start.elapsed();
        ensure!(left.len() == PERMUTATIONS.len(), "{} permutations", left.len());
        let lost = left.iter().position(|left| left != KEPT);
        Ok(Ran::of(1 + lost.context("no permutation lost an update")?, time))
    }

    /// What is left after each permutation.
    fn run(&self, spec: &str) -> Result<Vec<String>> {
        let mut program = Command::new(&self.program);
        program.arg(&self.url).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut program = program.spawn().context("isolationtester cannot be started")?;
        let mut stdin = program.stdin.take().context("no pipe")?;
        stdin.write_all(spec.as_bytes())?;
        drop(stdin);
        let output = program.wait_with_output()?;
        if !output.status.success() {
            bail!("isolationtester: {}", String::from_utf8_lossy(&output.stderr));
        }
        let said = String::from_utf8_lossy(&output.stdout);
        let left = said.lines().filter_map(|line| line.strip_prefix("left"));
        Ok(left.filter_map(|row| Some(row.split('|').nth(1)?.trim().to_owned())).collect())
    }
}
