//! Faults as choices: at every step at which one can happen it does, once a schedule, and each store
//! survives it by what it promises.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(clippy::print_stdout, reason = "what was not run, and why, is said")]

use lab_explore::{Arena, Search, Stepped, Token, explore_faults, fault_of, replay, transcript};
use lab_runtime::Fault;
use lab_scenario::Scenario;
use lab_sites::{SiteError, Sites};
use lab_store::{Entry, Needs, ScenarioName};
use racelab::study::{Effort, Study, StudyError, study};

const SCHEDULES_MAX: usize = 150;

/// The stores on which a fault can happen and whose server is there.
fn entries() -> impl Iterator<Item = Entry> {
    let can_fail = |needs| matches!(needs, Needs::Database | Needs::Postgres);
    let entries = lab_catalog::entries::<Stepped>().into_iter();
    entries.filter(move |entry| can_fail(entry.family.needs)).filter(|entry| match Sites::fastest()
        .make(entry.family.needs)
    {
        Ok(_) => true,
        Err(SiteError::Server { server, why }) => {
            println!("{}", server.not_run(why).unwrap());
            false
        }
        Err(error) => panic!("{error}"),
    })
}

fn search(entry: Entry, name: ScenarioName, faults_max: usize) -> Search {
    let site = Sites::fastest().make(entry.family.needs).unwrap();
    let scenario = Scenario::usual(name);
    let mut arena = Arena::new(entry, &scenario, site.clone());
    explore_faults(&mut arena, SCHEDULES_MAX, faults_max).unwrap()
}

fn faults(search: &Search) -> Vec<Fault> {
    let schedules = search.schedules.iter().flat_map(|one| &one.schedule);
    let mut faults: Vec<Fault> = schedules.filter_map(|choice| fault_of(*choice)).collect();
    faults.sort();
    faults.dedup();
    faults
}

#[test]
fn every_store_survives_one_fault_by_what_it_promises() {
    for entry in entries() {
        let effort = Effort { faults_max: 1, ..Effort::exhaustive(SCHEDULES_MAX) };
        match study(
            entry,
            lab_scenario::Size::usual(ScenarioName::LogTime),
            &Sites::fastest(),
            effort,
        ) {
            Ok(Study { cell, .. }) => assert_eq!(cell.broken, None, "{}", entry.name),
            Err(error @ StudyError::Replay { .. }) => panic!("{error}"),
            Err(error) => panic!("{}: {error}", entry.name),
        }
    }
}

#[test]
fn a_schedule_has_as_many_faults_as_are_asked_for_and_no_more() {
    for entry in entries() {
        let count = |search: &Search| {
            let schedules = search.schedules.iter();
            let faults =
                schedules.map(|one| one.schedule.iter().filter_map(|c| fault_of(*c)).count());
            faults.max().unwrap()
        };
        assert_eq!(count(&search(entry, ScenarioName::LogTime, 0)), 0, "{}", entry.name);
        let one = search(entry, ScenarioName::LogTime, 1);
        assert_eq!(count(&one), 1, "{}", entry.name);
        assert!(one.failure.is_none(), "{}: {:?}", entry.name, one.failure);
        let real = match entry.family.needs {
            Needs::Postgres => vec![Fault::Serialization, Fault::LostAnswer],
            _ => vec![Fault::Busy],
        };
        assert!(faults(&one).iter().all(|fault| real.contains(fault)), "{}", entry.name);
    }
}

#[test]
fn a_schedule_with_a_fault_replays_by_its_token_and_shows_it() {
    for entry in entries() {
        let search = search(entry, ScenarioName::LogTime, 1);
        let has_fault = |schedule: &[u8]| schedule.iter().any(|choice| fault_of(*choice).is_some());
        let one = search.schedules.iter().find(|one| has_fault(&one.schedule)).unwrap();
        let size = lab_scenario::Size::usual(ScenarioName::LogTime);
        let (store, schedule) = (entry.name.to_owned(), one.schedule.clone());
        let token = Token { store, scenario: size.into(), schedule }.to_string();
        let token: Token = token.parse().unwrap();
        let scenario = token.scenario.scenario();
        let site = Sites::fastest().make(entry.family.needs).unwrap();
        let mut arena = Arena::new(entry, &scenario, site.clone());
        let texts = [(), ()].map(|()| {
            let run = replay(&mut arena, &token.schedule).unwrap();
            transcript(&arena, &run).to_text()
        });
        assert_eq!(texts[0], texts[1]);
        assert!(texts[0].contains("the lab"), "{}", texts[0]);
    }
}
