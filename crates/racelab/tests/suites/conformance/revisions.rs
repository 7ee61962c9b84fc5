//! Revisions: the history of a task stays, and an old state can be had back.

use lab_store::{Capability, Revisions, Session};
use lab_task::{Change, Outcome, Refusal, Status, Task, TaskId, Version};

use super::stores::{created, each_store_with, two_sessions};

/// A task as it was after its create, after each of two edits, and after a start.
fn history(session: &mut dyn Session) -> Vec<Task> {
    let mut task = created(session, "a");
    let mut history = vec![task.clone()];
    for change in [Change::AddMinutes(10), Change::Status(Status::Done)] {
        session.edit(task.id, &change).unwrap();
        change.apply(&mut task);
        history.push(task.clone());
    }
    session.start(task.id, 1).unwrap();
    Change::Status(Status::InProgress).apply(&mut task);
    history.push(task);
    history
}

#[test]
fn every_change_is_one_revision_and_the_oldest_comes_first() {
    each_store_with(Capability::Revisions, |subject| {
        let store = subject.open();
        let [mut one, mut other] = two_sessions(&*store);
        let mut expected = history(&mut *one);
        let id = expected[0].id;
        let refused = one.edit(TaskId(u64::MAX), &Change::AddMinutes(1)).unwrap();
        assert_eq!(refused, Outcome::Refused(Refusal::NotFound));
        assert_eq!(revisions(&mut *other).revisions(id).unwrap(), expected);
        let mut copy = one.get(id).unwrap().unwrap();
        copy.minutes = 7;
        one.save(&copy).unwrap();
        expected.push(Task { version: copy.version.next(), ..copy });
        assert_eq!(revisions(&mut *one).revisions(id).unwrap(), expected);
    });
}

#[test]
fn a_revert_appends_the_old_content_as_one_more_version() {
    each_store_with(Capability::Revisions, |subject| {
        let store = subject.open();
        let [mut one, mut other] = two_sessions(&*store);
        let mut expected = history(&mut *one);
        let (id, newest) = (expected[0].id, expected[3].version);
        for to in [Version(2), newest] {
            let based_on = expected[expected.len() - 1].version;
            let outcome = revisions(&mut *one).revert(id, to, based_on).unwrap();
            let version = based_on.next();
            assert_eq!(outcome, Outcome::Applied(version));
            let content = expected.iter().find(|task| task.version == to).unwrap().clone();
            expected.push(Task { version, ..content });
        }
        assert_eq!(other.get(id).unwrap().as_ref(), expected.last());
        assert_eq!(revisions(&mut *other).revisions(id).unwrap(), expected);
    });
}

#[test]
fn a_revert_to_what_is_missing_or_from_what_is_stale_is_refused() {
    each_store_with(Capability::Revisions, |subject| {
        let store = subject.open();
        let mut session = store.session().unwrap();
        let expected = history(&mut *session);
        let (id, current) = (expected[0].id, expected[3].version);
        let revisions = revisions(&mut *session);
        let not_found = Outcome::Refused(Refusal::NotFound);
        for missing in [Version(0), current.next(), Version(u64::MAX)] {
            assert_eq!(revisions.revert(id, missing, current).unwrap(), not_found);
        }
        let nobody = TaskId(u64::MAX);
        assert_eq!(revisions.revert(nobody, Version(1), current).unwrap(), not_found);
        let stale = Outcome::Refused(Refusal::Stale { current });
        for old in [Version(1), current.next()] {
            assert_eq!(revisions.revert(id, Version(1), old).unwrap(), stale);
        }
        assert_eq!(revisions.revisions(id).unwrap(), expected);
    });
}

#[test]
fn a_task_that_is_not_there_has_no_revisions() {
    each_store_with(Capability::Revisions, |subject| {
        let store = subject.open();
        let mut session = store.session().unwrap();
        let id = history(&mut *session)[0].id;
        session.delete(id, None).unwrap();
        assert_eq!(revisions(&mut *session).revisions(id).unwrap(), []);
        assert_eq!(revisions(&mut *session).revisions(TaskId(u64::MAX)).unwrap(), []);
        let reverted = revisions(&mut *session).revert(id, Version(1), Version(1)).unwrap();
        assert_eq!(reverted, Outcome::Refused(Refusal::NotFound));
    });
}

fn revisions(session: &mut dyn Session) -> &mut dyn Revisions {
    session.revisions().expect("the guarantee names revisions")
}
