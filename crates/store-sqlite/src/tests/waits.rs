//! One operation meets another at a step that the test chooses: no threads, no luck.

use lab_store::StoreError;
use lab_task::{Change, IdempotencyKey, Outcome, Refusal, Status};
use rusqlite::Connection;

use super::recording::{Recording, WAIT};
use super::{Place, add, minutes, new_task};
use crate::connection::Database;
use crate::statement::WAITS_MAX;

/// The steps and the minutes when B adds 20 right before the UPDATE with which A adds 10.
fn meet(name: &str) -> (Vec<String>, u32) {
    let place = Place::new();
    let store = place.open::<Recording>(name);
    let (mut a, mut b) = (store.session().unwrap(), store.session().unwrap());
    let id = a.create(&new_task(), None).unwrap();
    Recording::before("UPDATE", move || add(&mut *b, id, 20));
    let steps = Recording::steps(|| add(&mut *a, id, 10));
    (steps, minutes(&mut *a, id))
}

#[test]
fn autocommit_overwrites_what_it_has_not_seen() {
    let (steps, minutes) = meet("sqlite/autocommit");
    assert_eq!(steps, ["SELECT", "SELECT", "UPDATE", "UPDATE"]);
    assert_eq!(minutes, 10);
}

#[test]
fn deferred_begins_again_when_its_snapshot_is_old() {
    let (steps, minutes) = meet("sqlite/deferred");
    let a_reads = ["BEGIN", "SELECT"];
    let b = ["BEGIN", "SELECT", "UPDATE", "COMMIT"];
    let a_fails = ["UPDATE", "ROLLBACK"];
    let a_again = ["BEGIN", "SELECT", "UPDATE", "COMMIT"];
    assert_eq!(steps, [&a_reads[..], &b, &a_fails, &a_again].concat());
    assert_eq!(minutes, 30);
}

#[test]
fn optimistic_reads_again_when_the_version_is_another() {
    let (steps, minutes) = meet("sqlite/optimistic");
    let expected = ["SELECT", "SELECT", "UPDATE", "UPDATE", "SELECT", "UPDATE"];
    assert_eq!(steps, expected);
    assert_eq!(minutes, 30);
}

/// The steps and the minutes when a stranger, in the middle of adding 20, lets A wait once.
fn wait_for_a_stranger(name: &str) -> (Vec<String>, u32) {
    let place = Place::new();
    let mut a = place.open::<Recording>(name).session().unwrap();
    let id = a.create(&new_task(), None).unwrap();
    let stranger = half_way(&place);
    Recording::before(WAIT, move || stranger.execute_batch("COMMIT").unwrap());
    let steps = Recording::steps(|| add(&mut *a, id, 10));
    (steps, minutes(&mut *a, id))
}

fn half_way(place: &Place) -> Connection {
    let stranger = place.stranger();
    let add = "BEGIN IMMEDIATE; UPDATE task SET minutes = minutes + 20, version = version + 1";
    stranger.execute_batch(add).unwrap();
    stranger
}

#[test]
fn immediate_waits_in_begin_and_reads_what_the_other_wrote() {
    let (steps, minutes) = wait_for_a_stranger("sqlite/immediate");
    assert_eq!(steps, ["BEGIN", WAIT, "SELECT", "UPDATE", "COMMIT"]);
    assert_eq!(minutes, 30);
}

#[test]
fn deferred_waits_after_its_update_and_begins_again() {
    let (steps, minutes) = wait_for_a_stranger("sqlite/deferred");
    let first = ["BEGIN", "SELECT", "UPDATE", WAIT, "ROLLBACK"];
    assert_eq!(steps, [&first[..], &["BEGIN", "SELECT", "UPDATE", "COMMIT"]].concat());
    assert_eq!(minutes, 30);
}

