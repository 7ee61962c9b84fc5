//! The report of a benchmark in markdown.

mod bars;
mod costs;
mod goals;
mod numbers;
mod scaling;
mod svg;
mod table;

use std::fmt::Write as _;

use lab_stats::{Pass, Placement, Results, Setting};

/// The files of the report: their names, and what is in them.
pub fn benchmarks(results: &Results) -> Vec<(String, String)> {
    let mut text = String::from(HEAD);
    let mut files = Vec::new();
    machine(results, &mut text);
    text.push_str(&goals::section(results));
    for one in results.settings() {
        let _ = write!(text, "\n## {}\n\n", setting(one));
        if let Some(figure) = bars::of(results, one) {
            let name = format!("benchmarks-{}.svg", files.len() + 1);
            let _ = write!(text, "![Survived per second]({name})\n\n");
            files.push((name, figure));
        }
        text.push_str(&table::of(results, one));
    }
    text.push_str(LEGEND);
    text.push_str(&costs::section(results));
    if let Some((section, figure)) = scaling::of(results) {
        text.push_str(&section);
        files.push(("benchmarks-scaling.svg".to_owned(), figure));
    }
    method(results, &mut text);
    text.push_str(NOT_SHOWN);
    files.push(("benchmarks.md".to_owned(), text));
    files
}

/// The tables alone, for a terminal.
pub fn bench_tables(results: &Results) -> String {
    let table = |one| format!("{}\n\n{}", setting(one), table::of(results, one));
    let tables: Vec<String> = results.settings().into_iter().map(table).collect();
    let legend = if tables.is_empty() { "" } else { LEGEND };
    format!("{}{legend}{}", tables.join("\n"), costs::tables(results))
}

/// A setting in words, as in `hot_task, 4 clients, 1 task`.
pub fn setting(setting: &Setting) -> String {
    let count =
        |count: u32, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    let workload = setting.workload.replace(',', " ");
    let mut text = format!(
        "{workload}, {}, {}",
        count(setting.clients, "client"),
        count(setting.tasks, "task")
    );
    text.push_str(match setting.placement {
        Placement::Free => "",
        Placement::Together => ", all on one processor",
        Placement::Apart => ", clients apart from what they call",
    });
    if setting.processes {
        text.push_str(", each client a process");
    }
    match setting.pass {
        Pass::Throughput => {}
        Pass::Latency => text.push_str(", times"),
        Pass::Open(per_s) => {
            let _ = write!(text, ", times at {per_s} arrivals a second");
        }
    }
    text
}

const HEAD: &str = "\
# Benchmarks

What each protection costs, beside what it is worth. The headline of each row is **acknowledged
writes that survived, per second**: what clients were told is held against what is stored when the
round is over. Made by `racelab bench`; the same data as JSON stands beside it in `benchmarks.json`,
and `racelab report` writes this page from it.
";

fn machine(results: &Results, text: &mut String) {
    let machine = &results.machine;
    let _ = write!(
        text,
        "\n{}, {} threads; files on {}; SQLite {}; Postgres {}.\n",
        machine.processor,
        machine.cores,
        machine.file_system,
        machine.sqlite,
        machine.postgres.as_deref().unwrap_or("not run"),
    );
    for line in &results.not_run {
        let _ = write!(text, "\n{line}\n");
    }
}

const LEGEND: &str = "
*survived/s* are acknowledged writes that survived, or answers where nobody writes; *good/s* are all
good answers, reads too. ✗ loses acknowledged writes. ≈ others used the processors in every round.
† not to be relied on, for the reason below the table. *again* is the same store a second time: what
differs is noise. Ratios are medians of the rounds' ratios to the reference of the family, with
their 95 % interval.
";

fn method(results: &Results, text: &mut String) {
    text.push_str("\n## How it was measured\n\n");
    for line in results.method.iter().map(String::as_str).chain(METHOD) {
        let _ = writeln!(text, "- {line}");
    }
}

const METHOD: [&str; 9] = [
    "A ratio is taken round by round and then the median of the rounds, so that what slows down a \
     whole round cancels out. Intervals are percentiles of 2,000 resamples of the rounds.",
    "*faster* and *slower* need the whole interval on one side of 1, *no difference* the whole \
     interval within 5 % of it; all else is *inconclusive*.",
    "A ratio is marked † unless there are 15 quiet rounds and the same store a second time lies \
     within 5 % of itself. A goal is met if the lower end of the interval is.",
    "Every change adds a minute to a task. After each round the stored minutes, creates and \
     deletes are counted; what was acknowledged and is missing is a lie.",
    "Throughput and times are separate passes: a client that counts reads no clock. In an open \
     loop the time of an operation begins when it was due, and what was due and got no turn counts \
     with its wait so far.",
    "Attempts count what a store began again by itself, and what it refused. Jain's index is 1 \
     where all clients got the same and 1/n where one of n got everything.",
    "Beside each figure of a store with files stands a probe: one thread that appends 64 bytes and \
     calls fdatasync, in the same folder right before.",
    "Peers run in the same rounds through the same trait and the same clients, except pgbench, \
     which is its own driver and counts for itself. Ratios are between mechanisms and not between \
     loops.",
    "*All on one processor* pins clients, the store's threads and the server's processes to one; \
     *apart* pins the clients to one and the others to another. A hand-off that wakes somebody on \
     another processor costs many times one that does not, and a free scheduler does now the one \
     and now the other: the two ends are what can be repeated.",
];

const NOT_SHOWN: &str = "
## What it does not show

- Other machines: with more cores locks are contended in another way, and another disk syncs at
  another speed. Ratios travel better than figures, and neither travels far.
- Durability of Postgres: the lab's private server runs with `fsync = off` in memory. Its rows say
  what round trips, locks and conflicts cost, and nothing about a disk.
- Long runs: a round is short. Compaction, checkpoints, vacuum and a full cache come later.
- Edits of tasks that are deleted later in the round: nobody can see whether they survived, so
  *survived/s* leaves them out, and is too low for workloads that delete.
- Networks: every client is on the same machine, on a socket.
- A store that survived every round is not proven to be right; the [races](races.md) say what is.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_told_in_words() {
        let mut told = Setting {
            workload: "uniform,edit=1".to_owned(),
            clients: 1,
            tasks: 1000,
            processes: false,
            placement: Placement::Free,
            pass: Pass::Throughput,
        };
        assert_eq!(setting(&told), "uniform edit=1, 1 client, 1000 tasks");
        told.clients = 4;
        told.processes = true;
        told.pass = Pass::Open(200.0);
        let text = "uniform edit=1, 4 clients, 1000 tasks, each client a process, times at 200 \
                    arrivals a second";
        assert_eq!(setting(&told), text);
    }
}
