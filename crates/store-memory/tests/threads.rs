//! Real threads on real locks: loom sees every schedule of two edits, but none of four hundred.

use std::thread;

use lab_runtime::Threads;
use lab_store::{Entry, Promise, ScenarioName, Site};
use lab_task::{Change, Description, Filter, NewTask, Outcome, Status, Summary, Title};

const THREADS: u32 = 4;
const ROUNDS: u32 = 100;

#[test]
fn no_acknowledged_edit_is_lost_where_log_time_holds() {
    for Entry { name, guarantee, open, .. } in store_memory::entries::<Threads>() {
        if guarantee.promise(ScenarioName::LogTime) != Some(Promise::Holds) {
            continue;
        }
        let store = open(&Site::default()).unwrap();
        let mut session = store.session().unwrap();
        let title = Title::new("write the report").unwrap();
        let new = NewTask { title, description: Description::default() };
        let id = session.create(&new, None).unwrap();
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    let mut session = store.session().unwrap();
                    for _ in 0..ROUNDS {
                        let outcome = session.edit(id, &Change::AddMinutes(1)).unwrap();
                        assert!(matches!(outcome, Outcome::Applied(_)), "{name}: {outcome:?}");
                    }
                });
            }
        });
        let minutes = session.get(id).unwrap().unwrap().minutes;
        assert_eq!(minutes, THREADS * ROUNDS, "{name}");
    }
}

#[test]
fn the_counts_follow_the_list_while_statuses_change_creates_and_deletes_go_on() {
    for Entry { name, open, .. } in store_memory::entries::<Threads>() {
        let store = open(&Site::default()).unwrap();
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    let mut session = store.session().unwrap();
                    for round in 0..ROUNDS {
                        let title = Title::new("write the report").unwrap();
                        let new = NewTask { title, description: Description::default() };
                        let id = session.create(&new, None).unwrap();
                        session.start(id, 2).unwrap();
                        session.list(&Filter::ALL).unwrap();
                        match round % 3 {
                            0 => drop(session.edit(id, &Change::Status(Status::Done)).unwrap()),
                            1 => drop(session.delete(id, None).unwrap()),
                            _ => {}
                        }
                    }
                });
            }
        });
        let mut session = store.session().unwrap();
        let listed: Summary = session.list(&Filter::ALL).unwrap().iter().collect();
        assert_eq!(session.summary().unwrap(), listed, "{name}");
    }
}
