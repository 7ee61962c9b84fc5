//! loom runs scenes on every store that keeps tasks in memory: it finds the lost update that a
//! store admits, and where a store promises that there is none it looks at every schedule.
#![expect(clippy::expect_used, reason = "a scene begins with what no schedule can prevent")]
#![expect(clippy::print_stdout, reason = "how far loom looked is a part of the result")]

use std::env;
use std::process::{Child, Command, Stdio};

use lab_loom::{Bound, Loom, Open, explore, fits, search};
use lab_scenario::{Scenario, Size};
use lab_store::{Entry, Promise, ScenarioName, Session, Site, Store};
use lab_task::{
    Change, Description, Filter, NewTask, Outcome, Refusal, Status, Summary, TaskId, Title, Version,
};
use lab_witness::Witness;

/// Switches away from a thread that could go on: enough to leave an edit in its middle and to
/// come back.
const PREEMPTIONS_MAX: usize = 2;
/// What needs no more executions than this within the bound is explored without one too.
const EXECUTIONS_SMALL: usize = 500;
/// Three clients, the store's own thread and loom's take up to 40,000 executions a scenario; every
/// other store is through with fewer than 50.
const EXECUTIONS_OF_THREE_MAX: usize = 2_000;

/// The part of the cells that a process of its own explores, by its number.
const PART: &str = "RACELAB_LOOM_PART";
const PARTS: usize = 2;

/// Processes on an empty store; an error says what no sequential execution would show.
type Scene = fn(&dyn Store) -> Result<(), String>;

#[test]
fn every_scenario_shows_what_a_store_admits_and_nothing_else_within_2_preemptions() {
    in_processes_of_their_own(
        "every_scenario_shows_what_a_store_admits_and_nothing_else_within_2_preemptions",
        2,
        |name, open, scenario| {
            let executions = search(name, open, scenario, Bound::preemptions(PREEMPTIONS_MAX))?;
            if executions > EXECUTIONS_SMALL {
                return Ok(format!(
                    "{executions} executions of at most {PREEMPTIONS_MAX} preemptions"
                ));
            }
            let executions = search(name, open, scenario, Bound::NONE)?;
            Ok(format!("{executions} executions, preemptions without a bound"))
        },
    );
}

#[test]
fn so_do_three_processes_where_loom_has_threads_for_them_in_2_000_executions_of_1_preemption() {
    in_processes_of_their_own(
        "so_do_three_processes_where_loom_has_threads_for_them_in_2_000_executions_of_1_preemption",
        3,
        |name, open, scenario| {
            let bound = Bound::preemptions(1).executions(EXECUTIONS_OF_THREE_MAX);
            let executions = search(name, open, scenario, bound)?;
            let which = if executions < EXECUTIONS_OF_THREE_MAX { "" } else { "the first " };
            Ok(format!("{which}{executions} executions of at most 1 preemption"))
        },
    );
}

/// How far loom looked without finding anything, or what it found.
type Searched = Result<String, Box<Witness>>;

/// loom maps a stack for each thread of each execution. Two explorations in one process make each
/// other three times slower, since each mapping interrupts the other's processor.
fn in_processes_of_their_own(
    test: &str,
    processes: usize,
    searched: fn(&str, Open, &Scenario) -> Searched,
) {
    if let Ok(part) = env::var(PART) {
        let part: usize = part.parse().expect("the number of a part");
        return cells(processes)
            .skip(part)
            .step_by(PARTS)
            .for_each(|cell| cell.keeps_its_promise(searched));
    }
    let binary = env::current_exe().expect("the test is a file");
    let start = |part: usize| {
        let mut process = Command::new(&binary);
        process.args(["--exact", test, "--nocapture"]).env(PART, part.to_string());
        process.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a process")
    };
    let parts: Vec<Child> = (0..PARTS).map(start).collect();
    for part in parts {
        let output = part.wait_with_output().expect("the process ends");
        let said =
            [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
        println!("{}", said[0]);
        assert!(output.status.success() && said[0].contains("1 passed"), "{}", said.concat());
    }
}

/// A scenario of a size on a store that says what comes of it.
struct Cell {
    entry: Entry,
    size: Size,
    promise: Promise,
}

/// The scenarios on the stores, where they come with so many processes.
fn cells(processes: usize) -> impl Iterator<Item = Cell> {
    let of_store = move |entry: Entry| {
        ScenarioName::ALL.into_iter().filter_map(move |name| {
            let promise = entry.guarantee.promise(name)?;
            let size = Size { processes, ..Size::usual(name) };
            match size.to_string().parse() {
                Ok(size) => Some(Cell { entry, size, promise }),
                Err(_) => {
                    println!("{name} does not come with {processes} processes");
                    None
                }
            }
        })
    };
    store_memory::entries::<Loom>().into_iter().flat_map(of_store)
}

impl Cell {
    fn keeps_its_promise(&self, searched: fn(&str, Open, &Scenario) -> Searched) {
        let Self { entry: Entry { name, open, .. }, size, promise } = *self;
        let scenario = Scenario::sized(size);
        if !fits(open, &scenario) {
            println!("{size} {name}: not run: loom has no thread for each process");
            return;
        }
        match (promise, searched(name, open, &scenario)) {
            (Promise::Holds, Ok(extent)) => println!("{size} {name}: {extent}"),
            (Promise::Admits([anomaly]), Err(witness)) => {
                assert_eq!(witness.anomaly, Some(*anomaly), "{}", witness.to_text());
                println!("{}", witness.to_text());
            }
            (promise, Ok(extent)) => panic!("{name}: {promise:?} in {size}, but {extent}"),
            (promise, Err(witness)) => panic!("{promise:?}, but\n{}", witness.to_text()),
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
            match search_scene(move || on_store(open, scene)) {
                Ok(extent) => println!("{title} {name}: {extent}"),
                Err(failure) => panic!("{title} {name}: {failure}"),
            }
        }
    }
}

/// How far loom looked without finding anything, or what it found.
fn search_scene(
    scene: impl Fn() -> Result<(), String> + Copy + Send + Sync + 'static,
) -> Result<String, String> {
    let body = move || {
        if let Err(why) = scene() {
            panic!("{why}");
        }
    };
    let executions = explore(Bound::preemptions(PREEMPTIONS_MAX), body)?;
    if executions > EXECUTIONS_SMALL {
        return Ok(format!("{executions} executions of at most {PREEMPTIONS_MAX} preemptions"));
    }
    let executions = explore(Bound::NONE, body)?;
    Ok(format!("{executions} executions, preemptions without a bound"))
}

/// A store is closed before anybody panics: it cannot wait for a thread of its own while a panic
/// unwinds.
fn on_store(open: Open, scene: Scene) -> Result<(), String> {
    let store = open(&Site::default()).expect("the store opens");
    scene(store.as_ref())
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