#[test]
fn optimistic_waits_within_its_update_and_reads_again() {
    let (steps, minutes) = wait_for_a_stranger("sqlite/optimistic");
    assert_eq!(steps, ["SELECT", "UPDATE", WAIT, "SELECT", "UPDATE"]);
    assert_eq!(minutes, 30);
}

#[test]
fn who_waits_for_ever_gets_a_definite_error_and_can_go_on() {
    for name in ["sqlite/autocommit", "sqlite/immediate", "sqlite/optimistic", "sqlite/deferred"] {
        let place = Place::new();
        let mut a = place.open::<Recording>(name).session().unwrap();
        let id = a.create(&new_task(), None).unwrap();
        let stranger = half_way(&place);
        let mut answer = None;
        let steps = Recording::steps(|| answer = Some(a.edit(id, &Change::AddMinutes(10))));
        let error = answer.unwrap().unwrap_err();
        let waits = steps.iter().filter(|step| *step == WAIT).count();
        if name == "sqlite/deferred" {
            assert!(matches!(error, StoreError::Contended { .. }), "{error}");
            assert_eq!(waits, Database::<Recording>::ATTEMPTS_MAX as usize);
        } else {
            assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
            assert!(error.to_string().contains("another connection keeps its lock"), "{error}");
            assert_eq!(waits, WAITS_MAX as usize);
        }
        drop(stranger);
        add(&mut *a, id, 10);
        assert_eq!(minutes(&mut *a, id), 10, "{name}");
    }
}

/// Two tasks, a limit of one; B starts the other task right before the UPDATE of A.
fn start_at_the_limit(name: &str) -> (Outcome, u64) {
    let place = Place::new();
    let store = place.open::<Recording>(name);
    let (mut a, mut b) = (store.session().unwrap(), store.session().unwrap());
    let one = a.create(&new_task(), None).unwrap();
    let other = a.create(&new_task(), None).unwrap();
    Recording::before("UPDATE", move || drop(b.start(other, 1).unwrap()));
    let outcome = a.start(one, 1).unwrap();
    (outcome, a.summary().unwrap().in_progress)
}

#[test]
fn two_who_start_at_the_limit_exceed_it_only_in_autocommit() {
    let (outcome, in_progress) = start_at_the_limit("sqlite/autocommit");
    assert!(matches!(outcome, Outcome::Applied(_)));
    assert_eq!(in_progress, 2);
    let limit = Outcome::Refused(Refusal::LimitReached { in_progress: 1 });
    for name in ["sqlite/deferred", "sqlite/optimistic"] {
        assert_eq!(start_at_the_limit(name), (limit.clone(), 1), "{name}");
    }
}

#[test]
fn a_start_that_was_refused_tries_again_where_the_limit_is_free_by_then() {
    let place = Place::new();
    let store = place.open::<Recording>("sqlite/optimistic");
    let (mut a, mut b) = (store.session().unwrap(), store.session().unwrap());
    let one = a.create(&new_task(), None).unwrap();
    let other = a.create(&new_task(), None).unwrap();
    b.start(other, 1).unwrap();
    let done = Change::Status(Status::Done);
    Recording::before("SELECT", move || drop(b.edit(other, &done).unwrap()));
    assert!(matches!(a.start(one, 1).unwrap(), Outcome::Applied(_)));
}

#[test]
fn a_create_that_is_retried_with_its_key_makes_one_task() {
    let place = Place::new();
    let store = place.open::<Recording>("sqlite/optimistic");
    let (mut a, mut b) = (store.session().unwrap(), store.session().unwrap());
    let key = IdempotencyKey::new("k").unwrap();
    let retried = key.clone();
    Recording::before("INSERT", move || drop(b.create(&new_task(), Some(&retried))));
    let id = a.create(&new_task(), Some(&key)).unwrap();
    assert_eq!(a.create(&new_task(), Some(&key)).unwrap(), id);
    assert_eq!(a.summary().unwrap().todo, 1);
    a.delete(id, None).unwrap();
    assert_ne!(a.create(&new_task(), Some(&key)).unwrap(), id);
}
