//! Versioned histories: correct ones hold, and every anomaly that is planted is named.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod bug;
mod oracle;
mod planting;
mod simulation;

use lab_history::{Ending, Function, Record};
use lab_order::{
    Age, Core, Finding, Findings, OpenWatch, OrderChecker, left_open, linearize, verify_finding,
    verify_order,
};
use lab_task::{Anomaly, Status, TaskId};

use fastrand::Rng;

use crate::oracle::{disturb, has_order, is_ambiguous};
use crate::planting::plant;
use crate::simulation::{Plan, Run, simulate};

const PLAN: Plan = Plan {
    clients: 5,
    tasks: 6,
    operations: 150,
    crashes: 0,
    keys: true,
    filters: true,
    counts: true,
    bug: None,
};
const SEEDS: u64 = 1000;

/// Checks, and settles after each `every` records as far as that can be known.
fn check(records: &[Record], every: usize) -> Findings {
    let mut from = u64::MAX;
    let mut settled = vec![u64::MAX; records.len()];
    for (at, record) in records.iter().enumerate().rev() {
        settled[at] = from;
        from = from.min(record.invoked);
    }
    let mut checker = OrderChecker::new();
    for (at, record) in records.iter().enumerate() {
        checker.push(record).unwrap();
        let is_within_list =
            records.get(at + 1).is_some_and(|next| next.answered == record.answered);
        if at % every == every - 1 && !is_within_list {
            checker.settle(settled[at]);
        }
    }
    checker.finish().0
}

/// Checks, and verifies each finding by its own steps.
fn check_and_verify(records: &[Record], every: usize) -> Findings {
    let findings = check(records, every);
    for finding in findings.iter() {
        if let Err(e) = verify_finding(finding) {
            panic!("{e} {records:#?}")
        }
        verify_core(finding);
    }
    findings
}

/// A core is a finding itself, and is none any more if any of its operations is left out.
fn verify_core(finding: &Finding) {
    let core = Core::of(finding);
    let of = |steps: Vec<Record>| Finding { steps, ..finding.clone() };
    assert_eq!(verify_finding(&of(core.steps.clone())), Ok(()), "{finding:#?}");
    assert!(core.steps.iter().all(|step| finding.steps.contains(step)), "{finding:#?}");
    if !core.is_minimal {
        // It says of one operation, and of the failed write it may come from, what only all the
        // others show.
        let (_, failed) = core.steps.split_last().unwrap();
        assert!(failed.iter().all(|step| step.ending != Ending::Ok), "{finding:#?}");
        assert!(failed.len() < 2, "{finding:#?}");
        return;
    }
    for left_out in 0..core.steps.len() {
        let mut fewer = core.steps.clone();
        fewer.remove(left_out);
        assert!(!Core::of(&of(fewer)).is_minimal, "{left_out} of {core:#?}");
    }
    let steps = &core.steps;
    assert!(core.orders.iter().all(|(a, b)| steps[*a].answered < steps[*b].invoked), "{core:#?}");
}

#[test]
fn what_a_contradiction_does_not_need_is_left_out_of_its_core() {
    let steps = vec![
        record(0, Function::Save, 3, [10, 20]),
        record(1, Function::Get, 3, [21, 22]),
        record(2, Function::Get, 2, [30, 40]),
    ];
    let (anomaly, task) = (Anomaly::StaleRead, TaskId(1));
    let sentence = String::new();
    let finding = Finding { anomaly, task, steps, age: Age::default(), sentence };
    let core = Core::of(&finding);
    assert!(core.is_minimal);
    assert_eq!((core.steps, core.orders), (finding.steps[1..].to_vec(), vec![(0, 1)]));
    let alone = Finding { steps: finding.steps[2..].to_vec(), ..finding };
    assert!(!Core::of(&alone).is_minimal);
}

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

#[test]
fn the_order_of_a_correct_history_can_be_replayed() {
    for seed in 0..SEEDS {
        let run = simulate(Plan { keys: false, ..PLAN }, seed);
        let order = linearize(&run.records).unwrap();
        verify_order(&run.records, &order).unwrap();
        let mut wrong = order.clone();
        wrong.reverse();
        assert!(verify_order(&run.records, &wrong).is_err(), "seed {seed}");
    }
}

