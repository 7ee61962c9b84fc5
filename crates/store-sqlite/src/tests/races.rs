//! Two instances of a store on one database, with real threads and real locks.

use std::thread;

use lab_runtime::Threads;
use lab_task::TaskId;

use super::{Place, add, entry, minutes, new_task};

#[test]
fn two_instances_lose_nothing_where_the_store_promises_it() {
    for name in ["sqlite/immediate", "sqlite/deferred", "sqlite/optimistic"] {
        let place = Place::new();
        let id = place.open::<Threads>(name).session().unwrap().create(&new_task(), None).unwrap();
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| add_many(&place, name, id));
            }
        });
        let mut session = place.open::<Threads>(name).session().unwrap();
        assert_eq!(minutes(&mut *session, id), 3 * 40, "{name}");
    }
}

fn add_many(place: &Place, name: &str, id: TaskId) {
    let mut session = place.open::<Threads>(name).session().unwrap();
    for _ in 0..40 {
        add(&mut *session, id, 1);
    }
}

#[test]
fn many_instances_open_a_new_site_at_once() {
    let entry = entry::<Threads>("sqlite/immediate");
    for _ in 0..5 {
        let place = Place::new();
        let site = place.site();
        let opened = thread::scope(|scope| {
            let threads: Vec<_> = (0..6)
                .map(|_| {
                    scope.spawn(|| {
                        let mut session = (entry.open)(&site)?.session()?;
                        session.create(&new_task(), None)
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        let mut ids: Vec<_> = opened.into_iter().map(Result::unwrap).collect();
        ids.sort();
        assert_eq!(ids, (1..=6).map(TaskId).collect::<Vec<_>>());
    }
}

#[test]
fn an_id_is_not_given_again_after_a_delete_and_a_restart() {
    let place = Place::new();
    let mut session = place.open::<Threads>("sqlite/autocommit").session().unwrap();
    session.create(&new_task(), None).unwrap();
    let last = session.create(&new_task(), None).unwrap();
    session.delete(last, None).unwrap();
    drop(session);
    let mut session = place.open::<Threads>("sqlite/immediate").session().unwrap();
    assert_eq!(session.create(&new_task(), None).unwrap(), TaskId(3));
}
