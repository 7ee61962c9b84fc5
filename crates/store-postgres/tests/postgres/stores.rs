//! What every store of the family does, and what their protections keep from being lost.

use std::thread;

use lab_runtime::Threads;
use lab_store::{Capability, Promise, ScenarioName};
use lab_task::{
    Change, Description, Filter, IdempotencyKey, Outcome, Refusal, Status, Title, Version,
};
use store_postgres::entries;

use crate::site::{TestSite, applied, created, entry, minutes, new_task};

#[test]
fn every_store_creates_reads_changes_and_deletes() {
    let Some(site) = TestSite::new() else { return };
    for entry in entries::<Threads>() {
        let store = (entry.open)(&site).unwrap();
        let mut session = store.session().unwrap();
        let id = created(&mut *session);
        assert_eq!(session.edit(id, &Change::AddMinutes(u32::MAX)), Ok(applied(2)));
        assert_eq!(session.edit(id, &Change::AddMinutes(7)), Ok(applied(3)));
        assert_eq!(minutes(&mut *session, id), u32::MAX, "{}", entry.name);
        let title = Change::Title(Title::new("'; DROP TABLE tasks; --").unwrap());
        assert_eq!(session.edit(id, &title), Ok(applied(4)));
        let text = Description::new("two\nlines \u{10FFFF}\u{1}").unwrap();
        assert_eq!(session.edit(id, &Change::Description(text.clone())), Ok(applied(5)));
        assert_eq!(session.start(id, 1), Ok(applied(6)));
        let mut task = session.get(id).unwrap().unwrap();
        assert_eq!((task.status, &task.description), (Status::InProgress, &text));
        task.status = Status::Done;
        assert_eq!(session.save(&task), Ok(applied(7)));
        assert_eq!(session.summary().unwrap().done, 1);
        assert_eq!(session.delete(id, Some(Version(7))), Ok(applied(7)));
        assert_eq!(session.get(id), Ok(None), "{}", entry.name);
        assert!(created(&mut *session) > id);
        let left = session.list(&Filter::ALL).unwrap().pop().unwrap().id;
        session.delete(left, None).unwrap();
    }
}

#[test]
fn every_store_refuses_what_is_not_there_and_what_is_too_much() {
    let Some(site) = TestSite::new() else { return };
    for entry in entries::<Threads>() {
        let store = (entry.open)(&site).unwrap();
        let mut session = store.session().unwrap();
        let (one, other) = (created(&mut *session), created(&mut *session));
        let mut task = session.get(other).unwrap().unwrap();
        let not_found = Ok(Outcome::Refused(Refusal::NotFound));
        for id in [0, u64::MAX, 1 << 40].map(lab_task::TaskId) {
            task.id = id;
            assert_eq!(session.get(id), Ok(None));
            assert_eq!(session.edit(id, &Change::AddMinutes(1)), not_found);
            assert_eq!(session.save(&task), not_found);
            assert_eq!(session.delete(id, Some(Version(u64::MAX))), not_found);
            assert_eq!(session.start(id, 0), not_found);
        }
        session.start(one, 1).unwrap();
        let refused = Outcome::Refused(Refusal::LimitReached { in_progress: 1 });
        assert_eq!(session.start(other, 1), Ok(refused), "{}", entry.name);
        assert_eq!(session.start(one, 1), Ok(applied(3)), "{}", entry.name);
        session.delete(one, None).unwrap();
        session.delete(other, None).unwrap();
    }
}

#[test]
fn a_list_is_filtered_letter_by_letter_and_in_the_order_of_ids() {
    let Some(site) = TestSite::new() else { return };
    let store = (entry::<Threads>("autocommit").open)(&site).unwrap();
    let mut session = store.session().unwrap();
    for title in ["Büro_1", "büro%2", "Büro%3"] {
        session.create(&new_task(title), None).unwrap();
    }
    let mut titles = |text: &str| {
        let filter = Filter { title_contains: Some(text.to_owned()), ..Filter::ALL };
        let found = session.list(&filter).unwrap();
        found.into_iter().map(|task| String::from(task.title)).collect::<Vec<_>>()
    };
    assert_eq!(titles("Büro"), ["Büro_1", "Büro%3"]);
    assert_eq!(titles("%"), ["büro%2", "Büro%3"]);
    assert_eq!(titles("").len(), 3);
    assert_eq!(titles("\0").len(), 0);
}

