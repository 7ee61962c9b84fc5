//! Programs of all operations, step by step against the specification.

use std::cell::RefCell;
use std::fmt::Write;

use lab_store::{Capability, Entry, Needs, Session};
use lab_task::{Filter, Operation, Response, Spec};
use proptest::test_runner::{
    Config, FailurePersistence, FileFailurePersistence, TestCaseError, TestError, TestRunner,
};

use crate::programs::{Met, Step, program};
use crate::stores::{Subject, each_store, two_sessions};

/// Where the seeds of programs that failed once are kept: every store is given them first.
const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/regressions.txt");

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
    let config = Config {
        cases: programs,
        failure_persistence,
        max_shrink_iters: 2_000,
        ..Config::default()
    };
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
pub(crate) type Answers = Vec<(Operation, Response)>;

/// Two clients in turn carry out `program`; the answers, or what is wrong with them.
pub(crate) fn perform(subject: &Subject, program: &[Step]) -> Result<Answers, String> {
    let mut spec = Spec::new(subject.entry.guarantee.rules());
    let mut answers = Answers::new();
    let performed = run(subject, program, &mut spec, &mut answers);
    match performed.and_then(|()| open_again(subject, &spec)) {
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

fn open_again(subject: &Subject, spec: &Spec) -> Result<(), String> {
    if !subject.has(Capability::Persistent) {
        return Ok(());
    }
    let session = subject.try_open().and_then(|store| store.session());
    compare(&mut *session.map_err(|error| error.to_string())?, spec, "opened again")
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
