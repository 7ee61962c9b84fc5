//! How likely a loss is, in words and tables.

use lab_chance::{Fraction, serial_schedules};
use lab_witness::{Chances, Increments, Share, Window};

use crate::percent::{estimate, percent};
use crate::table::Table;

/// What the numbers of the first figure are, and why they differ.
pub(crate) const INCREMENTS: &str = "\
Some clients add to one task at once, each with one edit that reads and then writes, and nothing
keeps the others out in between. How often does every increment survive?

- By theory in n!·2^n/(2n)! of all schedules: those in which each client writes before the next
  one reads. The explorer runs them all and counts the same.
- A random walk, which lets anybody who can go take the next step with equal chances, ends in one
  of them in 1 of n! cases. That is more, because it decides at every fork, and these schedules
  lie behind fewer of them: AABB behind two (once in 4 walks), ABAB behind three (once in 8). So a
  random scheduler does not draw schedules evenly, and its share is not that of the schedules. Every
  store gets walks from the same seed: where two have equal trees, equal numbers are one sample.
- Real threads start together and are scheduled by the system. How often they collide depends on
  how long an edit takes against how far apart they really begin, on this machine and on this day:
  rare is not safe, since the code is the same. The trials follow each other on one open store, so
  they are not independent of each other, and their interval is rather too narrow.
";

/// What the numbers of the second figure are.
pub(crate) const WINDOWS: &str = "\
This program is started twice more; each of the two processes has the store open and adds to one
task at an appointed time. The delay is how much later than the first the second is to begin: at 0
they begin together. An update is lost if the second reads before the first has written, or the
other way round, so the window is about as long as one edit, which is given as the median of those
that met nobody. Each process has a processor of its own, where there are two; a trial in which one
begins more than 5 µs late is left out, and so is one in which an edit is refused, since nothing is
lost then without a word.
";

/// What the intervals of both figures are.
pub(crate) const INTERVALS: &str = "\
In brackets: the shares of which what was seen is no surprise, at 95 % (Wilson 1927), if the trials
are independent. It is an interval for this machine and this run, not for others.
";

/// Both tables as text for a terminal.
pub fn chances_text(chances: &Chances) -> String {
    let mut text = String::new();
    if !chances.increments.is_empty() {
        text = format!("{INCREMENTS}\n{}", increments(&chances.increments).text());
    }
    if !chances.windows.is_empty() {
        text = format!("{text}\n{WINDOWS}\n{}", windows(&chances.windows).text());
    }
    if !chances.is_empty() {
        text = format!("{text}\n{INTERVALS}");
    }
    left_out(chances)
        .map_or(text.clone(), |left_out| format!("{text}\n{left_out}"))
        .trim_start()
        .to_owned()
}

pub(crate) fn increments(all: &[Increments]) -> Table<6> {
    let head = ["store", "clients", "theory", "schedules run", "random walks", "real threads"];
    let row = |one: &Increments| {
        [
            one.store.clone(),
            one.clients.to_string(),
            theory(one).map_or("-".to_owned(), |share| exactly(share.reduced())),
            one.explored
                .map_or("too many".to_owned(), |kept| format!("{} of {}", kept.part, kept.of)),
            format!("{}, must be {}", estimate(one.walked), walk(one.walk)),
            estimate(one.threads),
        ]
    };
    Table { head, rows: all.iter().map(row).collect() }
}

/// What theory says, where the tree is the one that it speaks of: an edit that is guarded may take
/// as many schedules, and keeps what theory loses.
pub(crate) fn theory(one: &Increments) -> Option<Fraction> {
    let theory = serial_schedules(u32::try_from(one.clients).ok()?)?;
    let is_of =
        |explored: Share| (explored.part as u128, explored.of as u128) == (theory.part, theory.of);
    one.explored.is_some_and(is_of).then_some(theory)
}

fn walk(share: Option<Share>) -> String {
    share.map_or("-".to_owned(), |share| {
        exactly(Fraction { part: share.part as u128, of: share.of as u128 })
    })
}

fn exactly(share: Fraction) -> String {
    format!("{share} = {}", percent(share.part as f64 / share.of as f64))
}

pub(crate) fn windows(all: &[Window]) -> Table<6> {
    let head = ["store", "one edit", "delay", "trials", "lost", "left out"];
    let rows = all.iter().flat_map(|one| {
        one.moments.iter().map(|moment| {
            let left_out = format!("{} late, {} refused", moment.late, moment.refused);
            [
                one.store.clone(),
                format!("{} µs", one.edit_us_p50),
                format!("{} µs", moment.delay_us),
                moment.lost.of.to_string(),
                estimate(moment.lost),
                left_out,
            ]
        })
    });
    Table { head, rows: rows.collect() }
}

/// The stores of which nothing is said, if there are some.
pub(crate) fn left_out(chances: &Chances) -> Option<String> {
    let lines: Vec<String> = chances.left_out.iter().map(|why| format!("- {why}\n")).collect();
    (!lines.is_empty()).then(|| format!("Not measured:\n\n{}", lines.concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theory_speaks_of_edits_that_nothing_guards_and_not_of_as_many_schedules() {
        let of = |part| {
            let explored = Some(Share { part, of: 6 });
            let none = Share { part: 0, of: 1 };
            let store = "x/y".to_owned();
            theory(&Increments {
                store,
                clients: 2,
                explored,
                walk: None,
                walked: none,
                threads: none,
            })
        };
        assert_eq!(of(2).map(|share| (share.part, share.of)), Some((2, 6)));
        assert_eq!(of(6), None);
    }
}
