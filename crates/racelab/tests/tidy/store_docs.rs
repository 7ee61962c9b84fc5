//! Every store file is a lesson: what its module doc says, in which order, and the interleaving
//! that shows what the store admits.

use lab_store::{Entry, Promise};

use crate::problem::{File, Problem};
use crate::registered::Registered;

const SECTIONS: [&str; 4] =
    ["# Mechanism", "# What protects it", "# What it admits", "# Where it comes from"];
const STEPS_MIN: usize = 4;

/// Looks at the file of every registered store.
pub(crate) fn check(files: &[File], stores: &[Registered], entries: &[Entry]) -> Vec<Problem> {
    let one = |store: &Registered| {
        let Some(file) = files.iter().find(|file| file.path == store.path) else {
            let what = format!("{} is one file, and it is not here", store.name);
            return vec![File::new(&store.path, "").problem(1, what)];
        };
        let entry = entries.iter().find(|entry| entry.name == store.name);
        lesson(file, entry.is_some_and(admits))
    };
    stores.iter().flat_map(one).collect()
}

fn admits(entry: &Entry) -> bool {
    entry.guarantee.promises.iter().any(|(_, promise)| *promise != Promise::Holds)
}

/// What is wrong with the module doc of one store.
fn lesson(file: &File, admits: bool) -> Vec<Problem> {
    let doc: Vec<(usize, &str)> = file
        .lines()
        .map_while(|(number, line)| Some((number, line.strip_prefix("//!")?.trim())))
        .collect();
    let mut problems = Vec::new();
    if doc.first().is_none_or(|(_, line)| line.is_empty() || line.starts_with('#')) {
        problems.push(file.problem(1, "begin with one line that says what the store is"));
    }
    let is_heading = |(_, line): &(usize, &str)| line.starts_with("# ");
    let headings: Vec<&str> =
        doc.iter().copied().filter(is_heading).map(|(_, line)| line).collect();
    if headings != SECTIONS {
        let what = format!("the module doc has the sections {}: {headings:?}", SECTIONS.join(", "));
        problems.push(file.problem(1, what));
    }
    for section in SECTIONS {
        let mut rest = doc.iter().skip_while(|(_, line)| *line != section);
        let Some((number, _)) = rest.next() else { continue };
        let body: Vec<&str> =
            rest.take_while(|line| !is_heading(line)).map(|(_, line)| *line).collect();
        if body.iter().all(|line| line.is_empty()) {
            problems.push(file.problem(*number, format!("say something under {section}")));
        } else if section == SECTIONS[2] && admits && steps_max(&body) < STEPS_MIN {
            let what = "the guarantee admits an anomaly: show it in a ```text block of at least four \
                        lines";
            problems.push(file.problem(*number, what));
        }
    }
    problems
}

/// The length of the longest block of text.
fn steps_max(body: &[&str]) -> usize {
    let blocks = body.iter().enumerate().filter(|(_, line)| **line == "```text");
    let length = |(at, _)| body.iter().skip(at + 1).take_while(|line| **line != "```").count();
    blocks.map(length).max().unwrap_or(0)
}

fn said(doc: &str, admits: bool) -> Vec<String> {
    let doc: String = doc.lines().map(|line| format!("//! {line}\n")).collect();
    crate::problem::said(&lesson(&File::new("x.rs", &doc), admits))
}

const LESSON: &str = "A lock.\n\n# Mechanism\nIt locks.\n\n# What protects it\nThe lock.\n\n\
                      # What it admits\nThis:\n```text\nA 1\nB 1\nB 2\nA 2\n```\n\n\
                      # Where it comes from\nDijkstra.";

#[test]
fn a_lesson_with_everything_in_its_place_is_left_alone() {
    assert_eq!(said(LESSON, true), [""; 0]);
    assert_eq!(said(&LESSON.replace("B 2\n", ""), false), [""; 0]);
}

#[test]
fn sections_in_another_order_or_missing_are_named() {
    let swapped = LESSON.replace("# Mechanism", "# What protects it ");
    let said_of_swapped = said(&swapped, true);
    assert!(said_of_swapped[0].starts_with("x.rs:1: the module doc has"), "{said_of_swapped:?}");
    let renamed = said(&LESSON.replace("# Where it comes from", "# Sources"), true);
    assert!(renamed[0].ends_with("\"# Sources\"]"), "{renamed:?}");
}

#[test]
fn a_lesson_without_a_first_line_or_with_an_empty_section_is_named() {
    let headless = LESSON.strip_prefix("A lock.\n\n").unwrap();
    assert_eq!(said(headless, true), ["x.rs:1: begin with one line that says what the store is"]);
    let empty = LESSON.replace("It locks.", "");
    assert_eq!(said(&empty, true), ["x.rs:3: say something under # Mechanism"]);
}

#[test]
fn an_anomaly_without_its_interleaving_is_named() {
    let what = "x.rs:9: the guarantee admits an anomaly: show it in a ```text block of at least \
                four lines";
    assert_eq!(said(&LESSON.replace("B 2\n", ""), true), [what]);
    assert_eq!(said(&LESSON.replace("```text", "```sql"), true), [what]);
}
