//! One sync for all that wait, and nobody is answered before it.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;

use lab_store::{Store, StoreError};
use lab_task::{Change, TaskId};

use super::spy::{Spy, WAITING, before_append, steps};
use super::{add_minutes, create, open_on};

/// Who waits is counted for the whole process.
static ALONE: Mutex<()> = Mutex::new(());
static LEADS: AtomicBool = AtomicBool::new(false);
static ANSWERED: AtomicUsize = AtomicUsize::new(0);

/// Edits once; gives how often this thread has appended (and synced, which goes with it).
fn edit(store: &dyn Store, folder: &Path, minutes: u32) -> usize {
    let mut session = store.session().unwrap();
    steps();
    add_minutes(&mut *session, TaskId(1), minutes);
    ANSWERED.fetch_add(1, Ordering::SeqCst);
    let journal = fs::read_to_string(folder.join("tasks.journal")).unwrap();
    assert!(journal.contains(&format!("{{\"add_minutes\":{minutes}}}")), "answered too early");
    steps().len()
}

#[test]
fn four_edits_are_two_commits_if_three_of_them_wait_for_the_first() {
    let _alone = ALONE.lock();
    let folder = tempfile::tempdir().unwrap();
    let store = open_on::<Spy>("file/journal", folder.path()).unwrap();
    create(&mut *store.session().unwrap(), "a");
    let (store, path) = (&*store, folder.path());
    let appends: usize = thread::scope(|scope| {
        let leader = scope.spawn(move || {
            before_append(|| {
                LEADS.store(true, Ordering::SeqCst);
                while WAITING.load(Ordering::SeqCst) < 3 {
                    thread::yield_now();
                }
                assert_eq!(ANSWERED.load(Ordering::SeqCst), 0);
            });
            edit(store, path, 10)
        });
        while !LEADS.load(Ordering::SeqCst) {
            thread::yield_now();
        }
        let followers = [20, 30, 40].map(|minutes| scope.spawn(move || edit(store, path, minutes)));
        let follower_appends = followers.map(|follower| follower.join().unwrap());
        leader.join().unwrap() + follower_appends.iter().sum::<usize>()
    });
    assert_eq!(appends, 2);
    let task = store.session().unwrap().get(TaskId(1)).unwrap().unwrap();
    assert_eq!((task.minutes, task.version.0), (100, 5));
}

#[test]
fn who_waits_for_a_leader_that_panics_is_told_so_and_nobody_waits_afterwards() {
    let _alone = ALONE.lock();
    let folder = tempfile::tempdir().unwrap();
    let store = open_on::<Spy>("file/journal", folder.path()).unwrap();
    create(&mut *store.session().unwrap(), "a");
    let edit = || store.session().unwrap().edit(TaskId(1), &Change::AddMinutes(10));
    let (leads, may_follow) = mpsc::channel();
    thread::scope(|scope| {
        let leader = scope.spawn(|| {
            before_append(move || {
                leads.send(()).unwrap();
                while WAITING.load(Ordering::SeqCst) == 0 {
                    thread::yield_now();
                }
                panic!("as a client's bug would");
            });
            edit()
        });
        may_follow.recv().unwrap();
        let follower = scope.spawn(edit);
        assert!(leader.join().is_err());
        let told = follower.join().unwrap().unwrap_err();
        assert!(!told.is_definite(), "{told}");
    });
    assert!(matches!(edit(), Err(StoreError::Unavailable { .. })));
    drop(store);
    let again = open_on::<Spy>("file/journal", folder.path()).unwrap();
    assert!(again.session().unwrap().edit(TaskId(1), &Change::AddMinutes(10)).is_ok());
}
