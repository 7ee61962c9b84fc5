//! What is published about isolation levels, and larger sizes than the usual ones.

use lab_explore::{Stepped, Token, replay, transcript};
use lab_scenario::{Script, Size};
use lab_store::{Entry, Needs, Promise, ScenarioName};
use lab_task::Anomaly;
use lab_witness::{Evidence, Results};
use racelab::cure::add_cures;
use racelab::find;
use racelab::study::{Effort, Study, study};

use crate::there::{is_there, sites, stand};

const SCHEDULES_MAX: usize = 300;

fn studied(entry: Entry, script: &str) -> Study {
    let script: Script = script.parse().unwrap();
    let study = study(&mut stand(entry), script, Effort::exhaustive(SCHEDULES_MAX));
    study.unwrap_or_else(|error| panic!("{}: {error}", entry.name))
}

/// Berenson et al., "A Critique of ANSI SQL Isolation Levels", SIGMOD 1995, table 4, with
/// snapshot isolation for what Postgres calls REPEATABLE READ; Hermitage's tables for Postgres (P4,
/// G2-item).
#[test]
fn isolation_levels_of_postgres_show_the_anomalies_that_are_published() {
    let levels = [
        ("postgres/read_committed", [true, true]),
        ("postgres/repeatable_read", [false, true]),
        ("postgres/serializable", [false, false]),
    ];
    for (store, published) in levels {
        let entry = find::<Stepped>(store).unwrap();
        if !is_there(&entry.family) {
            return;
        }
        let anomalies = [("log_time", Anomaly::LostUpdate), ("wip_limit", Anomaly::WriteSkew)];
        for ((script, anomaly), shows) in anomalies.into_iter().zip(published) {
            let Study { cell, .. } = studied(entry, script);
            match cell.evidence {
                Evidence::Witnessed { anomalies, .. } => {
                    assert!(shows && anomalies == [anomaly], "{store} {script}: {anomalies:?}");
                }
                Evidence::Proven { .. } => assert!(!shows, "{store} {script} holds"),
                other => panic!("{store} {script}: {other}"),
            }
        }
    }
}

/// Client B has started its task and committed when client A looks for the second time.
#[test]
fn a_row_shows_what_its_transaction_could_see_and_not_what_is_stored_meanwhile() {
    let levels = [
        ("postgres/repeatable_read", "AABBBBBAAA", "SELECT: todo, todo"),
        ("postgres/read_committed", "AABBBBBAA", "SELECT: todo, in_progress"),
    ];
    for (store, schedule, row) in levels {
        let entry = find::<Stepped>(store).unwrap();
        if !is_there(&entry.family) {
            return;
        }
        let mut stand = stand(entry);
        let token: Token = format!("{store}:wip_limit:{schedule}").parse().unwrap();
        let arena = stand.arena(&token.scenario.scenario()).unwrap();
        let run = replay(arena, &token.schedule).unwrap();
        let witness = transcript(arena, &run);
        let looked = &witness.rows[7];
        assert_eq!(looked.stored.as_deref(), Some("todo, in_progress"), "{}", witness.to_text());
        assert_eq!(looked.text, row, "{}", witness.to_text());
    }
}

#[test]
fn three_processes_keep_every_promise_where_no_server_is_needed() {
    let is_near = |entry: &Entry| entry.family.needs != Needs::Postgres;
    for entry in lab_catalog::entries::<Stepped>().into_iter().filter(is_near) {
        for size in ScenarioName::ALL.into_iter().filter_map(Size::of_three) {
            let Study { cell, .. } = studied(entry, &size.to_string());
            println!("{} {size}: {}", entry.name, cell.evidence);
            assert_eq!(cell.broken, None, "{} {size}", entry.name);
        }
    }
}

#[test]
fn the_schedule_of_a_witness_is_harmless_on_the_store_that_is_said_to_help() {
    let entries = lab_catalog::entries::<Stepped>();
    let local = entries.iter().filter(|entry| entry.family.needs != Needs::Postgres);
    let mut results = Results::default();
    for entry in local {
        for name in [ScenarioName::TwoEditors, ScenarioName::LogTime] {
            let Study { cell, witnesses, .. } = studied(*entry, name.as_str());
            results.add(cell, witnesses);
        }
    }
    add_cures(&results.cells, &mut results.witnesses, &sites()).unwrap();
    let mut proved = 0;
    for witness in &results.witnesses {
        let token: Token = witness.token.parse().unwrap();
        let Script::Named(size) = token.scenario else { panic!("{token}") };
        let helps = witness.cures.iter().filter(|cure| !cure.contains("does not help"));
        for cure in helps {
            let store = cure.split(':').next().unwrap();
            let promise = find::<Stepped>(store).unwrap().guarantee.promise(size.name);
            assert_eq!(promise, Some(Promise::Holds), "{}", witness.to_text());
            assert!(cure.contains("the same schedule"), "{}", witness.to_text());
            proved += 1;
        }
    }
    assert!(proved > results.witnesses.len(), "{proved} of {}", results.witnesses.len());
}
