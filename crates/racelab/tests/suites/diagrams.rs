//! Every Mermaid diagram of a report is parsed by the real mermaid, which Node runs.
//!
//! Where Node or the package is missing nothing is checked, in words, unless `RACELAB_REQUIRE`
//! names `mermaid`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lab_servers::{Prerequisite, ServerError};
use lab_task::Anomaly;
use lab_witness::{Cell, Evidence, Lane, Results, Row, Schedules, Share, Span, Timeline, Witness};

use crate::there::say_once;

const INSTALL: &str = "apt-get install nodejs npm, then npm ci in crates/racelab/tests/mermaid";

/// Each has brought down a parser of Mermaid, or would.
const NASTY: [&str; 16] = [
    "a; b",
    "#35; # comment",
    "%% comment %%{init: {\"theme\": \"dark\"}}%%",
    "end",
    "loop each",
    "wrap: nowrap:",
    "participant store as x",
    "A->>B: C-->>D",
    "<b>&amp;</b><br/><script>alert(1)</script>",
    "line one\nline two\r\nline three",
    "style:x; classDef:y#1;",
    "@{ \"type\": \"database\" } $$\\frac{1}{2}$$",
    "```\n~~~",
    "ﬂ°59¶ß ﬂ°°60¶ß",
    "задача 任务 🗒",
    "",
];

/// Runs the check over the files, if it can be run here.
fn check(files: &[&Path]) -> Option<Output> {
    match tool() {
        Ok(mut tool) => Some(tool.args(files).output().unwrap()),
        Err(reason) => {
            let not_run = Prerequisite::Mermaid.not_run(reason);
            say_once(not_run.expect("RACELAB_REQUIRE names it"));
            None
        }
    }
}

/// Node with the script that parses.
fn tool() -> Result<Command, ServerError> {
    let missing = |reason: String| ServerError::Missing { reason, install: INSTALL };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mermaid");
    if !folder.join("node_modules/mermaid/package.json").is_file() {
        return Err(missing("node_modules has no mermaid".to_owned()));
    }
    let version = Command::new("node").arg("--version").output();
    version.map_err(|why| missing(format!("node cannot be run: {why}")))?;
    let mut node = Command::new("node");
    node.arg(folder.join("check.mjs"));
    Ok(node)
}

