//! What is shrunk is as small as it can be.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use lab_explore::{Arena, Bounds, Search, Stepped, explore, programs, shrink, shrink_size};
use lab_scenario::{Program, Scenario, Size, Unit};
use lab_store::{Entry, Promise, ScenarioName, Site};
use lab_task::Anomaly;

/// Enough for every schedule of the programs here.
const SCHEDULES_MAX: usize = 10_000;

fn naive() -> Entry {
    let entries = store_memory::entries::<Stepped>();
    entries.into_iter().find(|entry| entry.name == "memory/naive_vec").unwrap()
}

fn search(program: &Program) -> Search {
    let scenario = program.scenario(Unit::Request);
    let mut arena = Arena::new(naive(), &scenario, Site::default());
    explore(&mut arena, SCHEDULES_MAX).unwrap()
}

fn shrunk(program: &Program, anomaly: Anomaly) -> Program {
    let scenario = program.scenario(Unit::Request);
    let mut arena = Arena::new(naive(), &scenario, Site::default());
    shrink(&mut arena, program, Unit::Request, anomaly, SCHEDULES_MAX).unwrap()
}

fn shows(search: &Search, anomaly: Anomaly) -> bool {
    search.found.iter().any(|found| found.anomaly == anomaly)
}

/// The program without its operation `nth`; `None` if then no two processes are left.
fn without(program: &Program, nth: usize) -> Option<Program> {
    let mut at = 0;
    let mut is_kept = |_: &&_| {
        at += 1;
        at - 1 != nth
    };
    let processes = program.processes().iter();
    let kept = processes.map(|ops| ops.iter().filter(&mut is_kept).copied().collect());
    Program::new(kept.collect()).ok()
}

#[test]
fn a_witness_without_one_of_its_operations_or_preemptions_loses_its_anomaly() {
    let bounds = Bounds { processes_max: 4, ops_max: 2 };
    let mut witnesses = 0;
    for program in programs(7, bounds).take(12) {
        let scenario = program.scenario(Unit::Request);
        let mut arena = Arena::new(naive(), &scenario, Site::default());
        for found in explore(&mut arena, 200).unwrap().found {
            let smallest = shrunk(&program, found.anomaly);
            let whole = search(&smallest);
            assert!(whole.is_complete && shows(&whole, found.anomaly), "{program} {smallest}");
            for nth in 0..smallest.ops() {
                let Some(less) = without(&smallest, nth) else { continue };
                let search = search(&less);
                assert!(search.is_complete && !shows(&search, found.anomaly), "{smallest} {less}");
            }
            let shortest = whole.found.iter().find(|one| one.anomaly == found.anomaly).unwrap();
            let preemptions = |schedule: &[u8]| {
                let one = whole.schedules.iter().find(|one| one.schedule == schedule);
                one.unwrap().preemptions
            };
            let fewest = preemptions(&shortest.schedule);
            let with_fewer = whole.schedules.iter().filter(|one| one.preemptions < fewest);
            assert!(with_fewer.clone().all(|one| one.anomaly != Some(found.anomaly)), "{smallest}");
            witnesses += 1;
        }
    }
    assert!(witnesses > 5, "{witnesses}");
}

#[test]
fn four_processes_of_two_operations_shrink_to_two_of_one() {
    let text = "list+edit1.title/create+save2.notes/edit1.status+list/delete2+edit1.notes";
    let smallest = shrunk(&text.parse().unwrap(), Anomaly::LostUpdate);
    assert_eq!(smallest.to_string(), "edit1.minutes/edit1.minutes");
}

/// Every scenario in its usual size and, where it comes so large, with three processes.
fn sizes() -> impl Iterator<Item = Size> {
    ScenarioName::ALL.into_iter().flat_map(|name| {
        let three = format!("{name}@3x1").parse();
        [Some(Size::usual(name)), three.ok()].into_iter().flatten()
    })
}

fn of_size(entry: Entry, size: Size) -> Search {
    let mut arena = Arena::new(entry, &Scenario::sized(size), Site::default());
    explore(&mut arena, SCHEDULES_MAX).unwrap()
}

#[test]
fn no_part_of_a_scenario_shows_on_a_store_that_holds_what_all_of_it_does_not() {
    let stores = store_memory::entries::<Stepped>();
    // A scenario without its delete is one of editors.
    let holds = |name, entry: &&Entry| {
        let all = [name, ScenarioName::TwoEditors];
        all.iter().all(|name| entry.guarantee.promise(*name) == Some(Promise::Holds))
    };
    let mut parts = 0;
    for size in sizes() {
        let Some(entry) = stores.iter().find(|entry| holds(size.name, entry)) else { continue };
        for part in size.parts() {
            let search = of_size(*entry, part);
            assert!(search.is_complete && search.found.is_empty(), "{} {part}", entry.name);
            parts += 1;
        }
    }
    assert!(parts > 50, "{parts}");
}

#[test]
fn a_scenario_is_shrunk_to_what_its_anomaly_takes_and_no_action_of_that_is_needless() {
    let mut shrunk = Vec::new();
    for size in sizes() {
        for found in of_size(naive(), size).found {
            let mut arena = Arena::new(naive(), &Scenario::sized(size), Site::default());
            let effort = (SCHEDULES_MAX, 0);
            let part = shrink_size(&mut arena, size, found.anomaly, effort).unwrap();
            let smallest = part.unwrap_or(size);
            assert!(shows(&of_size(naive(), smallest), found.anomaly), "{size} {smallest}");
            for less in smallest.parts() {
                assert!(!shows(&of_size(naive(), less), found.anomaly), "{smallest} {less}");
            }
            shrunk.extend(part.map(|part| format!("{size} {part}")));
        }
    }
    assert!(shrunk.contains(&"log_time@3x1 log_time".to_owned()), "{shrunk:?}");
    assert!(shrunk.contains(&"two_editors@3x1 two_editors".to_owned()), "{shrunk:?}");
}
