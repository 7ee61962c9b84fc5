//! A folder of peer histories: what other checkers are tested with, and the verdicts that they
//! expect.
//!
//! `RACELAB_PEER_HISTORIES` names it. Its file `expected.tsv` has a line for each history: its path
//! in the folder, the model, `Ok` or `Illegal`, and the number of operations. Without the variable
//! nothing is checked, in words.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]
#![allow(clippy::print_stdout, reason = "what was not run, and why, is said")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lab_check::{Budget, History, HistoryBuilder, Object, Verdict};
use lab_history::Reader;

const VARIABLE: &str = "RACELAB_PEER_HISTORIES";

struct Peer {
    path: PathBuf,
    object: Object,
    holds: bool,
    operations: usize,
}

/// The folder's histories, if there is one.
fn peers() -> Option<Vec<Peer>> {
    let Some(folder) = std::env::var_os(VARIABLE).map(PathBuf::from) else {
        // Past the capture of the test harness: what did not run must be seen.
        let what = "a folder of peer histories with an expected.tsv";
        let said = format!("peer histories: not run: set {VARIABLE} to {what}\n");
        std::io::stderr().write_all(said.as_bytes()).unwrap();
        return None;
    };
    let list = folder.join("expected.tsv");
    let list = std::fs::read_to_string(&list).unwrap_or_else(|why| panic!("{list:?}: {why}"));
    let lines = list.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let peers: Vec<Peer> = lines.map(|line| peer(&folder, line)).collect();
    assert!(!peers.is_empty(), "expected.tsv names no history");
    Some(peers)
}

fn peer(folder: &Path, line: &str) -> Peer {
    let columns: Vec<&str> = line.split('\t').collect();
    let [file, model, expected, operations] = columns[..] else { panic!("{line:?}") };
    let object = match model {
        "etcd-cas-register" => Object::CasRegister,
        "kv-partitioned" => Object::KeyValue,
        _ => panic!("no specification for the model {model:?}"),
    };
    let holds = match expected {
        "Ok" => true,
        "Illegal" => false,
        _ => panic!("{expected:?} is no verdict"),
    };
    Peer { path: folder.join(file), object, holds, operations: operations.parse().unwrap() }
}

fn history(path: &Path) -> History {
    let mut builder = HistoryBuilder::new();
    for event in Reader::open(path).and_then(Reader::read_all).unwrap() {
        builder.push(&event).unwrap();
    }
    builder.finish()
}

#[test]
fn every_peer_history_has_the_verdict_that_its_checker_gives() {
    for Peer { path, object, holds, operations } in peers().unwrap_or_default() {
        let history = history(&path);
        assert_eq!(history.operations().len(), operations, "{path:?}");
        let verdict = object.check(&history, Budget::default()).unwrap();
        assert!(!matches!(verdict, Verdict::Unknown(_)), "{path:?}: {verdict:?}");
        assert_eq!(matches!(verdict, Verdict::Holds(_)), holds, "{path:?}: {verdict:?}");
    }
}

#[test]
fn the_core_of_every_violated_peer_history_has_at_most_six_operations() {
    for Peer { path, object, .. } in peers().unwrap_or_default().iter().filter(|peer| !peer.holds) {
        let history = history(path);
        let verdict = object.check(&history, Budget::default()).unwrap();
        let Verdict::Violated(violation) = verdict else { panic!("{path:?}: {verdict:?}") };
        let core = object.core(&history, &violation, Duration::MAX).unwrap();
        let text = core.timeline(&history, format!("VIOLATED  {object}")).to_text();
        println!("{text}");
        assert!(core.is_minimal() && core.kept().len() <= 6, "{path:?}\n{text}");
        for again in [core.weakened(&history), core.shown(&history)] {
            let again = object.check(&again, Budget::default()).unwrap();
            assert!(matches!(again, Verdict::Violated(_)), "{path:?}\n{text}");
        }
    }
}