fn file(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// A witness in which `said` stands wherever a text may.
fn witness(said: &str) -> Witness {
    let row = |lane| Row {
        lane,
        is_preemption: true,
        text: said.to_owned(),
        still_lose: Some(Share { part: 1, of: 1 }),
        is_point_of_no_return: true,
        stored: Some(said.to_owned()),
    };
    let lane = |name: &str| Lane { name: name.to_owned(), role: said.to_owned() };
    Witness {
        store: "memory/naive_vec".to_owned(),
        scenario: "log_time".to_owned(),
        found_in: vec!["log_time".to_owned()],
        story: said.to_owned(),
        anomaly: Some(Anomaly::TornRead),
        has_failed: false,
        token: said.to_owned(),
        changed: None,
        search: None,
        lanes: vec![lane("client A"), lane(said)],
        before: said.to_owned(),
        lay_before: vec![said.to_owned()],
        lies_after: vec![said.to_owned()],
        rows: vec![row(0), row(1)],
        after: said.to_owned(),
        consequence: said.to_owned(),
        cause: Some(said.to_owned()),
        cures: vec![said.to_owned(), said.to_owned()],
    }
}

fn report(witness: Witness) -> String {
    let anomalies = witness.anomaly.into_iter().collect();
    let evidence = Evidence::Witnessed {
        anomalies,
        found_after: 1,
        lose: Share { part: 1, of: 1 },
        run: Schedules::All,
        cut_by_server: 0,
    };
    let (store, scenario) = (witness.store.clone(), witness.scenario.clone());
    let cell = Cell { store, scenario, admits: Vec::new(), evidence, broken: None };
    lab_report::markdown(&Results {
        cells: vec![cell],
        witnesses: vec![witness],
        ..Results::default()
    })
}

/// A diagram that has `said` in its title too, where a report has only names of the catalogue.
fn titled(said: &str) -> String {
    let (store, scenario) = (said.to_owned(), said.to_owned());
    let witness = Witness { store, scenario, ..witness(said) };
    format!("\n```mermaid\n{}```\n", witness.to_mermaid())
}

/// A timeline in which `said` stands wherever a text may.
fn timeline(said: &str) -> String {
    let span = |until| Span {
        lane: 0,
        label: said.to_owned(),
        from: 0,
        until,
        times_ns: None,
        has_failed: false,
        is_blamed: until.is_some(),
        is_maybe: false,
    };
    let timeline = Timeline {
        headline: said.to_owned(),
        lanes: vec![said.to_owned()],
        spans: vec![span(Some(1)), span(None)],
        orders: Vec::new(),
        sentence: said.to_owned(),
        notes: vec![said.to_owned()],
    };
    format!("\n```mermaid\n{}```\n", timeline.to_mermaid())
}

#[test]
fn every_diagram_of_a_report_of_real_stores_parses() {
    let folder = tempfile::tempdir().unwrap();
    let mut tour = Command::new(env!("CARGO_BIN_EXE_racelab"));
    tour.args(["--budget", "100", "--trials", "2", "--out"]).arg(folder.path());
    tour.env("RACELAB_POSTGRES_BIN", "/nowhere").env_remove("RACELAB_POSTGRES_URL");
    let tour = tour.env_remove("RACELAB_REQUIRE").output().unwrap();
    let races = folder.path().join("races.md");
    let text = fs::read_to_string(&races).unwrap_or_else(|_| panic!("{}", stderr(&tour)));
    let diagrams = text.matches("\n```mermaid\n").count();
    assert!(diagrams > 20, "{diagrams} diagrams");
    if let Some(checked) = check(&[&races]) {
        assert_eq!(checked.status.code(), Some(0), "{}", stderr(&checked));
        let all = format!("mermaid: {diagrams} diagrams parsed, 0 wrong\n");
        assert_eq!(stdout(&checked), all);
    }
}

#[test]
fn no_text_breaks_a_diagram() {
    let folder = tempfile::tempdir().unwrap();
    let all = NASTY.join(" ");
    let texts = NASTY.into_iter().chain([all.as_str()]).enumerate();
    let files: Vec<PathBuf> = texts
        .map(|(number, said)| {
            let text = report(witness(said)) + &titled(said) + &timeline(said);
            file(folder.path(), &format!("{number}.md"), &text)
        })
        .collect();
    let paths: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    if let Some(checked) = check(&paths) {
        assert_eq!(checked.status.code(), Some(0), "{}", stderr(&checked));
        assert_eq!(
            stdout(&checked),
            format!("mermaid: {} diagrams parsed, 0 wrong\n", 3 * files.len())
        );
    }
}

#[test]
fn a_diagram_that_breaks_or_loses_a_text_is_named_with_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let good = "```mermaid\nsequenceDiagram\nA->>B: said\n```\n";
    let broken = good.replace("said", "said; and");
    let cut = good.replace("said", "said #and");
    let bad = file(folder.path(), "bad.md", &format!("{good}\n{broken}\n{cut}"));
    let good = file(folder.path(), "good.md", good);
    if let Some(checked) = check(&[&good, &bad]) {
        assert_eq!(checked.status.code(), Some(1), "{}", stderr(&checked));
        let said = stderr(&checked);
        assert!(said.contains("bad.md:6: Mermaid block 2: Parse error"), "{said}");
        let lost = "bad.md:11: Mermaid block 3: it does not say \"said #and\"";
        assert!(said.contains(lost), "{said}");
        assert!(!said.contains("good.md"), "{said}");
        assert_eq!(stdout(&checked), "mermaid: 2 diagrams parsed, 2 wrong\n");
    }
}

#[test]
fn where_there_is_no_diagram_nothing_was_checked() {
    let folder = tempfile::tempdir().unwrap();
    let text = "```text\nsequenceDiagram\n```\n\n````text\n```mermaid\n````\n";
    let none = file(folder.path(), "none.md", text);
    if let Some(checked) = check(&[&none]) {
        assert_eq!(checked.status.code(), Some(2), "{}", stdout(&checked));
    }
}
