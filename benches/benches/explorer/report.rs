//! What was measured, in markdown.

use std::fmt::Write as _;
use std::thread;

use crate::goals::Goal;
use crate::numbers::Row;
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
    reached(goals, &mut text);
    text
}

fn head() -> String {
    let processors = thread::available_parallelism().map_or(0, usize::from);
    format!(
        "# The explorer beside its peers\n\n\
         Two clients add to one task, each by a read and then a write: 6 schedules, of which 4 lose \
         an update.\nThe same store and the same scenario run under racelab, loom and shuttle, each \
         as a runtime of the\nstore; isolationtester gets the same two sessions and permutations in \
         its own language.\nAll in one run on {processors} processors, a release build, \
         {ROUNDS} turns of {} ms each in turn: medians, and\nin brackets the least and the most. \
         Made by `cargo bench -p racelab-benches --bench explorer`.\n\n",
        TURN.as_millis()
    )
}

fn speed(rows: &[Row], text: &mut String) {
    text.push_str(
        "## Schedules a second\n\n| who | schedules a second | what it runs |\n|---|---|---|\n",
    );
    for row in rows {
        let least = row.rates.iter().copied().fold(f64::INFINITY, f64::min);
        let most = row.rates.iter().copied().fold(0.0, f64::max);
        let _ = writeln!(
            text,
            "| {} | {:.0} ({least:.0} to {most:.0}) | {} |",
            row.name,
            row.rate(),
            row.what
        );
    }
    text.push_str(
        "\nThey do not do the same for it. loom tells memory orders apart and leaves out schedules \
         that it takes\nfor equal; shuttle and loom run coroutines where racelab hands a baton from \
         thread to thread, since\na file and a database need threads.\n",
    );
}

fn first(rows: &[Row], text: &mut String) {
    text.push_str("\n## To the first lost update\n\n| who | schedules | time |\n|---|---|---|\n");
    for row in rows {
        let (schedules, ms) = (row.first_schedules(), row.first_ms());
        let _ = writeln!(text, "| {} | {schedules} | {ms:.2} ms |", row.name);
    }
    text.push_str(
        "\nFrom a closed store, in the order that each has. isolationtester judges nothing: a person \
         has to read\nthat its second permutation lost, and its time is that of all six and of its \
         start. The time of shuttle\nis that of its report of the failure too.\n",
    );
}

fn by_chance(random: &[Random], text: &mut String) {
    text.push_str("\nBy chance, in memory:\n\n| who | schedules on average | at most | searches |\n|---|---|---|---|\n");
    for Random { name, schedules } in random {
        let average = schedules.iter().sum::<usize>() as f64 / schedules.len().max(1) as f64;
        let most = schedules.iter().max().copied().unwrap_or(0);
        let _ = writeln!(text, "| {name} | {average:.1} | {most} | {} |", schedules.len());
    }
}

fn reached(goals: &[Goal], text: &mut String) {
    text.push_str("\n## What it must reach\n\n| what | wanted | reached | |\n|---|---|---|---|\n");
    for Goal { what, wanted, reached, is_met } in goals {
        let word = if *is_met { "✓ met" } else { "✗ not met" };
        let _ = writeln!(text, "| {what} | {wanted} | {reached} | {word} |");
    }
}
