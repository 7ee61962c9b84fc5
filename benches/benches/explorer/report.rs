//! What was measured, in markdown.

use std::fmt::Write as _;
use std::thread;

use racelab_benches::{Goal, goal_table};

use crate::numbers::{Row, median};
use crate::rivals::Random;
use crate::{ROUNDS, TURN};

pub(crate) fn markdown(
    rows: &[Row],
    random: &[Random],
    goals: &[Goal],
    not_run: &[String],
) -> String {
    let mut text = head();
    for why in not_run {
        let _ = writeln!(text, "Not run: {why}.\n");
    }
    speed(rows, &mut text);
    first(rows, &mut text);
    by_chance(random, &mut text);
    let _ = write!(text, "\n{}", goal_table(goals).trim_end());
    text + "\n"
}

fn head() -> String {
    let processors = thread::available_parallelism().map_or(0, usize::from);
    let turn_ms = TURN.as_millis();
    format!(
        "# The explorer beside its peers

Two clients add to one task, each by a read and then a write: 6 schedules, of which 4 lose an
update. The same store and the same scenario run under racelab, loom and shuttle, each as a runtime
of the store; isolationtester gets the same two sessions and permutations in its own language. All
in one run on {processors} processors, a release build, {ROUNDS} turns of {turn_ms} ms for each,
one after the other: medians, and in brackets the least and the most. Made by
`cargo bench -p racelab-benches --bench explorer`.

"
    )
}

const SPEED: &str = "
They do not do the same for it. loom tells memory orders apart and leaves out schedules that it
takes for equal. All run their processes as coroutines of one thread, but for Postgres, where
racelab has a thread for each: a session that waits in the server holds up its thread.
";

const FIRST: &str = "
From a closed store, in the order that each has. isolationtester judges nothing: a person has to
read that its second permutation lost, and its time is that of all six and of its start. The time of
shuttle is that of its report of the failure too.
";

fn speed(rows: &[Row], text: &mut String) {
    text.push_str("## Schedules a second\n\n");
    text.push_str("| who | schedules a second | what it runs |\n|---|---|---|\n");
    for Row { name, what, rates, .. } in rows {
        let least = rates.iter().copied().fold(f64::INFINITY, f64::min);
        let most = rates.iter().copied().fold(0.0, f64::max);
        let half = median(rates.iter().copied());
        let _ = writeln!(text, "| {name} | {half:.0} ({least:.0} to {most:.0}) | {what} |");
    }
    text.push_str(SPEED);
}

fn first(rows: &[Row], text: &mut String) {
    text.push_str("\n## To the first lost update\n\n");
    text.push_str("| who | schedules | time |\n|---|---|---|\n");
    for row in rows {
        let (schedules, ms) = (row.first_schedules(), row.first_ms());
        let _ = writeln!(text, "| {} | {schedules} | {ms:.2} ms |", row.name);
    }
    text.push_str(FIRST);
}

fn by_chance(random: &[Random], text: &mut String) {
    text.push_str("\nBy chance, in memory:\n\n");
    text.push_str("| who | schedules on average | at most | searches |\n|---|---|---|---|\n");
    for Random { name, schedules } in random {
        let average = schedules.iter().sum::<usize>() as f64 / schedules.len().max(1) as f64;
        let most = schedules.iter().max().copied().unwrap_or(0);
        let searches = schedules.len();
        let _ = writeln!(text, "| {name} | {average:.1} | {most} | {searches} |");
    }
}
