//! This project's checker and public ones on the same histories, in the same run.
//!
//! Each question is asked in a process of its own, so that its memory can be measured and limited;
//! the checkers take turns, round after round. What is to be reached is judged by what the run has
//! measured. Without `--bench`, as `cargo test` starts it, each checker is asked once about a small
//! history, and nothing is written. `RACELAB_PEER_HISTORIES` names the folder with the logs that
//! other checkers are tested with. `--write` puts the tables into `reports/checker.md`, and every
//! other argument is a row to be measured alone.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use racelab_benches::checker::{
    Checker, Compared, Measured, Outcome, Plan, Row, Run, goals, overrun_table, overruns, readers,
    registers, rows, shrinking, shrinking_table, table, versioned, versioned_table,
};
use racelab_benches::{Goal, Reached, goal_table};

const ROUNDS: usize = 5;
/// How long a checker may take for one decision, and how much memory it may use for that.
const TIME_MAX: Duration = Duration::from_secs(20);
const MEMORY_KIB_MAX: u64 = 8 * 1024 * 1024;
/// A decision is repeated for this long, because short ones cannot be measured alone.
const REPEATED_FOR: Duration = Duration::from_millis(50);
/// How long the histories of versioned tasks are.
const VERSIONED_OPERATIONS: usize = 1_000_000;

