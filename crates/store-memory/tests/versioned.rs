//! What is particular to the versioned store: revisions that stay, and conflicts.
#![expect(clippy::unwrap_used, reason = "a test says by it what must be so")]

use lab_runtime::Threads;
use lab_store::{Blueprint, Revisions, Session, Site};
use lab_task::{Change, Description, NewTask, Outcome, Refusal, Status, TaskId, Title, Version};
use store_memory::versioned::Versioned;

#[test]
fn a_revert_appends_the_old_content_and_takes_nothing_away() {
    let (mut session, id) = session_with_task();
    session.edit(id, &Change::AddMinutes(10)).unwrap();
    session.edit(id, &Change::Status(Status::Done)).unwrap();
    let reverted = revisions(&mut session).revert(id, Version(2), Version(3));
    assert_eq!(reverted, Ok(Outcome::Applied(Version(4))));
    let all = revisions(&mut session).revisions(id).unwrap();
    let seen: Vec<_> = all.iter().map(|task| (task.version.0, task.minutes, task.status)).collect();
    let expected =
        [(1, 0, Status::Todo), (2, 10, Status::Todo), (3, 10, Status::Done), (4, 10, Status::Todo)];
    assert_eq!(seen, expected);
    assert_eq!(session.get(id).unwrap().as_ref(), all.last());
}

#[test]
fn a_revert_that_is_based_on_an_old_version_or_to_a_missing_one_is_refused() {
    let (mut session, id) = session_with_task();
    session.edit(id, &Change::AddMinutes(10)).unwrap();
    let revisions = revisions(&mut session);
    let stale = Refusal::Stale { current: Version(2) };
    assert_eq!(revisions.revert(id, Version(1), Version(1)), Ok(Outcome::Refused(stale)));
    let not_found = Ok(Outcome::Refused(Refusal::NotFound));
    assert_eq!(revisions.revert(id, Version(9), Version(1)), not_found);
    assert_eq!(revisions.revert(TaskId(9), Version(1), Version(1)), not_found);
}

#[test]
fn a_task_that_was_deleted_has_no_revisions() {
    let (mut session, id) = session_with_task();
    session.edit(id, &Change::AddMinutes(10)).unwrap();
    let stale = Refusal::Stale { current: Version(2) };
    assert_eq!(session.delete(id, Some(Version(1))), Ok(Outcome::Refused(stale)));
    assert_eq!(session.delete(id, Some(Version(2))), Ok(Outcome::Applied(Version(2))));
    assert_eq!(revisions(&mut session).revisions(id), Ok(Vec::new()));
}

fn session_with_task() -> (Box<dyn Session>, TaskId) {
    let store = Versioned::open::<Threads>(&Site::default()).unwrap();
    let mut session = store.session().unwrap();
    let title = Title::new("write the report").unwrap();
    let new = NewTask { title, description: Description::default() };
    let id = session.create(&new, None).unwrap();
    (session, id)
}

fn revisions(session: &mut Box<dyn Session>) -> &mut dyn Revisions {
    session.revisions().unwrap()
}
