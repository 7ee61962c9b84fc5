//! Single histories of which one can read what is wrong with them.

use lab_history::{Ending, Function, Record};
use lab_order::{Age, Core, Finding, OrderChecker};
use lab_task::{Anomaly, Status, TaskId};

use crate::PLAN;
use crate::checked::{check, check_and_verify};
use crate::simulation::simulate;

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

#[test]
fn a_create_is_lost_once_however_many_do_not_find_what_it_made() {
    let missing =
        |at: u64| Record { ending: Ending::NotFound, ..record(1, Function::Get, 0, [at, at + 1]) };
    let mut checker = OrderChecker::new();
    checker.push(&record(0, Function::Create, 1, [1, 2])).unwrap();
    (1..10).for_each(|nth| checker.push(&missing(10 * nth)).unwrap());
    assert_eq!(checker.finish().0.count(Anomaly::LostCreate), 1);
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
