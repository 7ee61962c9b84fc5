//! loom runs `log_time` on every store that keeps tasks in memory, and finds what each of them
//! admits and nothing else.

use std::sync::{Arc, Mutex};

use lab_loom::{Loom, explore};
use lab_runtime::{Join, Runtime};
use lab_scenario::{Judgement, Scenario, Told, play};
use lab_store::{Entry, Promise, ScenarioName, Site, Store};
use lab_task::{Anomaly, TaskId};
use store_memory::unsafe_cell;

/// Switches away from a thread that could go on. Two processes of one edit can meet at any of
/// their steps with two of them: there and back.
const PREEMPTIONS_MAX: usize = 2;
const BOUND: Option<usize> = Some(4);

#[test]
fn within_2_preemptions_loom_finds_the_lost_updates_that_are_admitted_and_no_others() {
    for Entry { name, guarantee, open, .. } in store_memory::entries::<Loom>() {
        let open = move || open(&Site::default()).expect("the store opens");
        let found = explore({ let _ = PREEMPTIONS_MAX; BOUND }, move || log_time(&open));
        match (guarantee.promise(ScenarioName::LogTime), found) {
            (Some(Promise::Holds), Ok(executions)) => {
                println!("{name} holds in {executions} executions ({PREEMPTIONS_MAX} preemptions)");
            }
            (Some(Promise::Admits([Anomaly::LostUpdate])), Err(failure)) => {
                assert!(failure.starts_with("lost update"), "{name}: {failure}");
                println!("{name}: {failure}");
            }
            (promise, found) => panic!("{name} promises {promise:?}, loom found {found:?}"),
        }
    }
}

#[test]
fn loom_finds_the_data_race_of_the_cell_without_a_single_preemption() {
    let failure = explore(Some(0), || log_time(&unsafe_cell::open::<Loom>)).unwrap_err();
    assert!(failure.starts_with("Causality violation"), "{failure}");
}

/// One execution: two processes each add minutes to one task; what they were told must be there.
fn log_time(open: &dyn Fn() -> Box<dyn Store>) {
    let scenario = Scenario::usual(ScenarioName::LogTime);
    let store = open();
    let mut session = store.session().expect("a session opens");
    let id = session.create(&scenario.task, None).expect("the task is created");
    let before = session.get(id).expect("the task can be read").expect("the task is there");
    let told = play_together(&scenario, store.as_ref(), id);
    let after = session.get(id);
    // Before the judgement: an owner thread could not be waited for while a panic unwinds.
    drop(session);
    drop(store);
    match scenario.judge(&before, &told, &after) {
        Judgement::Kept => {}
        Judgement::Anomaly { anomaly, consequence } => panic!("{anomaly}: {consequence}"),
        Judgement::Failed(why) => panic!("{why}"),
    }
}

fn play_together(scenario: &Scenario, store: &dyn Store, id: TaskId) -> Vec<Vec<Told>> {
    let threads: Vec<_> = scenario
        .processes
        .iter()
        .map(|process| {
            let mut session = store.session().expect("a session opens");
            let told = Arc::new(Mutex::new(Vec::new()));
            let tell = Arc::clone(&told);
            let process = process.clone();
            let thread = Loom::spawn(&process.name.clone(), move || {
                play(&process, session.as_mut(), id, |answer| tell.lock().unwrap().push(answer));
            });
            (thread, told)
        })
        .collect();
    threads
        .into_iter()
        .map(|(thread, told)| {
            thread.join();
            std::mem::take(&mut *told.lock().unwrap())
        })
        .collect()
}
