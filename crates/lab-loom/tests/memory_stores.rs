//! loom runs scenes on every store that keeps tasks in memory: it finds the lost update that a
//! store admits, and where a store promises that there is none it looks at every schedule.
#![expect(clippy::expect_used, reason = "a scene begins with what no schedule can prevent")]
#![expect(clippy::print_stdout, reason = "how far loom looked is a part of the result")]

use std::sync::Arc;
use std::sync::atomic::Ordering;

use lab_loom::{Loom, explore};
use lab_scenario::{Execution, Judgement, Scenario, Wire, play};
use lab_store::{Entry, Promise, ScenarioName, Session, Site, Store, StoreError};
use lab_task::{
    Change, Description, Filter, NewTask, Outcome, Refusal, Rules, Status, Summary, TaskId, Title,
    Version,
};
use loom::sync::atomic::AtomicBool;
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
fn every_scenario_shows_what_a_store_admits_and_nothing_else_within_2_preemptions() {
    for Entry { name, guarantee, open, .. } in store_memory::entries::<Loom>() {
        for scenario in ScenarioName::ALL {
            let found = search(move || play_scenario(open, scenario));
            match (guarantee.promise(scenario), found) {
                (None, _) => {}
                (Some(Promise::Holds), Ok(extent)) => println!("{scenario} {name}: {extent}"),
                (Some(Promise::Admits([anomaly])), Err(failure)) => {
                    assert!(failure.starts_with(anomaly.as_str()), "{name}: {failure}");
                    println!("{scenario} {name}: {failure}");
                }
                (promise, found) => {
                    panic!("{name} promises {promise:?} in {scenario}, loom found {found:?}");
                }
            }
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
            match search(move || on_store(open, scene)) {
                Ok(extent) => println!("{title} {name}: {extent}"),
                Err(failure) => panic!("{title} {name}: {failure}"),
            }
        }
    }
}

#[test]
fn loom_finds_the_data_race_of_the_cell_without_a_single_preemption() {
    let open: Open = |_| Ok(unsafe_cell::open::<Loom>());
    let failure = explore(Some(0), move || {
        let kept = play_scenario(open, ScenarioName::LogTime);
        assert_eq!(kept, Ok(()));
    })
    .unwrap_err();
    assert!(failure.starts_with("Causality violation"), "{failure}");
}

/// How far loom looked without finding anything, or what it found.
fn search(
    scene: impl Fn() -> Result<(), String> + Copy + Send + Sync + 'static,
) -> Result<String, String> {
    let body = move || {
        if let Err(why) = scene() {
            panic!("{why}");
        }
    };
    let executions = explore(Some(PREEMPTIONS_MAX), body)?;
    if executions > EXECUTIONS_SMALL {
        return Ok(format!("{executions} executions of at most {PREEMPTIONS_MAX} preemptions"));
    }
    let executions = explore(None, body)?;
    Ok(format!("{executions} executions, preemptions without a bound"))
}

/// A store is closed before anybody panics: it cannot wait for a thread of its own while a panic
/// unwinds.
fn on_store(open: Open, scene: Scene) -> Result<(), String> {
    let store = open(&Site::default()).expect("the store opens");
    scene(store.as_ref())
}

/// A scenario as everybody else plays it.
fn play_scenario(open: Open, name: ScenarioName) -> Result<(), String> {
    let scenario = Scenario::usual(name);
    let stores: Vec<Box<dyn Store>> =
        (0..scenario.instances).map(|_| open(&Site::default()).expect("the store opens")).collect();
    let mut session = session(&*stores[0]);
    for task in &scenario.tasks {
        session.create(task, None).expect("the task is created");
    }
    let before = session.list(&Filter::ALL).expect("the tasks are there");
    let ids: Vec<TaskId> = before.iter().map(|task| task.id).collect();
    let wire = Arc::new(LoomWire(AtomicBool::new(false)));
    let clients: Vec<_> = scenario
        .processes
        .iter()
        .cloned()
        .enumerate()
        .map(|(at, process)| {
            let (ids, wire) = (ids.clone(), Arc::clone(&wire));
            in_thread(&*stores[at % stores.len()], move |session| {
                let mut told = Vec::new();
                play(&process, session, &ids, &*wire, |answer| told.push(answer));
                told
            })
        })
        .collect();
    let told: Vec<_> = clients.into_iter().map(joined).collect();
    let after = session.list(&Filter::ALL);
    let (before, told, after, rules) = (&before, &told, &after, Rules::default());
    match scenario.judge(&Execution { before, told, after, rules, spans: &[], has_fault: false }) {
        Judgement::Kept => Ok(()),
        Judgement::Anomaly { anomaly, consequence, .. } => Err(format!("{anomaly}: {consequence}")),
        Judgement::Failed(why) => Err(why),
    }
}

/// One cut loses one answer; loom decides when.
struct LoomWire(AtomicBool);

impl Wire for LoomWire {
    fn answer_arrives(&self) -> bool {
        !self.0.swap(false, Ordering::SeqCst)
    }

    fn cut(&self) {
        self.0.store(true, Ordering::SeqCst);
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