#[test]
fn a_history_holds_where_brute_force_finds_an_order() {
    let plan = Plan {
        clients: 4,
        tasks: 3,
        operations: 14,
        keys: false,
        filters: false,
        counts: false,
        ..PLAN
    };
    let mut random = Rng::with_seed(11);
    let mut counts = [0; 2];
    let mut ambiguous = 0;
    for seed in 0..20 * SEEDS {
        let mut records = simulate(plan, seed).records;
        for record in &mut records {
            (record.content, record.status) = (0, None);
        }
        if seed % 8 > 0 {
            disturb(&mut records, &mut random);
        }
        let expected = has_order(&records);
        for every in [3, usize::MAX] {
            let findings = check_and_verify(&records, every);
            let about = || format!("seed {seed}, every {every}: {findings:#?} {records:#?}");
            if !expected && findings.is_empty() && is_ambiguous(&records) {
                ambiguous += 1;
                continue;
            }
            assert_eq!(findings.is_empty(), expected, "{}", about());
        }
        counts[usize::from(expected)] += 1;
    }
    assert!(counts.iter().all(|count| *count as u64 > SEEDS), "{counts:?}");
    assert!(ambiguous < 10, "{ambiguous} were left open");
}

/// What a garbled answer claims costs no memory, and is named.
#[test]
fn a_version_far_beyond_all_others_is_not_waited_for() {
    let created = simulate(PLAN, 1).records.into_iter().find(|it| it.function == Function::Create);
    let created = Record { invoked: 1, answered: 2, ..created.unwrap() };
    let (function, based_on, version) = (Function::Get, 0, 1 << 18);
    let saw = Record { invoked: 3, answered: 4, function, based_on, version, ..created };
    let mut checker = OrderChecker::new();
    checker.push(&created).unwrap();
    checker.push(&saw).unwrap();
    checker.settle(5);
    assert!(checker.bytes() < 1 << 20, "{}", checker.bytes());
    assert_eq!(checker.finish().0.count(Anomaly::DirtyRead), 1);
}

/// A record of task 1.
fn record(process: u32, function: Function, version: u64, [invoked, answered]: [u64; 2]) -> Record {
    Record {
        invoked,
        answered,
        process,
        function,
        ending: Ending::Ok,
        status: None,
        task: 1,
        based_on: 0,
        version,
        content: 0,
    }
}

#[test]
fn only_a_write_that_was_asked_for_before_an_answer_can_have_left_what_it_shows() {
    let created = record(0, Function::Create, 1, [1, 2]);
    let saw = Record { content: 7, ..record(1, Function::Get, 2, [5, 10]) };
    let failed = Record { ending: Ending::Fail, ..record(2, Function::Edit, 0, [3, 4]) };
    let of = |invoked, content| Record { invoked, answered: invoked + 1, content, ..failed };
    let nobody = "client 1 saw v2 of task 1, which no applied operation wrote";
    let left = ": client 2's edit, which failed, can have left it";
    for (failed, sentence, steps) in [
        (of(3, 7), "client 1 saw v2 of task 1, which client 2 tried to write and did not", 2),
        (of(3, 0), &format!("{nobody}{left}"), 2),
        (of(3, 8), nobody, 1),
        (of(11, 0), nobody, 1),
        (of(11, 7), nobody, 1),
        (Record { function: Function::Delete, ..of(3, 0) }, nobody, 1),
    ] {
        let mut records = vec![created, saw, failed];
        records.sort_by_key(|record| record.answered);
        let findings = check_and_verify(&records, usize::MAX);
        let finding = findings.first(Anomaly::DirtyRead).unwrap();
        assert_eq!((finding.sentence.as_str(), finding.steps.len()), (sentence, steps));
    }
}

#[test]
fn a_version_on_top_of_one_that_nobody_made_is_not_said_to_be_seen() {
    let records = [record(0, Function::Create, 1, [1, 2]), record(1, Function::Edit, 3, [3, 4])];
    let findings = check_and_verify(&records, usize::MAX);
    let sentence = &findings.first(Anomaly::DirtyRead).unwrap().sentence;
    assert_eq!(*sentence, "client 1 was told of v3 of task 1, and no applied operation wrote v2");
}

#[test]
fn an_edit_of_which_nobody_knows_what_it_wrote_may_have_written_what_failed() {
    let save = Record { content: 7, ..record(2, Function::Save, 0, [3, 4]) };
    let records = [
        record(0, Function::Create, 1, [1, 2]),
        Record { ending: Ending::Fail, ..save },
        record(0, Function::Edit, 2, [5, 6]),
        Record { content: 7, ..record(1, Function::Get, 2, [7, 8]) },
    ];
    assert!(check(&records, usize::MAX).is_empty());
    let other = Record { content: 8, ..record(3, Function::Get, 2, [9, 10]) };
    let findings = check_and_verify(&[&records[..], &[other]].concat(), usize::MAX);
    assert_eq!(findings.count(Anomaly::DirtyRead), 1, "two saw two contents: {findings:#?}");
}

