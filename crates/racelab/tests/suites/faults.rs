//! Faults as choices: at every step at which one can happen it does, once a schedule, and each
//! store survives it by what it promises.

use lab_explore::{Arena, Token, explore_faults, fault_of, replay, transcript};
use lab_runtime::Fault;
use lab_scenario::{Scenario, Size};
use lab_store::{Entry, Needs, ScenarioName};

use crate::there::{entries, stand};

/// Enough for a fault at each step of the schedules without a preemption.
const SCHEDULES_MAX: usize = 40;

/// The faults that a family's seam can make.
fn real(needs: Needs) -> &'static [Fault] {
    match needs {
        Needs::Nothing | Needs::Directory => &[],
        Needs::Database => &[Fault::Busy],
        Needs::Postgres => &[Fault::Serialization, Fault::LostAnswer],
    }
}

fn faults(schedule: &[u8]) -> impl Iterator<Item = Fault> {
    schedule.iter().filter_map(|choice| fault_of(*choice))
}

#[test]
fn every_store_survives_one_fault_by_what_it_promises_and_replays_it() {
    for entry in entries() {
        survives_one_fault(entry, ScenarioName::LogTime);
    }
}

/// The client tries again by itself: the server's lost answer is the same to it as the network's.
#[test]
fn a_create_whose_answer_the_server_loses_is_made_once_where_keys_are_kept() {
    for entry in entries() {
        survives_one_fault(entry, ScenarioName::RetriedCreate);
    }
}

fn survives_one_fault(entry: Entry, name: ScenarioName) {
    let Some(promise) = entry.guarantee.promise(name) else { return };
    let mut stand = stand(entry);
    let arena = stand.arena(&Scenario::usual(name)).unwrap();
    let search = explore_faults(arena, SCHEDULES_MAX, 1).unwrap();
    assert_eq!(search.failure, None, "{} {name}", entry.name);
    let found: Vec<_> = search.found.iter().map(|found| found.anomaly).collect();
    let is_admitted = found.iter().all(|one| promise.admitted().contains(one));
    assert!(is_admitted, "{} {name}: {found:?}", entry.name);
    let struck: Vec<&Vec<u8>> = search
        .schedules
        .iter()
        .map(|one| &one.schedule)
        .filter(|schedule| faults(schedule).count() > 0)
        .collect();
    let real = real(entry.family.needs);
    assert_eq!(struck.is_empty(), real.is_empty(), "{} {name}", entry.name);
    for schedule in &struck {
        assert_eq!(faults(schedule).count(), 1, "{} {name}", entry.name);
        assert!(faults(schedule).all(|fault| real.contains(&fault)), "{} {name}", entry.name);
    }
    if let Some(schedule) = struck.first() {
        replays(arena, &Size::usual(name), entry.name, schedule);
    }
}

/// By its token, the same each time, and with the fault in its lanes.
fn replays(arena: &mut Arena, size: &Size, store: &str, schedule: &[u8]) {
    let scenario = (*size).into();
    let token =
        Token { store: store.to_owned(), scenario, schedule: schedule.to_vec(), digest: None };
    let token: Token = token.to_string().parse().unwrap();
    let texts = [(), ()].map(|()| {
        let run = replay(arena, &token.schedule).unwrap();
        transcript(arena, &run).to_text()
    });
    assert_eq!(texts[0], texts[1]);
    assert!(texts[0].contains("the lab"), "{}", texts[0]);
}
