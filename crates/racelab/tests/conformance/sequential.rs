//! Programs of all operations, step by step against the specification.

use lab_store::{Capability, Needs, Session};
use lab_task::{Filter, Spec};
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
            if let Err(error) = conforms(subject, cases(subject), Some(Box::new(kept))) {
                panic!("{error}");
            }
        },
    );
}

/// As many programs as a second or so has room for.
fn cases(subject: &Subject) -> u32 {
    match subject.entry.family.needs {
        Needs::Nothing => 128,
        Needs::Directory => 64,
        Needs::Database => 32,
        Needs::Postgres => 8,
    }
}

/// Tries `cases` programs on a store; the shortest that fails, if one does.
///
/// All run on one site, each on what the last one has left behind and emptied: so the store is
/// opened when it is old, too. The specification begins empty for each, which is right because an
/// id is never given twice, and a key is free again when its task was deleted.
pub(crate) fn conforms(
    subject: &Subject,
    cases: u32,
    failure_persistence: Option<Box<dyn FailurePersistence>>,
) -> Result<(), TestError<Vec<Step>>> {
    let config =
        Config { cases, failure_persistence, max_shrink_iters: 2_000, ..Config::default() };
    TestRunner::new(config).run(&program(), |program| {
        perform(subject, &program).map_err(TestCaseError::fail)
    })
}

/// Two clients in turn carry out `program`; what is wrong with the answers, after all that led to
/// it.
fn perform(subject: &Subject, program: &[Step]) -> Result<(), String> {
    let mut spec = Spec::new(subject.entry.guarantee.rules());
    let mut met = Met::default();
    let mut transcript = String::new();
    let store = subject.try_open().map_err(|error| error.to_string())?;
    let mut sessions = two_sessions(&*store);
    empty(&mut *sessions[0])?;
    for (number, step) in program.iter().enumerate() {
        let operation = step.operation(&met);
        transcript += &format!("\n  client {}: {operation:?}", number % 2);
        let answer = sessions[number % 2].perform(&operation);
        let answer = answer.map_err(|error| format!("{error}{transcript}"))?;
        transcript += &format!("\n    {answer:?}");
        spec.step(&operation, &answer).map_err(|mismatch| format!("{mismatch}{transcript}"))?;
        met.note(&answer, &spec);
    }
    for session in &mut sessions {
        compare(&mut **session, &spec, "at the end").map_err(|why| why + &transcript)?;
    }
    drop((sessions, store));
    if subject.has(Capability::Persistent) {
        let store = subject.try_open().map_err(|error| format!("{error}{transcript}"))?;
        compare(&mut *store.session().unwrap(), &spec, "opened again")
            .map_err(|why| why + &transcript)?;
    }
    Ok(())
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
