//! loom runs scenes on every store that keeps tasks in memory: it finds the lost update that a
//! store admits, and where a store promises that there is none it looks at every schedule.
#![expect(clippy::expect_used, reason = "a scene begins with what no schedule can prevent")]
#![expect(clippy::print_stdout, reason = "how far loom looked is a part of the result")]

use lab_loom::{Loom, explore};
use lab_scenario::{Judgement, Scenario, play};
use lab_store::{Entry, Promise, ScenarioName, Session, Site, Store, StoreError};
use lab_task::{
    Anomaly, Change, Description, Filter, NewTask, Outcome, Refusal, Status, Summary, TaskId,
    Title, Version,
};
use store_memory::unsafe_cell;

/// Switches away from a thread that could go on: enough to leave an edit in its middle and to
/// come back.
const PREEMPTIONS_MAX: usize = 2;
/// What needs no more executions than this within the bound is explored without one too.
const EXECUTIONS_SMALL: usize = 500;

type Open = fn(&Site) -> Result<Box<dyn Store>, StoreError>;
/// Processes on an empty store; an error says what no sequential execution would show.
type Scene = fn(&dyn Store) -> Result<(), String>;

#[test]
fn log_time_loses_an_update_in_the_stores_that_admit_it_and_in_no_other_within_2_preemptions() {
    for Entry { name, guarantee, open, .. } in store_memory::entries::<Loom>() {
        match (guarantee.promise(ScenarioName::LogTime), search(open, log_time)) {
            (Some(Promise::Holds), Ok(extent)) => println!("log_time {name}: {extent}"),
            (Some(Promise::Admits([Anomaly::LostUpdate])), Err(failure)) => {
                assert!(failure.starts_with("lost update"), "{name}: {failure}");
                println!("log_time {name}: {failure}");
            }
            (promise, found) => panic!("{name} promises {promise:?}, loom found {found:?}"),
        }
    }
}

#[test]
fn stores_that_hold_log_time_hold_what_concerns_a_limit_a_delete_and_a_list_within_2_preemptions() {
    let scenes: [(&str, Scene); 3] = [
        ("two starts", two_starts_at_a_limit_of_one),
        ("edit and delete", edit_while_deleting),
        ("list", list_while_changing),
    ];
    let holds =
        |entry: &Entry| entry.guarantee.promise(ScenarioName::LogTime) == Some(Promise::Holds);
    for Entry { name, open, .. } in store_memory::entries::<Loom>().into_iter().filter(holds) {
        for (title, scene) in scenes {
            match search(open, scene) {
                Ok(extent) => println!("{title} {name}: {extent}"),
                Err(failure) => panic!("{title} {name}: {failure}"),
            }
        }
    }
}

#[test]
fn loom_finds_the_data_race_of_the_cell_without_a_single_preemption() {
    let open: Open = |_| Ok(unsafe_cell::open::<Loom>());
    let failure = explore(Some(0), move || execute(open, log_time)).unwrap_err();
    assert!(failure.starts_with("Causality violation"), "{failure}");
}

/// How far loom looked without finding anything, or what it found.
fn search(open: Open, scene: Scene) -> Result<String, String> {
    let executions = explore(Some(PREEMPTIONS_MAX), move || execute(open, scene))?;
    if executions > EXECUTIONS_SMALL {
        return Ok(format!("{executions} executions of at most {PREEMPTIONS_MAX} preemptions"));
    }
    let executions = explore(None, move || execute(open, scene))?;
    Ok(format!("{executions} executions, preemptions without a bound"))
}

fn execute(open: Open, scene: Scene) {
    let store = open(&Site::default()).expect("the store opens");
    let outcome = scene(store.as_ref());
    // Before the panic: a store cannot wait for a thread of its own while a panic unwinds.
    drop(store);
    if let Err(why) = outcome {
        panic!("{why}");
    }
}

