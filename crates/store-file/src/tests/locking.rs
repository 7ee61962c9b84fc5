//! Two instances on one folder.

use std::thread;

use lab_store::StoreError;
use lab_task::Outcome;

use super::{add_minutes, all, create, open, session};

const EDITS: u32 = 50;

#[test]
fn two_instances_lose_no_edit_where_the_store_promises_that() {
    for name in ["file/json_locked", "file/json_optimistic", "file/json_leased"] {
        let folder = tempfile::tempdir().unwrap();
        let id = create(&mut *session(name, folder.path()), "a");
        thread::scope(|scope| {
            for _ in 0..2 {
                let mut session = session(name, folder.path());
                scope.spawn(move || {
                    for _ in 0..EDITS {
                        add_minutes(&mut *session, id, 1);
                    }
                });
            }
        });
        let task = session(name, folder.path()).get(id).unwrap().unwrap();
        assert_eq!((task.minutes, task.version.0), (2 * EDITS, 1 + 2 * u64::from(EDITS)), "{name}");
        let left = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path());
        let private = left.filter(|path| path.extension().is_some_and(|end| end == "tmp"));
        assert_eq!(private.count(), 0, "{name}");
    }
}

#[test]
fn sessions_of_one_journal_lose_no_edit() {
    let folder = tempfile::tempdir().unwrap();
    let store = open("file/journal", folder.path()).unwrap();
    let id = create(&mut *store.session().unwrap(), "a");
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut session = store.session().unwrap();
                for minutes in 1..=EDITS {
                    add_minutes(&mut *session, id, 1);
                    let seen = session.get(id).unwrap().unwrap().minutes;
                    assert!(seen >= minutes);
                }
            });
        }
    });
    drop(store);
    assert_eq!(all(&mut *session("file/journal", folder.path()))[0].minutes, 3 * EDITS);
}

#[test]
fn a_journal_is_open_once_until_its_last_session_ends() {
    let folder = tempfile::tempdir().unwrap();
    let first = open("file/journal", folder.path()).unwrap();
    let session = first.session().unwrap();
    drop(first);
    let error = open("file/journal", folder.path()).err().unwrap();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    assert!(error.to_string().contains("another instance has this journal open"), "{error}");
    drop(session);
    open("file/journal", folder.path()).unwrap();
}

#[test]
fn two_saves_of_one_copy_never_both_succeed() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = session("file/json_optimistic", folder.path());
    let mut other = session("file/json_optimistic", folder.path());
    let id = create(&mut *one, "a");
    let copy = one.get(id).unwrap().unwrap();
    let saved = thread::scope(|scope| {
        let (one, other) = (&mut one, &mut other);
        let first = scope.spawn(|| one.save(&copy).unwrap());
        let second = other.save(&copy).unwrap();
        [first.join().unwrap(), second]
    });
    let applied = saved.iter().filter(|outcome| matches!(outcome, Outcome::Applied(_))).count();
    assert_eq!(applied, 1, "{saved:?}");
}
