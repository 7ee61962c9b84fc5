//! Programs of all operations, step by step against the specification.

use std::cell::RefCell;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use lab_store::{Capability, Entry, Needs, Session};
use lab_task::{Filter, Operation, Response, Spec};
use proptest::test_runner::{
    Config, FailurePersistence, FileFailurePersistence, TestCaseError, TestError, TestRunner,
};

use super::programs::{Met, Turn, program};
use super::stores::{Subject, each_store, message, two_sessions};

/// Where the seeds of programs that failed once are kept: every store is given them first.
const REGRESSIONS: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suites/conformance/regressions.txt");

#[test]
fn every_answer_is_the_one_that_the_specification_allows() {
    each_store(
        |_| true,
        |subject| {
            let kept = FileFailurePersistence::Direct(REGRESSIONS);
            let programs = programs(subject.entry.family.needs);
            if let Err(Failure { program, why }) =
                conforms(subject.entry, programs, Some(Box::new(kept)))
            {
                panic!("{why}\n  of {program:?}");
            }
        },
    );
}

/// As many as half a second or so has room for.
fn programs(needs: Needs) -> u32 {
    match needs {
        Needs::Nothing => 128,
        Needs::Directory | Needs::Database => 64,
        Needs::Postgres => 10,
    }
}

/// A program that a store answers wrongly.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) program: Vec<Turn>,
    why: String,
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
) -> Result<(), Failure> {
    let config = Config { cases: programs, failure_persistence, ..Config::default() };
    let kept = RefCell::new(None);
    let ended = TestRunner::new(config).run(&program(), |program| {
        let subject = kept.take().unwrap_or_else(|| new_subject(entry));
        perform(&subject, &program).map_err(TestCaseError::fail)?;
        kept.replace(Some(subject));
        Ok(())
    });
    match ended {
        Ok(()) => Ok(()),
        Err(TestError::Fail(why, program)) => {
            Err(shortened(entry, Failure { program, why: why.to_string() }))
        }
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

/// Leaves out every step that the failure does not need. proptest does that once, before it makes
/// the steps themselves simpler, which may make more of them superfluous.
fn shortened(entry: Entry, mut shortest: Failure) -> Failure {
    let mut at = 0;
    while at < shortest.program.len() {
        let mut program = shortest.program.clone();
        program.remove(at);
        match perform_anew(entry, &program) {
            Ok(()) => at += 1,
            Err(why) => (shortest, at) = (Failure { program, why }, 0),
        }
    }
    shortest
}

fn perform_anew(entry: Entry, program: &[Turn]) -> Result<(), String> {
    let performed = AssertUnwindSafe(|| perform(&new_subject(entry), program).map(drop));
    catch_unwind(performed).unwrap_or_else(|panic| Err(message(&*panic).to_owned()))
}

fn new_subject(entry: Entry) -> Subject {
    Subject::new(entry).expect("its server was there before")
}

/// Which client asked what, and was answered what.
pub(crate) type Answers = Vec<(usize, Operation, Response)>;

/// Two clients carry out `program`, one operation after the other; the answers, or what is wrong
/// with them.
pub(crate) fn perform(subject: &Subject, program: &[Turn]) -> Result<Answers, String> {
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
    program: &[Turn],
    spec: &mut Spec,
    answers: &mut Answers,
) -> Result<(), String> {
    let store = subject.try_open().map_err(|error| error.to_string())?;
    let mut sessions = two_sessions(&*store);
    empty(&mut *sessions[0])?;
    let mut met = Met::default();
    for Turn { client, step } in program {
        let operation = step.operation(&met);
        let answer = sessions[*client].perform(&operation);
        let answer = answer.map_err(|error| format!("{operation:?}: {error}"))?;
        let checked = spec.step(&operation, &answer);
        met.note(&answer, spec);
        answers.push((*client, operation, answer));
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
    for (client, operation, answer) in answers {
        write!(text, "\n  client {client}: {operation:?}\n    {answer:?}").unwrap();
    }
    text
}
