//! Every anomaly that is planted is named, and none is invented.

use lab_order::verify_finding;
use lab_task::Anomaly;

use crate::checked::{check, check_and_verify, verify_core};
use crate::planting::plant;
use crate::simulation::{Plan, Run, simulate};
use crate::{PLAN, SEEDS};

#[test]
fn nothing_is_invented_on_correct_histories() {
    for seed in 0..2 * SEEDS {
        let crashes = if seed % 2 == 0 { 0 } else { 2 };
        let run = simulate(Plan { crashes, ..PLAN }, seed);
        for every in [1, 7, usize::MAX] {
            let findings = check(&run.records, every);
            assert!(findings.is_empty(), "seed {seed}, every {every}: {findings:#?}");
        }
    }
}

/// [`SEEDS`] histories with one planted `anomaly`, one for each of the seeds that give one: with
/// others nothing went wrong, or nobody was shown what the definition of the anomaly needs.
fn planted(anomaly: Anomaly) -> Vec<(u64, Run)> {
    let runs = (0..40_000).filter_map(move |seed| {
        let keys = matches!(anomaly, Anomaly::DuplicateCreate);
        // A count shows many an anomaly a second time, under its own name.
        let counts = anomaly == Anomaly::WriteSkew;
        // Where there are few creates, few of them go wrong.
        let is_of_creates = matches!(anomaly, Anomaly::DuplicateCreate | Anomaly::DuplicateId);
        let tasks = if is_of_creates { 18 } else { PLAN.tasks };
        let mut run = simulate(Plan { bug: Some(anomaly), tasks, keys, counts, ..PLAN }, seed);
        let is_planted = run.has_bug || plant(anomaly, &mut run, seed);
        is_planted.then_some((seed, run))
    });
    let planted: Vec<(u64, Run)> = runs.take(SEEDS as usize).collect();
    assert_eq!(planted.len() as u64, SEEDS, "too few seeds give a {anomaly}");
    planted
}

/// Whether `anomaly` is what is found, and all that is found, in every planted history.
fn is_named_alone(anomaly: Anomaly) {
    for (seed, run) in planted(anomaly) {
        for every in [5, usize::MAX] {
            let findings = check_and_verify(&run.records, every);
            let names: Vec<_> = findings.counts().map(|(name, _)| name).collect();
            assert_eq!(names, [anomaly], "seed {seed}, every {every}: {findings:#?}");
        }
    }
}

#[test]
fn a_lost_update_is_named() {
    is_named_alone(Anomaly::LostUpdate);
}

#[test]
fn a_stale_read_is_named() {
    is_named_alone(Anomaly::StaleRead);
}

#[test]
fn a_non_monotonic_read_is_named() {
    is_named_alone(Anomaly::NonMonotonicRead);
}

#[test]
fn a_future_read_is_named() {
    is_named_alone(Anomaly::FutureRead);
}

#[test]
fn a_dirty_read_is_named() {
    is_named_alone(Anomaly::DirtyRead);
}

#[test]
fn a_torn_read_is_named() {
    is_named_alone(Anomaly::TornRead);
}

#[test]
fn a_torn_list_is_named() {
    is_named_alone(Anomaly::TornList);
}

#[test]
fn a_non_repeatable_read_is_named() {
    is_named_alone(Anomaly::NonRepeatableRead);
}

#[test]
fn a_read_skew_is_named() {
    is_named_alone(Anomaly::ReadSkew);
}

/// In a history as a whole every write skew is named. While one goes on, a few are left open: of a
/// task that was in progress somebody was told of a version that nobody is known to have made yet,
/// and that change may have left progress before the wrong start.
#[test]
fn a_write_skew_is_named() {
    let mut left_open = 0;
    for (seed, run) in planted(Anomaly::WriteSkew) {
        for every in [5, usize::MAX] {
            let findings = check_and_verify(&run.records, every);
            let names: Vec<_> = findings.counts().map(|(name, _)| name).collect();
            if names.is_empty() && every == 5 {
                left_open += 1;
                continue;
            }
            assert_eq!(names, [Anomaly::WriteSkew], "seed {seed}, every {every}: {findings:#?}");
        }
    }
    assert!(left_open < SEEDS / 50, "{left_open} of {SEEDS} were left open");
}

#[test]
fn a_duplicate_id_is_named() {
    is_named_alone(Anomaly::DuplicateId);
}

#[test]
fn a_lost_create_is_named() {
    is_named_alone(Anomaly::LostCreate);
}

#[test]
fn a_duplicate_create_is_named() {
    is_named_alone(Anomaly::DuplicateCreate);
}

#[test]
fn a_resurrected_delete_is_named() {
    is_named_alone(Anomaly::ResurrectedDelete);
}

/// Two instances give out the same ids, so that their tasks show what ids that are given twice do,
/// too. Nothing else is named: no client of the simulation is ever told of another instance.
#[test]
fn divergent_instances_are_named() {
    const BESIDE: [Anomaly; 10] = [
        Anomaly::LostUpdate,
        Anomaly::StaleRead,
        Anomaly::DirtyRead,
        Anomaly::FutureRead,
        Anomaly::TornRead,
        Anomaly::TornList,
        Anomaly::ReadSkew,
        Anomaly::DuplicateId,
        Anomaly::LostCreate,
        Anomaly::ResurrectedDelete,
    ];
    for (seed, run) in planted(Anomaly::DivergentInstances) {
        for every in [5, usize::MAX] {
            let findings = check(&run.records, every);
            let about = || format!("seed {seed}, every {every}: {findings:#?}");
            let finding = findings.first(Anomaly::DivergentInstances);
            let finding = finding.unwrap_or_else(|| panic!("{}", about()));
            assert_eq!(verify_finding(finding), Ok(()), "{}", about());
            verify_core(finding);
            let mut others = findings.counts().filter(|(name, _)| !BESIDE.contains(name));
            assert!(others.all(|(name, _)| name == Anomaly::DivergentInstances), "{}", about());
        }
    }
}
