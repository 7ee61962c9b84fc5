//! Small histories with their verdicts, and the explanation of each that is violated.
//!
//! `histories/NAME.txt` is read as `lanes.rs` says. For each violation `histories/NAME.core` is
//! what a person is shown of it; `RACELAB_BLESS=1` writes it anew.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod lanes;

use std::path::{Path, PathBuf};
use std::time::Duration;

use lab_check::{Budget, History, HistoryBuilder, Object, Verdict};
use lab_history::TaskEvents;
use lab_order::OrderChecker;
use lanes::{Litmus, parse};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/litmus/histories")
}

/// Every litmus test with the path of its file.
fn all() -> Vec<(PathBuf, Litmus)> {
    let files = std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let texts = files.filter(|path| path.extension().is_some_and(|extension| extension == "txt"));
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let litmus = parse(&text).unwrap_or_else(|why| panic!("{path:?}: {why}"));
        (path, litmus)
    };
    texts.map(read).collect()
}

fn history(litmus: &Litmus) -> History {
    let mut builder = HistoryBuilder::new();
    for event in &litmus.events {
        builder.push(event).unwrap();
    }
    builder.finish()
}

/// Those of an object.
fn of_objects() -> impl Iterator<Item = (PathBuf, Litmus, Object)> {
    all().into_iter().filter_map(|(path, litmus)| {
        let object = litmus.object?;
        Some((path, litmus, object))
    })
}

#[test]
fn every_history_of_a_task_store_shows_the_anomalies_that_it_names() {
    let tasks = all().into_iter().filter(|(_, litmus)| litmus.object.is_none());
    let mut verdicts = std::collections::BTreeSet::new();
    for (path, litmus) in tasks {
        let (mut reading, mut checker) = (TaskEvents::new(), OrderChecker::new());
        let mut records = Vec::new();
        for event in &litmus.events {
            reading.take(event, event.time_ns.unwrap(), &mut records).unwrap();
        }
        records.extend(reading.finish());
        records.iter().for_each(|record| checker.push(record).unwrap());
        let (findings, _) = checker.finish();
        let found: Vec<String> =
            findings.counts().map(|(anomaly, _)| anomaly.to_string()).collect();
        assert_eq!(found, litmus.anomalies, "{path:?}");
        assert_eq!(findings.is_empty(), litmus.holds, "{path:?}");
        verdicts.insert(litmus.holds);
    }
    assert_eq!(verdicts.len(), 2);
}

#[test]
fn every_litmus_history_of_an_object_has_its_verdict() {
    for (path, litmus, object) in of_objects() {
        let verdict = object.check(&history(&litmus), Budget::default()).unwrap();
        let is_right = match verdict {
            Verdict::Holds(_) => litmus.holds,
            Verdict::Violated(_) => !litmus.holds,
            Verdict::Unknown(_) => false,
        };
        assert!(is_right, "{path:?}: {verdict:?}");
    }
}

#[test]
fn every_object_has_histories_of_both_verdicts() {
    let all = all();
    assert!(all.len() >= 25, "{}", all.len());
    for object in Object::ALL {
        for holds in [true, false] {
            let is_one = |litmus: &Litmus| litmus.object == Some(object) && litmus.holds == holds;
            assert!(all.iter().any(|(_, litmus)| is_one(litmus)), "{object}, holds: {holds}");
        }
    }
}

#[test]
fn every_violation_has_its_name_and_is_explained_as_it_was_read_and_approved() {
    let is_blessing = std::env::var_os("RACELAB_BLESS").is_some();
    for (path, litmus, object) in of_objects().filter(|(_, litmus, _)| !litmus.holds) {
        let history = history(&litmus);
        let verdict = object.check(&history, Budget::default()).unwrap();
        let Verdict::Violated(violation) = verdict else { panic!("{path:?}: {verdict:?}") };
        let core = object.core(&history, &violation, Duration::MAX).unwrap();
        assert!(core.is_minimal() && core.kept().len() <= 6, "{path:?}: {core:?}");
        let named: Vec<String> = core.name().iter().map(|name| name.anomaly.to_string()).collect();
        assert_eq!(named, litmus.anomalies, "{path:?}");
        let name = path.file_stem().unwrap().to_str().unwrap();
        let text = core.timeline(&history, name.to_owned()).to_text();
        let golden = path.with_extension("core");
        if is_blessing {
            std::fs::write(&golden, &text).unwrap();
        }
        let approved = std::fs::read_to_string(&golden).unwrap_or_default();
        assert_eq!(text, approved, "{golden:?}: read it, then RACELAB_BLESS=1 writes it");
    }
}
