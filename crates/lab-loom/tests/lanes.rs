//! What loom finds, as a person reads it: a handful of lines and a sentence, where loom's own trace
//! of the same execution has hundreds.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use lab_loom::{Bound, Loom, Open, search};
use lab_scenario::Scenario;
use lab_store::ScenarioName;
use store_memory::{relaxed_version, unsafe_cell};

const RELAXED: Open = |_| Ok(relaxed_version::open::<Loom>(Ordering::Relaxed));
const RELEASE: Open = |_| Ok(relaxed_version::open::<Loom>(Ordering::Release));
const CELL: Open = |_| Ok(unsafe_cell::open::<Loom>());

/// With `RACELAB_BLESS` set the file is written instead: read it before it is committed.
fn is_golden(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/lanes").join(name);
    if std::env::var_os("RACELAB_BLESS").is_some() {
        fs::write(&path, text).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(golden, text, "{} (RACELAB_BLESS=1 writes it anew)", path.display());
}

/// What loom finds within so many preemptions.
fn lanes(store: &str, open: Open, scenario: ScenarioName, preemptions_max: usize) -> String {
    let scenario = Scenario::usual(scenario);
    search(store, open, &scenario, Bound::preemptions(preemptions_max)).unwrap_err().to_text()
}

#[test]
fn a_lost_update_has_its_values_its_cause_and_a_token_for_the_explorer() {
    let naive = store_memory::entries::<Loom>()[0];
    let lanes = lanes(naive.name, naive.open, ScenarioName::LogTime, 2);
    is_golden("lost_update.txt", &lanes);
}

#[test]
fn the_data_race_of_the_cell_is_found_without_a_single_preemption() {
    let lanes = lanes("memory/unsafe_cell", CELL, ScenarioName::LogTime, 0);
    is_golden("unsafe_cell.txt", &lanes);
}

#[test]
fn a_version_that_is_published_with_relaxed_is_found() {
    let lanes = lanes("memory/relaxed_version", RELAXED, ScenarioName::ListWhileEditing, 1);
    is_golden("relaxed_version.txt", &lanes);
}

#[test]
fn the_same_store_that_publishes_with_release_holds() {
    let scenario = Scenario::usual(ScenarioName::ListWhileEditing);
    assert!(search("memory/relaxed_version", RELEASE, &scenario, Bound::NONE).unwrap() > 1);
}

#[test]
fn writers_alone_meet_at_the_lock_and_never_notice_that_it_is_relaxed() {
    let scenario = Scenario::usual(ScenarioName::LogTime);
    assert!(search("memory/relaxed_version", RELAXED, &scenario, Bound::NONE).unwrap() > 1);
}
