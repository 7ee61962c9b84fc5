//! Programs of all operations, step by step against the specification.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Write;

use lab_runtime::Threads;
use lab_store::{Capability, Entry, Needs, Session};
use lab_task::{Filter, Operation, Outcome, Refusal, Response, Spec};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{
    Config, FailurePersistence, FileFailurePersistence, TestCaseError, TestError, TestRunner,
};

use crate::programs::{Met, Step, program};
use crate::stores::{Subject, each_store, two_sessions};

/// Where the seeds of programs that failed once are kept: every store is given them first.
const REGRESSIONS: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/regressions.txt");

#[test]
fn every_answer_is_the_one_that_the_specification_allows() {
    each_store(
        |_| true,
        |subject| {
            let kept = FileFailurePersistence::Direct(REGRESSIONS);
            let programs = programs(subject.entry.family.needs);
            if let Err(error) = conforms(subject.entry, programs, Some(Box::new(kept))) {
                panic!("{error}");
            }
        },
    );
}

/// As many as half a second or so has room for.
fn programs(needs: Needs) -> u32 {
    match needs {
        Needs::Nothing => 128,
        Needs::Directory => 64,
        Needs::Database => 32,
        Needs::Postgres => 8,
    }
}

/// Tries so many programs on a store; the shortest that fails, if one does.
///
/// They run on one site, each on what the last one has left behind and emptied: opening a database
/// anew costs more, and so a store is met when it is old, too. The specification begins empty for
/// each, which is right because an id is never given twice, and a key is free again when its task
/// was deleted. A program that fails leaves its site to nobody, so that it can be made shorter.
pub(crate) fn conforms(
    entry: Entry,
    programs: u32,
    failure_persistence: Option<Box<dyn FailurePersistence>>,
) -> Result<(), TestError<Vec<Step>>> {
    let config =
        Config { cases: programs, failure_persistence, max_shrink_iters: 2_000, ..Config::default() };
    let kept = RefCell::new(None);
    TestRunner::new(config).run(&program(), |program| {
        let subject = kept.take().or_else(|| Subject::new(entry));
        let subject = subject.expect("its server was there before");
        perform(&subject, &program).map_err(TestCaseError::fail)?;
        kept.replace(Some(subject));
        Ok(())
    })
}

/// What was asked, and what was answered.
type Answers = Vec<(Operation, Response)>;

/// Two clients in turn carry out `program`; the answers, or what is wrong with them.
fn perform(subject: &Subject, program: &[Step]) -> Result<Answers, String> {
    let mut spec = Spec::new(subject.entry.guarantee.rules());
    let mut answers = Answers::new();
    let performed = run(subject, program, &mut spec, &mut answers);
    let performed = performed.and_then(|()| match subject.has(Capability::Persistent) {
        true => {
            let store = subject.try_open().map_err(|error| error.to_string())?;
            compare(&mut *store.session().unwrap(), &spec, "opened again")
        }
        false => Ok(()),
    });
    match performed {
        Ok(()) => Ok(answers),
        Err(why) => Err(why + &transcript(&answers)),
    }
}

fn run(
    subject: &Subject,
    program: &[Step],
    spec: &mut Spec,
    answers: &mut Answers,
) -> Result<(), String> {
    let store = subject.try_open().map_err(|error| error.to_string())?;
    let mut sessions = two_sessions(&*store);
    empty(&mut *sessions[0])?;
    let mut met = Met::default();
    for (number, step) in program.iter().enumerate() {
        let operation = step.operation(&met);
        let answer = sessions[number % 2].perform(&operation);
        let answer = answer.map_err(|error| format!("{operation:?}: {error}"))?;
        let checked = spec.step(&operation, &answer);
        met.note(&answer, spec);
        answers.push((operation, answer));
        checked.map_err(|mismatch| mismatch.to_string())?;
    }
    sessions.iter_mut().try_for_each(|session| compare(&mut **session, spec, "at the end"))
}

fn empty(session: &mut dyn Session) -> Result<(), String> {
    let tasks = session.list(&Filter::ALL).map_err(|error| error.to_string())?;
    for task in tasks {
        session.delete(task.id, None).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn compare(session: &mut dyn Session, spec: &Spec, when: &str) -> Result<(), String> {
    let found = session.list(&Filter::ALL).map_err(|error| format!("{when}: {error}"))?;
    if found.iter().eq(spec.tasks()) {
        return Ok(());
    }
    let expected: Vec<_> = spec.tasks().collect();
    Err(format!("{when} there is {found:?}, expected {expected:?}"))
}

fn transcript(answers: &Answers) -> String {
    let mut text = String::new();
    for (number, (operation, answer)) in answers.iter().enumerate() {
        write!(text, "\n  client {}: {operation:?}\n    {answer:?}", number % 2).unwrap();
    }
    text
}

/// What the programs never meet would be tested nowhere.
#[test]
fn the_programs_meet_every_kind_of_answer() {
    let wanted = [Capability::VersionChecks, Capability::IdempotentCreates];
    let entry = lab_catalog::entries::<Threads>().into_iter().find(|entry| {
        entry.family.needs == Needs::Nothing && wanted.iter().all(|it| entry.guarantee.has(*it))
    });
    let entry = entry.expect("a store without I/O that refuses what is stale and knows keys");
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for _ in 0..64 {
        let subject = Subject::new(entry).unwrap();
        let answers =
            perform(&subject, &program().new_tree(&mut runner).unwrap().current()).unwrap();
        let ids: Vec<_> = answers.iter().filter(|(_, answer)| is_created(answer)).collect();
        let is_retried = |number: &usize| ids[..*number].iter().any(|it| it.1 == ids[*number].1);
        seen.extend((0..ids.len()).find(is_retried).map(|_| "create: retried"));
        seen.extend(answers.iter().map(|(operation, answer)| kind(operation, answer)));
    }
    let all = [
        "create",
        "create: retried",
        "delete: applied",
        "delete: not found",
        "delete: stale",
        "edit: applied",
        "edit: not found",
        "get",
        "get: not found",
        "list",
        "list: nothing",
        "save: applied",
        "save: not found",
        "save: stale",
        "start: applied",
        "start: limit reached",
        "start: not found",
        "summary",
    ];
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), all);
}

fn is_created(answer: &Response) -> bool {
    matches!(answer, Response::Created(_))
}
