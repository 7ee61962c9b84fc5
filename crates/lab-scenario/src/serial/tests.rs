//! By hand: executions of which it is plain whether some order explains them.

use lab_store::StoreError;
use lab_task::{Anomaly, Outcome, Rules, TaskId, Version};

use crate::{Answer, Execution, Judgement, Program, Told, Unit};

/// What each process was told, and the steps of it, if the task then has so many minutes.
fn judged(
    program: &str,
    answers: &[&[Answer]],
    spans: &[Vec<(usize, usize)>],
    (minutes, version): (u32, u64),
) -> Judgement {
    let scenario = program.parse::<Program>().unwrap().scenario(Unit::Op);
    let before = scenario.tasks[0].clone().into_task(TaskId(1));
    let after: Result<_, StoreError> =
        Ok(vec![lab_task::Task { minutes, version: Version(version), ..before.clone() }]);
    let told: Vec<Vec<Told>> = scenario
        .processes
        .iter()
        .zip(answers)
        .map(|(process, answers)| {
            let told = process.actions.iter().cloned().zip(answers.iter().cloned());
            told.map(|(action, answer)| Told { action, answer: Ok(answer) }).collect()
        })
        .collect();
    let (before, rules) = (&[before][..], Rules::default());
    scenario.judge(&Execution {
        before,
        told: &told,
        after: &after,
        rules,
        spans,
        has_fault: false,
    })
}

fn saved(version: u64) -> Answer {
    Answer::Changed(Outcome::Applied(Version(version)))
}

const TWO_EDITS: &str = "edit1.minutes/edit1.minutes";

#[test]
fn two_edits_of_which_both_are_there_are_explained_by_the_order_of_their_versions() {
    // The second process adds ten times two to the power of its place.
    let both = 10 + 10 * (1 << crate::OPS_MAX);
    assert_eq!(judged(TWO_EDITS, &[&[saved(3)], &[saved(2)]], &[], (both, 3)), Judgement::Kept);
}

#[test]
fn an_edit_that_is_told_and_not_there_is_a_lost_update_of_its_process() {
    let judgement = judged(TWO_EDITS, &[&[saved(2)], &[saved(2)]], &[], (10, 2));
    let Judgement::Anomaly { anomaly, victim, .. } = judgement else { panic!("{judgement:?}") };
    assert_eq!((anomaly, victim), (Anomaly::LostUpdate, Some(crate::Asked { process: 1, nth: 0 })));
}

#[test]
fn a_list_that_begins_after_an_answer_must_show_what_was_answered() {
    let scenario = "edit1.minutes/list".parse::<Program>().unwrap().scenario(Unit::Op);
    let old = scenario.tasks[0].clone().into_task(TaskId(1));
    let answers: [&[Answer]; 2] = [&[saved(2)], &[Answer::Listed(vec![old])]];
    let at_once = [vec![(0, 2)], vec![(1, 1)]];
    let afterwards = [vec![(0, 2)], vec![(3, 3)]];
    assert_eq!(judged("edit1.minutes/list", &answers, &at_once, (10, 2)), Judgement::Kept);
    let judgement = judged("edit1.minutes/list", &answers, &afterwards, (10, 2));
    assert_eq!(judgement.anomaly(), Some(Anomaly::ReadSkew));
}

#[test]
fn what_nobody_wrote_is_a_failure_and_no_anomaly() {
    let judgement = judged(TWO_EDITS, &[&[saved(2)], &[saved(3)]], &[], (7, 3));
    assert!(matches!(judgement, Judgement::Failed(_)), "{judgement:?}");
}