/// The scenario as everybody else plays it.
fn log_time(store: &dyn Store) -> Result<(), String> {
    let scenario = Scenario::usual(ScenarioName::LogTime);
    let mut session = session(store);
    let id = session.create(&scenario.task, None).expect("the task is created");
    let before = session.get(id).ok().flatten().expect("the task is there");
    let clients: Vec<_> = scenario
        .processes
        .iter()
        .cloned()
        .map(|process| {
            in_thread(store, move |session| {
                let mut told = Vec::new();
                play(&process, session, id, |answer| told.push(answer));
                told
            })
        })
        .collect();
    let told: Vec<_> = clients.into_iter().map(joined).collect();
    match scenario.judge(&before, &told, &session.get(id)) {
        Judgement::Kept => Ok(()),
        Judgement::Anomaly { anomaly, consequence, .. } => Err(format!("{anomaly}: {consequence}")),
        Judgement::Failed(why) => Err(why),
    }
}

/// Two people start different tasks where only one may be in progress.
fn two_starts_at_a_limit_of_one(store: &dyn Store) -> Result<(), String> {
    let mut session = session(store);
    let [first, second] = [(); 2].map(|()| create(session.as_mut()));
    let other = in_thread(store, move |session| session.start(second, 1));
    let answers = [session.start(first, 1), joined(other)];
    let refused = Ok(Outcome::Refused(Refusal::LimitReached { in_progress: 1 }));
    let applied = Ok(Outcome::Applied(Version(2)));
    let summary = session.summary();
    let one_each = Ok(Summary { todo: 1, in_progress: 1, done: 0 });
    let is_one = answers.contains(&applied) && answers.contains(&refused);
    expect(is_one && summary == one_each, &(answers, summary))
}

/// An edit of a task that somebody deletes meanwhile.
fn edit_while_deleting(store: &dyn Store) -> Result<(), String> {
    let mut session = session(store);
    let id = create(session.as_mut());
    let editor = in_thread(store, move |session| session.edit(id, &DONE));
    let deleted = session.delete(id, None);
    let answers = (joined(editor), deleted);
    let edit_first = (Ok(Outcome::Applied(Version(2))), Ok(Outcome::Applied(Version(2))));
    let delete_first =
        (Ok(Outcome::Refused(Refusal::NotFound)), Ok(Outcome::Applied(Version::FIRST)));
    let is_gone = session.get(id) == Ok(None) && session.summary() == Ok(Summary::default());
    expect(is_gone && (answers == edit_first || answers == delete_first), &answers)
}

/// A list while somebody finishes one task and then deletes the other.
fn list_while_changing(store: &dyn Store) -> Result<(), String> {
    let mut session = session(store);
    let [first, second] = [(); 2].map(|()| create(session.as_mut()));
    let other = in_thread(store, move |session| {
        [session.edit(first, &DONE).is_ok(), session.delete(second, None).is_ok()]
    });
    let listed = session.list(&Filter::ALL).map_err(|error| error.to_string())?;
    expect(joined(other) == [true; 2], &"an error")?;
    let statuses: Vec<_> = listed.iter().map(|task| task.status).collect();
    let moments: [&[Status]; 3] =
        [&[Status::Todo, Status::Todo], &[Status::Done, Status::Todo], &[Status::Done]];
    expect(moments.contains(&statuses.as_slice()), &statuses)
}

const DONE: Change = Change::Status(Status::Done);

fn session(store: &dyn Store) -> Box<dyn Session> {
    store.session().expect("a session opens")
}

fn create(session: &mut dyn Session) -> TaskId {
    let title = Title::new("write the report").expect("a title");
    let new = NewTask { title, description: Description::default() };
    session.create(&new, None).expect("the task is created")
}

fn in_thread<T: 'static>(
    store: &dyn Store,
    body: impl FnOnce(&mut dyn Session) -> T + 'static,
) -> loom::thread::JoinHandle<T> {
    let mut session = session(store);
    loom::thread::spawn(move || body(session.as_mut()))
}

fn joined<T>(thread: loom::thread::JoinHandle<T>) -> T {
    thread.join().expect("the thread ends")
}

fn expect(is_so: bool, seen: &dyn std::fmt::Debug) -> Result<(), String> {
    if is_so { Ok(()) } else { Err(format!("no sequential execution shows {seen:?}")) }
}
