//! What is shrunk is as small as it can be.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use lab_explore::{Arena, Bounds, Search, Stepped, explore, programs, shrink};
use lab_scenario::{Program, Unit};
use lab_store::{Entry, Site};
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
