//! The report in markdown.

use std::fmt::Write as _;

use lab_witness::{Cell, Chances, Evidence, Results, Witness};

use crate::blocks::fenced;
use crate::chances::{self, left_out};
use crate::grid::{by_size, find, stores, words};
use crate::{INCREMENTS, WINDOW, power};

/// The whole report: the grid, then what stands behind each of its cells.
pub fn markdown(results: &Results) -> String {
    let mut text = String::from(HEAD);
    for (who, scenarios) in by_size(results) {
        let _ = write!(text, "\n{who}:\n\n");
        table(results, &scenarios, &mut text);
    }
    text.push_str(LEGEND);
    text.push_str(&power::section(results));
    likely(&results.chances, &mut text);
    for store in stores(results) {
        let _ = write!(text, "\n## {store}\n{}", power::caveats(results, store));
        for cell in results.cells.iter().filter(|cell| cell.store == store) {
            section(results, cell, &mut text);
        }
    }
    text
}

const HEAD: &str = "\
# Races

Every store of the catalogue, each scenario explored schedule by schedule on the real thing: a real
`Vec`, a real file, a real SQLite, a real Postgres. Made by `racelab`; the same data as JSON stands
beside it in `results.json`.
";

const LEGEND: &str = "
- ✓ No explored schedule shows an anomaly: all of them, so many that stand for all (the others
  differ only in the order of steps that commute), or all with at most so many preemptions (⇄).
- ✗ Some schedule does: so many of so many, or of the first so many, where more are left.
- ~ No schedule of whole steps does, but the store admits it while two steps run at the same time.
  None of those schedules is left out, so they are no sample, and the rule of three (at most 3/N of
  what is drawn: Hanley and Lippman-Hand 1983) does not apply.
- ? The budget ran out.
- \\- It does not apply, or a server is missing.
- ! What was found is not what the store promises.
- (no mutant fails): it holds, but so it does without each protection that the store declares, so
  nobody has shown that the search would find anything there. That was tried with two processes.
";

/// Both figures with what they say and the numbers that they are drawn from.
fn likely(chances: &Chances, text: &mut String) {
    text.push_str("\n## How likely is it?\n");
    if chances.is_empty() {
        text.push_str("\nNot measured in this run.\n");
    }
    if !chances.increments.is_empty() {
        let numbers = chances::increments(&chances.increments).markdown();
        let _ = write!(text, "\n{}\n", chances::INCREMENTS);
        let _ = write!(text, "![how often every increment survives]({INCREMENTS})\n\n{numbers}");
    }
    if !chances.windows.is_empty() {
        let numbers = chances::windows(&chances.windows).markdown();
        let _ = write!(text, "\n### The race window\n\n{}\n", chances::WINDOWS);
        let _ = write!(text, "![how often two processes lose an increment]({WINDOW})\n\n{numbers}");
    }
    if let Some(left_out) = left_out(chances) {
        let _ = write!(text, "\n{left_out}");
    }
    if !chances.is_empty() {
        let _ = write!(text, "\n{}", chances::INTERVALS);
    }
}

fn table(results: &Results, scenarios: &[&str], text: &mut String) {
    let _ = writeln!(text, "| store | {} |", scenarios.join(" | "));
    let _ = writeln!(text, "|---|{}", "---|".repeat(scenarios.len()));
    for store in stores(results) {
        let cells: Vec<String> = scenarios
            .iter()
            .map(|scenario| {
                find(results, store, scenario).map_or(String::new(), |cell| link(results, cell))
            })
            .collect();
        let _ = writeln!(text, "| {store} | {} |", cells.join(" | "));
    }
}

/// The words of a cell, linked to its section.
fn link(results: &Results, cell: &Cell) -> String {
    format!("[{}](#{})", words(results, cell), anchor(&title(cell)))
}

fn title(cell: &Cell) -> String {
    format!("{} on {}", cell.scenario, cell.store)
}

/// The anchor that a heading gets: lower case, spaces to hyphens, other punctuation left out.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

fn section(results: &Results, cell: &Cell, text: &mut String) {
    let _ = write!(text, "\n### {}\n\n{}: {}.\n", title(cell), cell.evidence.word(), cell.evidence);
    if results.is_unproven_power(cell) {
        text.push_str(
            "\nNo mutant of the store fails here: nobody has shown that the search would.\n",
        );
    }
    if let Some(broken) = &cell.broken {
        let _ = write!(text, "\n**Broken promise**: {broken}.\n");
    }
    if matches!(cell.evidence, Evidence::Witnessed { .. }) {
        results.witnesses_of(cell).for_each(|witness| match witness.found_in.first() {
            Some(first) if *first != cell.scenario => refer(results, first, witness, text),
            _ => show(witness, text),
        });
    }
}

/// Where a witness stands that is shown in a smaller size of the scenario.
fn refer(results: &Results, first: &str, witness: &Witness, text: &mut String) {
    if let Some(cell) = find(results, &witness.store, first) {
        let (word, title) = (witness.word(), title(cell));
        let _ = write!(text, "\n{word}: the witness of [{title}](#{}).\n", anchor(&title));
    }
}

/// The lanes, and the same as a diagram. Only after an empty line is what stands in `<details>`
/// read as markdown.
fn show(witness: &Witness, text: &mut String) {
    let lanes = fenced("text", &witness.to_text());
    let diagram = fenced("mermaid", &witness.to_mermaid());
    let fold = "<details>\n<summary>The same as a diagram</summary>";
    let _ = write!(text, "\n{lanes}\n{fold}\n\n{diagram}\n</details>\n");
}

