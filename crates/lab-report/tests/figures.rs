//! The figures and the words beside them, as they are read.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::PathBuf;

use lab_report::{chances_text, files};
use lab_witness::{Chances, Increments, Moment, Results, Share, Window};

fn share(part: usize, of: usize) -> Share {
    Share { part, of }
}

fn chances() -> Chances {
    let increments = |store: &str, clients, explored, walk, walked, threads| Increments {
        store: store.to_owned(),
        clients,
        explored,
        walk,
        walked: share(walked, 200),
        threads: share(threads, 200),
    };
    let moment = |(delay_us, lost, of)| Moment {
        delay_us,
        lost: share(lost, of),
        refused: 0,
        late: 200 - of,
    };
    let window = |store: &str, edit_us_p50, moments: &[(usize, usize, usize)]| Window {
        store: store.to_owned(),
        edit_us_p50,
        moments: moments.iter().copied().map(moment).collect(),
    };
    let two =
        |store, threads| increments(store, 2, Some(share(2, 6)), Some(share(1, 2)), 97, threads);
    let three =
        |store, threads| increments(store, 3, Some(share(6, 90)), Some(share(1, 6)), 35, threads);
    Chances {
        increments: vec![
            two("memory/naive_vec", 200),
            three("memory/naive_vec", 199),
            two("file/<json>", 140),
            increments("file/<json>", 3, None, None, 0, 60),
        ],
        windows: vec![
            window("file/<json>", 31, &[(0, 198, 200), (10, 180, 200), (100, 0, 200)]),
            window("sqlite/autocommit", 70, &[(0, 190, 200), (10, 0, 0), (100, 20, 200)]),
        ],
        left_out: vec!["postgres/autocommit: not run".to_owned()],
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/figures")
}

/// With `RACELAB_BLESS` set the file is written instead: look at it before it is committed.
fn is_golden(name: &str, text: &str) {
    let path = folder().join(name);
    if std::env::var_os("RACELAB_BLESS").is_some() {
        fs::write(&path, text).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(golden, text, "{} (RACELAB_BLESS=1 writes it anew)", path.display());
}

#[test]
fn figures_are_drawn_as_they_were_when_somebody_looked() {
    let results = Results { chances: chances(), ..Results::default() };
    let files = files(&results);
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["races.md", "increments.svg", "window.svg"]);
    for (name, text) in &files[1..] {
        is_golden(name, text);
    }
    let likely = files[0].1.split_once("## How likely").unwrap().1;
    is_golden("likely.md", likely);
    is_golden("chances.txt", &chances_text(&results.chances));
}

#[test]
fn without_measurements_there_are_no_figures_and_the_report_says_so() {
    let files = files(&Results::default());
    let [(_, report)] = &files[..] else { panic!("{} files", files.len()) };
    assert!(report.contains("\n## How likely is it?\n\nNot measured in this run.\n"), "{report}");
    assert!(!report.contains(".svg"), "{report}");
    assert_eq!(chances_text(&Chances::default()), "");
}
