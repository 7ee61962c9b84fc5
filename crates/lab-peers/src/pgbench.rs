//! Postgres's own load driver with the statements of two stores, on the same socket and schema.

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use lab_measure::{ExternalRun, ExternalWork};
use lab_store::{Site, StoreError};

const SINGLE: &str = "\
UPDATE tasks SET minutes = least(minutes + 1, 4294967295), version = version + 1 WHERE id = :id \
RETURNING version;
";

const OPTIMISTIC: &str = "\
SELECT title, description, status, minutes, version FROM tasks WHERE id = :id \\gset
UPDATE tasks SET title = :title, description = :description, status = :status, \
minutes = :minutes::bigint + 1, version = version + 1 WHERE id = :id AND version = :version;
";

const FOR_UPDATE: &str = "\
BEGIN;
SELECT title, description, status, minutes, version FROM tasks WHERE id = :id FOR UPDATE \\gset
UPDATE tasks SET title = :title, description = :description, status = :status, \
minutes = :minutes::bigint + 1, version = :version::bigint + 1 WHERE id = :id RETURNING version;
COMMIT;
";

/// One UPDATE that computes.
pub(crate) fn single_statement(
    site: &Site,
    work: &ExternalWork,
) -> Result<ExternalRun, StoreError> {
    static TRANSACTIONS: AtomicU64 = AtomicU64::new(FIRST);
    run(SINGLE, &TRANSACTIONS, site, work)
}

/// Compare and set. Where the version has changed pgbench goes on and counts it as done, so on a
/// task that several clients want it reports more than it has changed.
pub(crate) fn optimistic(site: &Site, work: &ExternalWork) -> Result<ExternalRun, StoreError> {
    static TRANSACTIONS: AtomicU64 = AtomicU64::new(FIRST);
    run(OPTIMISTIC, &TRANSACTIONS, site, work)
}

/// SELECT FOR UPDATE and UPDATE in a transaction: four round trips.
pub(crate) fn for_update(site: &Site, work: &ExternalWork) -> Result<ExternalRun, StoreError> {
    static TRANSACTIONS: AtomicU64 = AtomicU64::new(FIRST);
    run(FOR_UPDATE, &TRANSACTIONS, site, work)
}

/// How many transactions a client makes where nobody knows yet how long they take. pgbench counts
/// time in whole seconds and transactions one by one, so the time is set by their number.
const FIRST: u64 = 200;

fn run(
    statements: &str,
    transactions: &AtomicU64,
    site: &Site,
    work: &ExternalWork,
) -> Result<ExternalRun, StoreError> {
    let failed = |why: &dyn ToString| StoreError::unavailable("pgbench", why.to_string());
    let program = lab_servers::postgres_program("pgbench").map_err(|error| failed(&error))?;
    let url = site.url.as_deref().ok_or_else(|| failed(&"the site has no URL"))?;
    let (clients, each) = (work.clients, transactions.load(Ordering::Relaxed));
    let mut command = Command::new(program);
    command
        .args(["--no-vacuum", "--protocol=prepared", "--file=/dev/stdin"])
        .args([format!("--client={clients}"), format!("--jobs={clients}")])
        .arg(format!("--transactions={each}"))
        .arg(url)
        .env("PGOPTIONS", format!("-c search_path={}", site.namespace))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut process = command.spawn().map_err(|error| failed(&error))?;
    let script = format!("\\set id random(1, {})\n{statements}", work.tasks);
    let written = process.stdin.take().map(|mut input| input.write_all(script.as_bytes()));
    let output = process.wait_with_output().map_err(|error| failed(&error))?;
    written.transpose().map_err(|error| failed(&error))?;
    let (acknowledged, per_s) = read(&output).map_err(|why| failed(&why))?;
    transactions.store(fitting(per_s, work), Ordering::Relaxed);
    Ok(ExternalRun { acknowledged, per_s })
}

/// How many transactions fill the time that is given, for each client.
fn fitting(per_s: f64, work: &ExternalWork) -> u64 {
    let fitting = per_s * work.about.as_secs_f64() / f64::from(work.clients);
    (fitting as u64).clamp(20, 1_000_000)
}

/// Transactions, and how many a second without the time to connect.
fn read(output: &Output) -> Result<(u64, f64), String> {
    let text = String::from_utf8_lossy(&output.stdout);
    let after = |start: &str| {
        let rest = text.lines().find_map(|line| line.strip_prefix(start));
        rest.and_then(|rest| rest.split([' ', '/']).next())
    };
    let done = after("number of transactions actually processed: ").and_then(|n| n.parse().ok());
    let per_s = after("tps = ").and_then(|number| number.parse().ok());
    match (output.status.success(), done, per_s) {
        (true, Some(done), Some(per_s)) => Ok((done, per_s)),
        _ => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(said.lines().last().unwrap_or("it said nothing that can be read").to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use super::*;

    fn output(code: i32, stdout: &str, stderr: &str) -> Output {
        let (stdout, stderr) = (stdout.into(), stderr.into());
        Output { status: ExitStatus::from_raw(code << 8), stdout, stderr }
    }

    #[test]
    fn transactions_and_their_rate_are_read_from_what_it_prints() {
        let text = "pgbench (15.18)\nnumber of transactions actually processed: 800/800\n\
                    number of failed transactions: 0 (0.000%)\n\
                    tps = 10234.567 (without initial connection time)\n";
        assert_eq!(read(&output(0, text, "")), Ok((800, 10_234.567)));
    }

    #[test]
    fn a_failure_says_what_pgbench_says() {
        let said = "pgbench: error: x\npgbench: error: client 0 aborted\n";
        assert_eq!(read(&output(2, "", said)), Err("pgbench: error: client 0 aborted".to_owned()));
        assert!(read(&output(0, "tps = many\n", "")).is_err());
    }
}