#[cfg(test)]
mod tests {
    use lab_task::Anomaly;
    use lab_witness::{Caught, Lane, Mutation, Schedules, Share};

    use super::*;

    fn results() -> Results {
        let cell = |store: &str, evidence| Cell {
            store: store.to_owned(),
            scenario: "log_time".to_owned(),
            admits: Vec::new(),
            evidence,
            broken: None,
        };
        let witnessed = Evidence::Witnessed {
            anomalies: vec![Anomaly::LostUpdate],
            found_after: 3,
            lose: Share { part: 4, of: 6 },
            run: Schedules::All,
            cut_by_server: 0,
        };
        let proven = Evidence::Proven {
            schedules: 2,
            preemptions_max: None,
            is_reduced: false,
            cut_by_server: 0,
        };
        let cells = vec![cell("memory/naive_vec", witnessed), cell("memory/mutex", proven)];
        Results { cells, witnesses: vec![witness()], ..Results::default() }
    }

    fn witness() -> Witness {
        Witness {
            store: "memory/naive_vec".to_owned(),
            scenario: "log_time".to_owned(),
            found_in: vec!["log_time".to_owned()],
            story: String::new(),
            anomaly: Some(Anomaly::LostUpdate),
            has_failed: false,
            token: "memory/naive_vec:log_time:ABBA".to_owned(),
            changed: None,
            search: None,
            lay_before: Vec::new(),
            lies_after: Vec::new(),
            lanes: vec![Lane { name: "client A".to_owned(), role: String::new() }],
            before: "v1".to_owned(),
            rows: Vec::new(),
            after: "v2".to_owned(),
            consequence: "```\n# gone".to_owned(),
            cause: None,
            cures: Vec::new(),
        }
    }

    #[test]
    fn a_witness_is_shown_in_lanes_and_as_a_diagram_and_nothing_in_it_is_markdown() {
        let text = markdown(&results());
        let lanes = "\n````text\nLOST UPDATE  memory/naive_vec  log_time\n";
        assert!(text.contains(lanes), "{text}");
        let diagram = "</summary>\n\n```mermaid\nsequenceDiagram\n";
        assert!(text.contains(diagram), "{text}");
        assert!(text.contains("\n```\n\n</details>\n"), "{text}");
    }

    #[test]
    fn every_cell_links_to_a_heading_that_is_there() {
        let text = markdown(&results());
        assert!(text.contains("[✗ LOST UPDATE (4/6)](#log_time-on-memorynaive_vec)"), "{text}");
        assert!(text.contains("\n### log_time on memory/naive_vec\n"), "{text}");
        assert!(text.contains("PROVEN: all 2 schedules hold."), "{text}");
    }

    #[test]
    fn a_larger_size_has_a_table_of_its_own_and_refers_to_the_smaller_witness() {
        let mut results = results();
        let mut large = results.cells[0].clone();
        large.scenario = "log_time@3x1".to_owned();
        results
            .add(large, vec![Witness { found_in: vec!["log_time@3x1".to_owned()], ..witness() }]);
        let text = markdown(&results);
        let tables = [
            "\nWith two processes:\n\n| store | log_time |\n",
            "\nWith three processes:\n\n| store | log_time@3x1 |\n",
        ];
        assert!(tables.iter().all(|table| text.contains(table)), "{text}");
        let title = "log_time on memory/naive_vec";
        let refers = format!("LOST UPDATE: the witness of [{title}](#{}).", anchor(title));
        assert!(text.contains(&refers), "{text}");
        assert_eq!(text.matches("\n````text\n").count(), 1, "{text}");
    }

    #[test]
    fn a_proven_that_no_mutant_has_put_to_the_test_is_marked() {
        let caught = |suite: &str| Caught {
            suite: suite.to_owned(),
            what: "lost update".to_owned(),
            found_after: Some(3),
            token: Some("memory/mutex~lock:log_time:ABBA".to_owned()),
        };
        let mutation = |caught, unseen: Option<&str>| Mutation {
            store: "memory/mutex".to_owned(),
            mutant: "memory/mutex~lock".to_owned(),
            without: "nothing is locked".to_owned(),
            caught,
            survived: Vec::new(),
            unseen: unseen.map(ToOwned::to_owned),
        };
        let with = |mutations| markdown(&Results { mutations, ..results() });
        let mark = "✓ PROVEN, all 2 (no mutant fails)";
        let tried = with(vec![mutation(vec![caught("log_time")], None)]);
        assert!(!tried.contains(mark), "{tried}");
        assert!(tried.contains(
            "| CAUGHT | log_time: lost update in schedule 3 | `memory/mutex~lock:log_time:ABBA` |"
        ));
        assert!(tried.contains("No protection to take away: memory/naive_vec."), "{tried}");
        let elsewhere = with(vec![
            mutation(vec![caught("wip_limit")], None),
            mutation(vec![], Some("nobody cuts the power")),
        ]);
        assert!(elsewhere.contains(mark), "{elsewhere}");
        assert!(elsewhere.contains(
            "\n## memory/mutex\n\nUNSEEN: without `lock` nothing fails, since nobody cuts"
        ));
        assert!(!markdown(&results()).contains(mark));
    }

    #[test]
    fn the_same_results_give_the_same_text() {
        assert_eq!(markdown(&results()), markdown(&results()));
    }
}
