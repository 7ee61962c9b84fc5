//! Several instances of a store on one site, at one time or one after the other.

use lab_store::{Capability, Entry};
use lab_task::{Change, Outcome, TaskId, Version};

use super::stores::{all, create, created, each_store, each_store_with};

#[test]
fn instances_on_a_shared_site_see_each_others_tasks() {
    each_store_with(Capability::SharedSite, |subject| {
        let stores = [subject.open(), subject.open()];
        let [mut one, mut other] = stores.each_ref().map(|store| store.session().unwrap());
        let task = created(&mut *one, "a");
        assert_eq!(other.get(task.id).unwrap(), Some(task.clone()));
        let outcome = other.edit(task.id, &Change::AddMinutes(5)).unwrap();
        assert_eq!(outcome, Outcome::Applied(Version(2)));
        assert_eq!(one.get(task.id).unwrap().unwrap().minutes, 5);
        assert_ne!(create(&mut *other, "b"), task.id);
        assert_eq!(one.delete(task.id, None).unwrap(), Outcome::Applied(Version(2)));
        assert_eq!(other.get(task.id).unwrap(), None);
        assert_eq!(all(&mut *one), all(&mut *other));
        assert_eq!(one.summary().unwrap(), all(&mut *other).iter().collect());
    });
}

#[test]
fn a_site_that_is_not_shared_refuses_a_second_instance_as_long_as_there_is_a_first() {
    let persistent_for_one = |entry: &Entry| {
        let has = |capability| entry.guarantee.has(capability);
        has(Capability::Persistent) && !has(Capability::SharedSite)
    };
    each_store(persistent_for_one, |subject| {
        let first = subject.open();
        let mut session = first.session().unwrap();
        let task = created(&mut *session, "a");
        let error = subject.try_open().err().expect("a second instance is refused");
        assert!(error.is_definite(), "{error}");
        let text = error.to_string();
        assert!(text.contains(&*subject.site().directory.to_string_lossy()), "{text}");
        assert!(text.contains("another instance"), "{text}");
        let outcome = session.edit(task.id, &Change::AddMinutes(5)).unwrap();
        assert_eq!(outcome, Outcome::Applied(Version(2)), "the first one goes on");
        drop((session, first));
        let second = subject.open();
        let tasks = all(&mut *second.session().unwrap());
        assert_eq!(tasks.iter().map(|task| task.minutes).collect::<Vec<_>>(), [5]);
    });
}

#[test]
fn a_persistent_store_never_gives_an_id_twice_even_if_it_was_closed() {
    each_store_with(Capability::Persistent, |subject| {
        let mut given = Vec::<TaskId>::new();
        for _ in 0..3 {
            let store = subject.open();
            let mut session = store.session().unwrap();
            let id = create(&mut *session, "a");
            assert!(!given.contains(&id), "{id} was given before: {given:?}");
            given.push(id);
            assert_eq!(session.delete(id, None).unwrap(), Outcome::Applied(Version(1)));
        }
    });
}
