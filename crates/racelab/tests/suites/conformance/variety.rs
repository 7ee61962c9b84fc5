//! The control of the programs: what they never meet would be tested nowhere.

use std::collections::BTreeSet;

use lab_runtime::Threads;
use lab_store::{Capability, Entry, Needs};
use lab_task::{Operation, Outcome, Refusal, Response};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::programs::program;
use super::sequential::{Answers, perform};
use super::stores::Subject;

/// No more than the cheapest stores are given.
const PROGRAMS: u32 = 128;

const ALL: [&str; 18] = [
    "create: a new id",
    "create: the id of the first try",
    "delete: applied",
    "delete: not found",
    "delete: stale",
    "edit: applied",
    "edit: not found",
    "get: a task",
    "get: nothing",
    "list: nothing",
    "list: tasks",
    "save: applied",
    "save: not found",
    "save: stale",
    "start: applied",
    "start: limit reached",
    "start: not found",
    "summary: counts",
];

#[test]
fn the_programs_meet_every_kind_of_answer() {
    let entry = lab_catalog::entries::<Threads>().into_iter().find(may_answer_all);
    let entry = entry.expect("a store without I/O that refuses what is stale and knows keys");
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for _ in 0..PROGRAMS {
        let program = program().new_tree(&mut runner).unwrap().current();
        let answers = perform(&Subject::new(entry).unwrap(), &program).unwrap();
        seen.extend((0..answers.len()).map(|at| kind(&answers, at)));
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ALL);
}

fn may_answer_all(entry: &Entry) -> bool {
    let wanted = [Capability::VersionChecks, Capability::IdempotentCreates];
    entry.family.needs == Needs::Nothing && wanted.iter().all(|it| entry.guarantee.has(*it))
}

fn kind(answers: &Answers, at: usize) -> String {
    let (_, operation, answer) = &answers[at];
    let operation = match operation {
        Operation::Create { .. } => "create",
        Operation::Get(_) => "get",
        Operation::List(_) => "list",
        Operation::Summary => "summary",
        Operation::Edit(..) => "edit",
        Operation::Save(_) => "save",
        Operation::Delete(..) => "delete",
        Operation::Start { .. } => "start",
    };
    let answer = match answer {
        Response::Created(_) if answers[..at].iter().any(|(.., earlier)| earlier == answer) => {
            "the id of the first try"
        }
        Response::Created(_) => "a new id",
        Response::Got(task) => task.as_ref().map_or("nothing", |_| "a task"),
        Response::Listed(tasks) if tasks.is_empty() => "nothing",
        Response::Listed(_) => "tasks",
        Response::Counted(_) => "counts",
        Response::Done(Outcome::Applied(_)) => "applied",
        Response::Done(Outcome::Refused(Refusal::NotFound)) => "not found",
        Response::Done(Outcome::Refused(Refusal::Stale { .. })) => "stale",
        Response::Done(Outcome::Refused(Refusal::LimitReached { .. })) => "limit reached",
        Response::Done(Outcome::Refused(Refusal::Held { .. } | Refusal::Fenced { .. })) => "lease",
    };
    format!("{operation}: {answer}")
}
