//! Capabilities are there if they are named, and only then, and do what they say.

use lab_store::{Capability, Entry, Session, Store};
use lab_task::{Change, Description, IdempotencyKey, Outcome, Refusal, Task, TaskId};

use super::stores::{all, at_once, created, each_store, each_store_with, new_task, two_sessions};

const CLIENTS: usize = 4;
const ROUNDS: usize = 5;

#[test]
fn leases_and_revisions_are_there_exactly_where_they_are_named() {
    each_store(
        |_| true,
        |subject| {
            let store = subject.open();
            let mut session = store.session().unwrap();
            assert_eq!(session.leasing().is_some(), subject.has(Capability::Leases));
            assert_eq!(session.revisions().is_some(), subject.has(Capability::Revisions));
        },
    );
}

#[test]
fn a_create_that_is_retried_with_its_key_makes_one_task() {
    each_store_with(Capability::IdempotentCreates, |subject| {
        let store = subject.open();
        let [mut one, mut other] = two_sessions(&*store);
        let first = create_with(&mut *one, "first", "k");
        assert_eq!(create_with(&mut *one, "retried", "k"), first, "by the same client");
        assert_eq!(create_with(&mut *other, "retried", "k"), first, "by another client");
        assert_ne!(create_with(&mut *other, "first", "K"), first, "a key is compared exactly");
        drop((one, other, store));
        if subject.has(Capability::Persistent) {
            let store = subject.open();
            let mut session = store.session().unwrap();
            assert_eq!(create_with(&mut *session, "retried", "k"), first, "opened again");
            let tasks = all(&mut *session);
            assert_eq!(tasks.len(), 2);
            assert_eq!(tasks[0].title.as_str(), "first");
        }
    });
}

#[test]
fn a_key_is_free_again_when_its_task_was_deleted() {
    each_store_with(Capability::IdempotentCreates, |subject| {
        let store = subject.open();
        let [mut one, mut other] = two_sessions(&*store);
        let first = create_with(&mut *one, "first", "k");
        assert!(matches!(other.delete(first, None).unwrap(), Outcome::Applied(_)));
        let second = create_with(&mut *one, "second", "k");
        assert_ne!(second, first);
        assert_eq!(create_with(&mut *other, "retried", "k"), second);
        assert_eq!(all(&mut *one).len(), 1);
    });
}

#[test]
fn clients_that_create_with_one_key_at_once_get_one_task() {
    each_store_with(Capability::IdempotentCreates, |subject| {
        let store = subject.open();
        for round in 0..ROUNDS {
            let key = format!("round {round}");
            let ids = at_once(&*store, CLIENTS, |_, session| create_with(session, "retried", &key));
            assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        }
        assert_eq!(all(&mut *store.session().unwrap()).len(), ROUNDS);
    });
}

#[test]
fn a_store_that_names_no_idempotent_creates_pays_no_attention_to_keys() {
    let names_none = |entry: &Entry| !entry.guarantee.has(Capability::IdempotentCreates);
    each_store(names_none, |subject| {
        let store = subject.open();
        let mut session = store.session().unwrap();
        let first = create_with(&mut *session, "first", "k");
        assert_ne!(create_with(&mut *session, "retried", "k"), first);
        assert_eq!(all(&mut *session).len(), 2);
    });
}

#[test]
fn two_saves_of_one_copy_never_both_succeed() {
    each_store_with(Capability::VersionChecks, |subject| {
        let store = subject.open();
        let [mut one, mut other] = two_sessions(&*store);
        let copy = created(&mut *one, "a");
        let seen = other.get(copy.id).unwrap().unwrap();
        let current = copy.version.next();
        assert_eq!(one.save(&described(&copy, "one")).unwrap(), Outcome::Applied(current));
        let stale = Outcome::Refused(Refusal::Stale { current });
        assert_eq!(other.save(&described(&seen, "other")).unwrap(), stale);
        assert_eq!(other.delete(seen.id, Some(seen.version)).unwrap(), stale);
        assert_eq!(one.get(copy.id).unwrap().unwrap().description.as_str(), "one");
        for _ in 0..ROUNDS {
            one_of_many_saves(&*store);
        }
    });
}

/// Clients save one copy at the same moment; what is there afterwards is what one of them wrote,
/// and that one was told so.
fn one_of_many_saves(store: &dyn Store) {
    let mut session = store.session().unwrap();
    let copy = created(&mut *session, "a");
    let outcomes = at_once(store, CLIENTS, |number, session| {
        session.save(&described(&copy, &number.to_string())).unwrap()
    });
    let current = copy.version.next();
    let stale = Outcome::Refused(Refusal::Stale { current });
    let saved = outcomes.iter().position(|outcome| *outcome == Outcome::Applied(current));
    let refused = outcomes.iter().filter(|outcome| **outcome == stale).count();
    assert_eq!(refused, CLIENTS - 1, "{outcomes:?}");
    let expected = described(&copy, &saved.unwrap().to_string());
    let expected = Task { version: current, ..expected };
    assert_eq!(session.get(copy.id).unwrap(), Some(expected));
}

#[test]
fn without_version_checks_the_last_writer_wins() {
    let checks_none = |entry: &Entry| !entry.guarantee.has(Capability::VersionChecks);
    each_store(checks_none, |subject| {
        let store = subject.open();
        let [mut one, mut other] = two_sessions(&*store);
        let copy = created(&mut *one, "a");
        one.edit(copy.id, &Change::AddMinutes(10)).unwrap();
        let version = copy.version.next().next();
        assert_eq!(other.save(&copy).unwrap(), Outcome::Applied(version));
        assert_eq!(one.get(copy.id).unwrap(), Some(Task { version, ..copy }));
    });
}

fn create_with(session: &mut dyn Session, title: &str, key: &str) -> TaskId {
    let key = IdempotencyKey::new(key).unwrap();
    session.create(&new_task(title), Some(&key)).unwrap()
}

fn described(copy: &Task, description: &str) -> Task {
    Task { description: Description::new(description).unwrap(), ..copy.clone() }
}