#[expect(clippy::print_stdout, reason = "tables are what this is for")]
fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [flag, row, checker] = &arguments[..]
        && flag == "--ask"
    {
        return ask(row, checker);
    }
    if !arguments.iter().any(|argument| argument == "--bench") {
        return try_once();
    }
    let asked: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|one| !one.starts_with("--")).collect();
    let (run, tables) = run(|name| asked.is_empty() || asked.contains(&name))?;
    let goals = goal_table(&goals(&run));
    println!("{goals}");
    if arguments.iter().any(|argument| argument == "--write") {
        let report = format!("{HEAD}{goals}## What was measured\n\n{}\n", tables.trim_end());
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../reports/checker.md");
        std::fs::write(&path, report).context("reports/checker.md")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Measures what is asked for, and makes a table of each.
fn run(is_asked: impl Fn(&str) -> bool) -> Result<(Run, String)> {
    let peer_histories = env::var_os("RACELAB_PEER_HISTORIES").map(PathBuf::from);
    let (mut run, mut tables) = (Run::default(), String::new());
    for row in rows(peer_histories.as_deref())? {
        let mut measured = Vec::new();
        if is_asked(&row.name) {
            measured = measure(&row)?;
            show(table(&row, &measured), &mut tables);
        }
        let (is_log, name) = (row.is_log(), row.name);
        run.compared.push(Compared { name, is_log, measured });
    }
    if is_asked("versioned") {
        run.versioned = versioned(VERSIONED_OPERATIONS)?;
        show(versioned_table(&run.versioned), &mut tables);
    }
    if is_asked("readers") {
        show(readers()?, &mut tables);
    }
    if is_asked("shrinking") {
        run.shrunk = shrinking()?;
        show(shrinking_table(&run.shrunk), &mut tables);
    }
    if is_asked("budgets") {
        run.overruns = overruns()?;
        show(overrun_table(&run.overruns), &mut tables);
    }
    Ok((run, tables))
}

/// A table as soon as it is there, and again in the report.
#[expect(clippy::print_stdout, reason = "tables are what this is for")]
fn show(table: String, tables: &mut String) {
    println!("{table}");
    *tables += &table;
}

const HEAD: &str = "# Checkers\n\n\
    Written by `cargo bench -p racelab-benches --bench checker -- --write`. One thread each, the \
    same histories, each question in a process of its own, the checkers in turn for five rounds. \
    Timed is the decision alone, with every form made before; memory is what came on top of that, \
    the most of all rounds. The ratio is to the first line, so above 1 is slower than racelab. A \
    checker may take 20 s and 8 GiB. From `versioned` on, what racelab alone can do is measured in \
    one process.\n\n";

/// Whether every checker still finds a violation in a small history, and versioned tasks hold.
#[expect(clippy::print_stdout, reason = "what was done")]
fn try_once() -> Result<ExitCode> {
    let plan = Plan { operations: 8, clients: 2, keys: 1, unique: true, lie: true };
    let history = registers(plan, 1)?;
    for checker in Checker::ALL {
        let name = checker.as_str();
        if checker.prepare(&history)?.holds()? {
            bail!("{name} says that a history with a stale read holds");
        }
        println!("{name} finds the stale read; nothing is measured without --bench");
    }
    let run = Run { versioned: versioned(1_000)?, ..Run::default() };
    let judged = goals(&run).into_iter().filter(|it| !matches!(it.reached, Reached::NotRun(_)));
    let judged: Vec<Goal> = judged.collect();
    if judged.len() != 2 {
        bail!("versioned tasks have a goal of time and one of memory, but: {judged:?}");
    }
    println!("{} histories of versioned tasks hold", run.versioned.len());
    Ok(ExitCode::SUCCESS)
}

fn measure(row: &Row) -> Result<Vec<Measured>> {
    let mut all: Vec<Measured> =
        Checker::ALL.map(|checker| Measured { checker, rounds: Vec::new() }).into();
    for _ in 0..ROUNDS {
        for one in &mut all {
            let is_out = one.rounds.iter().any(|out| !matches!(out, Outcome::Decided { .. }));
            if !is_out {
                one.rounds.push(child(row, one.checker)?);
            }
        }
    }
    Ok(all)
}

/// Asks in a process of its own.
fn child(row: &Row, checker: Checker) -> Result<Outcome> {
    let program = env::current_exe().context("the path of this program")?;
    let limited = format!("ulimit -v {MEMORY_KIB_MAX}; exec \"$0\" --ask \"$1\" \"$2\"");
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(limited).arg(program).arg(&row.name).arg(checker.as_str());
    let answer = shell.output().context("sh could not be started")?;
    let text = String::from_utf8_lossy(&answer.stdout);
    let words: Vec<&str> = text.split_whitespace().collect();
    match words[..] {
        ["decided", holds, operations, time_ns, memory_bytes] => Ok(Outcome::Decided {
            holds: holds.parse()?,
            operations: operations.parse()?,
            time: Duration::from_nanos(time_ns.parse()?),
            memory_bytes: memory_bytes.parse()?,
        }),
        ["out-of-time"] => Ok(Outcome::OutOfTime),
        // A signal: the allocator gave up, or the stack was at its end.
        [] if answer.status.code().is_none() => Ok(Outcome::Died),
        _ => bail!(
            "{} on {}: {} {text}{}",
            checker.as_str(),
            row.name,
            answer.status,
            String::from_utf8_lossy(&answer.stderr)
        ),
    }
}

/// The child: one line on standard output.
#[expect(clippy::print_stdout, reason = "the parent reads it")]
fn ask(row: &str, checker: &str) -> Result<ExitCode> {
    let peer_histories = env::var_os("RACELAB_PEER_HISTORIES").map(PathBuf::from);
    let rows = rows(peer_histories.as_deref())?;
    let row = rows.into_iter().find(|one| one.name == row).context("no such row")?;
    let checker = Checker::ALL.into_iter().find(|one| one.as_str() == checker);
    let checker = checker.context("no such checker")?;
    let (begun, at_begin) = mpsc::channel();
    let (done, at_end) = mpsc::channel();
    thread::Builder::new().stack_size(64 << 20).spawn(move || {
        let answer = decide(&row, checker, || {
            let _ = begun.send(());
        });
        let _ = done.send(answer);
    })?;
    // The time runs from when the history is there.
    let _ = at_begin.recv();
    match at_end.recv_timeout(TIME_MAX) {
        Ok(line) => println!("{}", line?),
        Err(_) => println!("out-of-time"),
    }
    Ok(ExitCode::SUCCESS)
}

fn decide(row: &Row, checker: Checker, begin: impl FnOnce()) -> Result<String> {
    let history = row.history()?;
    let prepared = checker.prepare(&history)?;
    let resident = resident_bytes("VmRSS")?;
    begin();
    let begun = Instant::now();
    let holds = prepared.holds()?;
    let mut times = vec![begun.elapsed()];
    let peak = resident_bytes("VmHWM")?;
    while begun.elapsed() < REPEATED_FOR {
        let again = Instant::now();
        prepared.holds()?;
        times.push(again.elapsed());
    }
    times.sort_unstable();
    let (operations, time) = (history.operations().len(), times[times.len() / 2]);
    let memory = peak.saturating_sub(resident);
    Ok(format!("decided {holds} {operations} {} {memory}", time.as_nanos()))
}

/// What Linux says of this process's memory.
fn resident_bytes(line: &str) -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status").context("/proc/self/status")?;
    let kib = status.lines().find_map(|one| one.strip_prefix(line)?.split_whitespace().nth(1));
    Ok(kib.with_context(|| format!("no {line} in /proc/self/status"))?.parse::<u64>()? * 1024)
}