#[test]
fn what_would_have_been_written_to_a_task_that_is_not_there_is_seen_by_nobody() {
    let refused = |process, content, places| {
        let save = record(process, Function::Save, 0, places);
        Record { ending: Ending::NotFound, content, ..save }
    };
    let records = [
        refused(1, 7, [2, 3]),
        refused(2, 8, [4, 5]),
        record(0, Function::Create, 1, [1, 6]),
        record(1, Function::Get, 1, [7, 8]),
    ];
    let findings = check(&records, usize::MAX);
    assert!(findings.is_empty(), "{findings:#?}");
}

#[test]
fn two_deletes_of_one_task_prove_that_one_was_lost() {
    let removed = [record(0, Function::Delete, 2, [5, 9]), record(1, Function::Delete, 1, [6, 7])];
    let made = [record(0, Function::Create, 1, [1, 2]), record(0, Function::Edit, 2, [3, 4])];
    let mut records = [made, removed].concat();
    records.sort_by_key(|record| record.answered);
    assert_eq!(check_and_verify(&records, usize::MAX).count(Anomaly::LostUpdate), 2);
}

#[test]
fn a_start_whose_limit_is_not_known_broke_none() {
    let start =
        Record { status: Some(Status::InProgress), ..record(1, Function::Start, 2, [3, 4]) };
    let records = [record(0, Function::Create, 1, [1, 2]), start];
    assert!(check_and_verify(&records, usize::MAX).is_empty());
}

#[test]
fn a_task_that_a_list_has_twice_is_shown_as_it_was_listed() {
    let list = Record { task: 2, ..record(1, Function::List, 0, [5, 6]) };
    let listed = |version| record(1, Function::Listed, version, [5, 6]);
    // The first of them is old, and so says nothing of the place of the list.
    let changes = [record(0, Function::Create, 1, [1, 2]), record(0, Function::Edit, 2, [3, 4])];
    let records = [&changes[..], &[list, listed(1), listed(1)]].concat();
    let findings = check_and_verify(&records, usize::MAX);
    assert_eq!(findings.first(Anomaly::TornList).unwrap().steps, [listed(1), listed(1)]);
}

#[test]
fn a_version_that_is_seen_with_another_status_than_it_was_given_is_a_torn_read() {
    let created = simulate(PLAN, 1).records.into_iter().find(|it| it.function == Function::Create);
    let created = Record { invoked: 1, answered: 2, ..created.unwrap() };
    let look = Record { function: Function::Get, version: 2, content: 0, ..created };
    let edit = Record { function: Function::Edit, status: Some(Status::Done), ..look };
    let [todo, done] = [Status::Todo, Status::Done].map(|it| Record { status: Some(it), ..look });
    for (looks, torn) in [([todo, todo], 1), ([done, todo], 1), ([done, done], 0)] {
        let mut records = vec![created, Record { invoked: 3, answered: 9, ..edit }];
        for (look, invoked) in looks.into_iter().zip([4, 6]) {
            records.push(Record { invoked, answered: invoked + 1, ..look });
        }
        records.sort_by_key(|record| record.answered);
        let findings = check_and_verify(&records, usize::MAX);
        assert_eq!(findings.count(Anomaly::TornRead), torn, "{looks:#?}: {findings:#?}");
    }
}

#[test]
fn what_is_open_of_a_history_that_goes_on_is_what_is_open_of_the_whole() {
    let mut found = std::collections::BTreeSet::new();
    for seed in 0..SEEDS {
        let plan = Plan { crashes: 0, operations: 30 + seed as usize % 60, tasks: 2, ..PLAN };
        let Run { records, .. } = simulate(plan, seed);
        let whole = left_open(&records);
        for every in [1, 7, 50] {
            let mut watch = OpenWatch::new();
            for (at, record) in records.iter().enumerate() {
                watch.push(record);
                let rest = &records[at + 1..];
                let is_within_list = rest.first().is_some_and(|it| it.answered == record.answered);
                if at % every == 0 && !is_within_list {
                    watch.settle(rest.iter().map(|it| it.invoked).min().unwrap_or(u64::MAX));
                }
            }
            assert_eq!(watch.finish(), whole, "seed {seed}, every {every}");
        }
        found.extend(whole);
    }
    assert!(found.len() >= 2, "{found:?}");
}