#[test]
fn a_second_save_of_one_copy_is_refused_only_where_versions_are_checked() {
    let Some(site) = TestSite::new() else { return };
    for entry in entries::<Threads>() {
        let store = (entry.open)(&site).unwrap();
        let (mut ann, mut ben) = (store.session().unwrap(), store.session().unwrap());
        let id = created(&mut *ann);
        let (mut one, mut other) = (ann.get(id).unwrap().unwrap(), ben.get(id).unwrap().unwrap());
        one.title = Title::new("Ann's title").unwrap();
        other.description = Description::new("Ben's description").unwrap();
        assert_eq!(ben.save(&other), Ok(applied(2)));
        let second = if entry.guarantee.has(Capability::VersionChecks) {
            Outcome::Refused(Refusal::Stale { current: Version(2) })
        } else {
            applied(3)
        };
        assert_eq!(ann.save(&one), Ok(second), "{}", entry.name);
    }
}

#[test]
fn concurrent_edits_lose_nothing_where_the_store_promises_that() {
    const THREADS: u32 = 3;
    const EDITS: u32 = 25;
    let Some(site) = TestSite::new() else { return };
    for entry in entries::<Threads>() {
        if entry.guarantee.promise(ScenarioName::LogTime) != Some(Promise::Holds) {
            continue;
        }
        let store = (entry.open)(&site).unwrap();
        let id = created(&mut *store.session().unwrap());
        thread::scope(|scope| {
            for _ in 0..THREADS {
                let mut session = store.session().unwrap();
                scope.spawn(move || {
                    for _ in 0..EDITS {
                        session.edit(id, &Change::AddMinutes(1)).unwrap();
                    }
                });
            }
        });
        let task = store.session().unwrap().get(id).unwrap().unwrap();
        assert_eq!(task.minutes, THREADS * EDITS, "{}", entry.name);
        assert_eq!(task.version, Version(u64::from(THREADS * EDITS) + 1), "{}", entry.name);
    }
}

#[test]
fn concurrent_starts_at_the_limit_never_both_succeed_under_serializable() {
    let Some(site) = TestSite::new() else { return };
    let store = (entry::<Threads>("serializable").open)(&site).unwrap();
    let mut tasks = store.session().unwrap();
    for _ in 0..10 {
        let ids = [created(&mut *tasks), created(&mut *tasks)];
        thread::scope(|scope| {
            for id in ids {
                let mut session = store.session().unwrap();
                scope.spawn(move || session.start(id, 1).unwrap());
            }
        });
        assert_eq!(tasks.summary().unwrap().in_progress, 1);
        for id in ids {
            tasks.delete(id, None).unwrap();
        }
    }
}

#[test]
fn a_retried_create_gives_the_first_id_until_the_task_is_deleted() {
    let Some(site) = TestSite::new() else { return };
    let store = (entry::<Threads>("optimistic").open)(&site).unwrap();
    let mut session = store.session().unwrap();
    let key = IdempotencyKey::new("once").unwrap();
    let first = session.create(&new_task("first"), Some(&key)).unwrap();
    assert_eq!(session.create(&new_task("again"), Some(&key)), Ok(first));
    session.delete(first, None).unwrap();
    assert_ne!(session.create(&new_task("later"), Some(&key)), Ok(first));
}

#[test]
fn tasks_and_ids_survive_closing_and_opening() {
    let Some(site) = TestSite::new() else { return };
    let open = entry::<Threads>("autocommit").open;
    let (kept, deleted) = {
        let store = open(&site).unwrap();
        let mut session = store.session().unwrap();
        let ids = (created(&mut *session), created(&mut *session));
        session.delete(ids.1, None).unwrap();
        ids
    };
    let store = open(&site).unwrap();
    let mut session = store.session().unwrap();
    assert!(session.get(kept).unwrap().is_some());
    assert!(created(&mut *session) > deleted);
}
