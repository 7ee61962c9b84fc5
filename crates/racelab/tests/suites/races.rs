//! The acid tests: what stores promise is what is found, on every store of the catalogue.
//!
//! Nothing here names a store.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use lab_explore::{Stepped, Token, explore, replay, retold};
use lab_scenario::{Scenario, Size};
use lab_store::{Capability, Entry, Needs, Promise, ScenarioName};
use lab_task::Anomaly;
use lab_witness::{Evidence, Row, Witness};
use racelab::stand::Stand;
use racelab::study::{Effort, SCHEDULES_MAX, Study, study};

use crate::there::{entries, stand};

/// Every anomaly that a store admits is found within so many schedules.
const FOUND_WITHIN: usize = 5;

fn studies() -> Vec<(Entry, ScenarioName, Study)> {
    let of_entry = |entry: Entry| {
        let mut stand = stand(entry);
        ScenarioName::ALL.map(|name| {
            let study = study(&mut stand, Size::usual(name), Effort::exhaustive(SCHEDULES_MAX));
            (entry, name, study.unwrap_or_else(|error| panic!("{} {name}: {error}", entry.name)))
        })
    };
    entries().into_iter().flat_map(of_entry).collect()
}

#[test]
fn what_a_store_promises_holds_and_what_it_admits_is_found_shown_and_replayed() {
    let mut found = BTreeSet::new();
    for (entry, name, Study { cell, witnesses, .. }) in studies() {
        println!("{:<24} {name:<12} {}: {}", entry.name, cell.evidence.word(), cell.evidence);
        assert_eq!(cell.broken, None, "{} {name}", entry.name);
        assert!(!matches!(cell.evidence, Evidence::Unknown { .. }), "{} {name}", entry.name);
        for witness in witnesses {
            let search = witness.search.unwrap();
            assert!(search.found_after <= FOUND_WITHIN, "{}", witness.to_text());
            if witness.anomaly == Some(Anomaly::LostUpdate) {
                is_short(&entry, &witness);
            }
            found.insert(file_name(&witness));
            is_committed(&witness);
        }
    }
    let committed: BTreeSet<String> =
        entries().iter().flat_map(|entry| committed_of(entry.name)).collect();
    let lost: Vec<_> = committed.difference(&found).collect();
    assert!(lost.is_empty(), "these races were found once and are not found any more: {lost:?}");
}

/// A database's witness has at most 4 statements, or 8 where an operation is a transaction, and no
/// more preemptions than the one that a race takes. The lock of a queue before it is no statement.
fn is_short(entry: &Entry, witness: &Witness) {
    let preemptions = witness.rows.iter().filter(|row| row.is_preemption).count();
    assert!(preemptions <= 1, "{}", witness.to_text());
    if matches!(entry.family.needs, Needs::Database | Needs::Postgres) {
        let has_transaction = witness.rows.iter().any(|row| row.text.starts_with("BEGIN"));
        let most = if has_transaction { 8 } else { 4 };
        let is_statement = |row: &&Row| row.text.starts_with(|first: char| first.is_uppercase());
        let statements = witness.rows.iter().filter(is_statement).count();
        assert!(statements <= most, "{}", witness.to_text());
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/witnesses")
}

fn prefix(store: &str) -> String {
    format!("{}.", store.replace('/', "."))
}

/// The files of the witnesses that are committed of a store.
fn committed_of(store: &str) -> impl Iterator<Item = String> + use<> {
    let prefix = prefix(store);
    let files = fs::read_dir(folder()).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(move |name| name.starts_with(&prefix))
}

fn file_name(witness: &Witness) -> String {
    let anomaly = witness.anomaly.unwrap().as_str().replace(' ', "_");
    format!("{}{}.{anomaly}.txt", prefix(&witness.store), witness.scenario)
}

/// Every witness that was ever found is committed, token first, and found again word for word.
/// With `RACELAB_BLESS` set the files are written instead. A store that is new has none yet.
fn is_committed(witness: &Witness) {
    let path = folder().join(file_name(witness));
    let text = format!("{}\n\n{}", witness.token, witness.to_text());
    if std::env::var_os("RACELAB_BLESS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let has_none = !committed_of(&witness.store).any(|_| true);
    if has_none {
        println!("{}: no witness is committed yet; RACELAB_BLESS=1 writes them", witness.store);
        return;
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(committed, text, "{} (RACELAB_BLESS=1 writes it anew)", path.display());
}

#[test]
fn every_committed_token_replays_to_its_anomaly() {
    for entry in entries() {
        let mut stand = stand(entry);
        for name in committed_of(entry.name) {
            let text = fs::read_to_string(folder().join(&name)).unwrap();
            let token: Token = text.lines().next().unwrap().parse().unwrap();
            let witness = &replays(&mut stand, &token, 1)[0];
            assert_eq!(file_name(witness), name);
            assert!(token.digest.is_some() && witness.changed.is_none(), "{}", witness.to_text());
        }
    }
}

/// The transcripts of so many replays of one token.
fn replays(stand: &mut Stand, token: &Token, times: usize) -> Vec<Witness> {
    let arena = stand.arena(&token.scenario.scenario()).unwrap();
    let replay = |_| {
        let run = replay(arena, &token.schedule).unwrap_or_else(|error| panic!("{token}: {error}"));
        retold(arena, token, &run)
    };
    (0..times).map(replay).collect()
}

#[test]
fn a_thousand_replays_of_one_token_of_each_family_are_the_same() {
    for family in lab_catalog::FAMILIES {
        let admits = |entry: &&Entry| {
            let promise = entry.guarantee.promise(ScenarioName::LogTime);
            entry.family == family && promise.is_some_and(|promise| promise != Promise::Holds)
        };
        let entries = entries();
        let Some(entry) = entries.iter().find(admits) else {
            let is_there = entries.iter().any(|entry| entry.family == family);
            assert!(!is_there, "{} has no naive store", family.name);
            continue;
        };
        let size = Size::usual(ScenarioName::LogTime);
        let mut stand = stand(*entry);
        let study = study(&mut stand, size, Effort::exhaustive(SCHEDULES_MAX)).unwrap();
        let token = study.witnesses[0].token.parse().unwrap();
        let transcripts = replays(&mut stand, &token, 1_000);
        assert!(transcripts.windows(2).all(|pair| pair[0] == pair[1]), "{token}");
    }
}

#[test]
fn a_tree_that_is_explored_twice_is_the_same_tree() {
    for entry in entries() {
        let mut stand = stand(entry);
        let apply = |name: &ScenarioName| entry.guarantee.promise(*name).is_some();
        for name in ScenarioName::ALL.into_iter().filter(apply) {
            let arena = stand.arena(&Scenario::usual(name)).unwrap();
            let [first, second] =
                [(), ()].map(|()| explore(arena, SCHEDULES_MAX).unwrap().schedules);
            assert_eq!(first, second, "{} {name}", entry.name);
        }
    }
}

#[test]
fn between_two_requests_only_a_version_or_a_lease_protects() {
    for entry in lab_catalog::entries::<Stepped>() {
        let protects = entry.guarantee.has(Capability::VersionChecks)
            || entry.guarantee.has(Capability::Leases);
        let holds = entry.guarantee.promise(ScenarioName::TwoEditors) == Some(Promise::Holds);
        // That the promise is what happens is the first test of this file.
        assert_eq!(protects, holds, "{}", entry.name);
    }
}
