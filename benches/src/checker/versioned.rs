//! What a check by versions costs.

use std::fmt::Write;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::VersionedHistory;

const ROUNDS: usize = 5;
/// How many of 100 operations are lists, in a history with lists.
const LISTS_PERCENT: u8 = 5;

/// How the check did on one history of versioned tasks.
#[derive(Clone, Debug)]
pub struct Versioned {
    /// How many of 100 operations are lists.
    pub lists_percent: u8,
    /// How many operations there are.
    pub operations: usize,
    /// How many tasks all lists have together.
    pub listed: usize,
    /// The median time.
    pub time: Duration,
    /// The shortest and the longest.
    pub range: (Duration, Duration),
    /// The most that the checker held.
    pub held_bytes: usize,
}

impl Versioned {
    /// Operations a second.
    pub fn per_second(&self) -> f64 {
        self.operations as f64 / self.time.as_secs_f64()
    }

    /// What the checker held, for each operation, in bytes.
    pub fn per_operation_bytes(&self) -> f64 {
        self.held_bytes as f64 / self.operations as f64
    }
}

/// Two histories of so many operations, without lists and with them.
///
/// # Errors
/// The checker finds something in a history that a correct store could have given.
pub fn versioned(operations: usize) -> Result<Vec<Versioned>> {
    [0, LISTS_PERCENT].into_iter().map(|lists_percent| measure(operations, lists_percent)).collect()
}

fn measure(operations: usize, lists_percent: u8) -> Result<Versioned> {
    let history = VersionedHistory::made(operations, lists_percent);
    let mut times = Vec::new();
    let mut held_bytes = 0;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        held_bytes = history.check()?.max(held_bytes);
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    Ok(Versioned {
        lists_percent,
        operations: history.operations(),
        listed: history.listed(),
        time: times[ROUNDS / 2],
        range: (times[0], times[ROUNDS - 1]),
        held_bytes,
    })
}

/// The histories, a line for each.
pub fn versioned_table(all: &[Versioned]) -> String {
    let mut text = String::from(
        "### versioned\n\nTasks with versions, 16 clients and 100 tasks, checked by versions as a \
         stress run does it: each record is forgotten when nothing can contradict it any more. \
         Held is what the checker itself has at most\n\n\
         | history | median | shortest to longest | operations/s | held | an operation |\n\
         |---|--:|--:|--:|--:|--:|\n",
    );
    for one in all {
        let Versioned { lists_percent, operations, listed, time, range, held_bytes } = one;
        let lists = if *lists_percent == 0 {
            "no lists".to_owned()
        } else {
            format!("{lists_percent} % lists with {listed} tasks")
        };
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "| {operations} operations, {lists} | {time:.1?} | {:.1?} to {:.1?} | {:.0} | {:.1} MB \
             | {:.1} bytes |",
            range.0,
            range.1,
            one.per_second(),
            *held_bytes as f64 / 1e6,
            one.per_operation_bytes(),
        );
    }
    text + "\n"
}
