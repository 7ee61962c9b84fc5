//! Leases, their ends and their tokens.

use std::time::Duration;

use lab_store::{Claim, Session, StoreError};
use lab_task::{Change, FencingToken, Outcome, Refusal, Task, TaskId, Version};

use super::{create, new_task, session};

const LONG: Duration = Duration::from_secs(3600);
const NONE: Duration = Duration::ZERO;

fn claim(session: &mut dyn Session, owner: &str, time_to_live: Duration) -> Claim {
    session.leasing().unwrap().claim(TaskId(1), owner, time_to_live).unwrap()
}

fn save(session: &mut dyn Session, copy: &Task, token: u64) -> Outcome {
    session.leasing().unwrap().save_claimed(copy, FencingToken(token)).unwrap()
}

fn release(session: &mut dyn Session, token: u64) -> Outcome {
    session.leasing().unwrap().release(TaskId(1), FencingToken(token)).unwrap()
}

fn granted(token: u64) -> Claim {
    Claim::Granted(FencingToken(token))
}

fn fenced(newest: u64) -> Outcome {
    Outcome::Refused(Refusal::Fenced { newest: FencingToken(newest) })
}

fn held(owner: &str) -> Refusal {
    Refusal::Held { owner: owner.to_owned() }
}

#[test]
fn a_running_lease_keeps_all_others_out_also_in_another_instance() {
    let folder = tempfile::tempdir().unwrap();
    let mut ann = session("file/json_leased", folder.path());
    let mut bob = session("file/json_leased", folder.path());
    let id = create(&mut *ann, "a");
    let copy = ann.get(id).unwrap().unwrap();
    assert_eq!(claim(&mut *ann, "ann", LONG), granted(1));
    assert_eq!(claim(&mut *bob, "bob", LONG), Claim::Refused(held("ann")));
    let refused = Outcome::Refused(held("ann"));
    assert_eq!(bob.save(&copy).unwrap(), refused);
    assert_eq!(bob.edit(id, &Change::AddMinutes(1)).unwrap(), refused);
    assert_eq!(bob.start(id, 5).unwrap(), refused);
    assert_eq!(bob.delete(id, None).unwrap(), refused);
    assert_eq!(ann.save(&copy).unwrap(), refused, "not even the owner without the token");
    assert_eq!(claim(&mut *ann, "ann", LONG), granted(1), "extended");
    assert_eq!(save(&mut *ann, &copy, 1), Outcome::Applied(Version(2)));
    assert_eq!(release(&mut *ann, 1), Outcome::Applied(Version(2)));
    assert_eq!(claim(&mut *bob, "bob", LONG), granted(2));
}

#[test]
fn a_lease_that_ran_out_saves_nothing_more() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session("file/json_leased", folder.path());
    let id = create(&mut *session, "a");
    let copy = session.get(id).unwrap().unwrap();
    assert_eq!(claim(&mut *session, "ann", NONE), granted(1));
    assert_eq!(session.edit(id, &Change::AddMinutes(1)).unwrap(), Outcome::Applied(Version(2)));
    assert_eq!(save(&mut *session, &copy, 1), fenced(1), "it would overwrite the edit");
    assert_eq!(claim(&mut *session, "bob", NONE), granted(2));
    assert_eq!(save(&mut *session, &copy, 1), fenced(2));
    assert_eq!(release(&mut *session, 1), fenced(2));
    assert_eq!(session.get(id).unwrap().unwrap().version, Version(2));
}

#[test]
fn the_count_of_tokens_outlives_release_expiry_and_reopening() {
    let folder = tempfile::tempdir().unwrap();
    for token in 1..=3 {
        let mut session = session("file/json_leased", folder.path());
        if token == 1 {
            create(&mut *session, "a");
        }
        assert_eq!(claim(&mut *session, "ann", LONG), granted(token));
        release(&mut *session, token);
    }
    assert_eq!(claim(&mut *session("file/json_leased", folder.path()), "bob", NONE), granted(4));
}

#[test]
fn a_deleted_task_takes_its_lease_file_along() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session("file/json_leased", folder.path());
    let id = create(&mut *session, "a");
    let copy = session.get(id).unwrap().unwrap();
    assert_eq!(release(&mut *session, 1), fenced(0));
    claim(&mut *session, "ann", NONE);
    assert!(folder.path().join("task-1.lease").exists());
    assert!(matches!(session.delete(id, None).unwrap(), Outcome::Applied(_)));
    assert!(!folder.path().join("task-1.lease").exists());
    let gone = Outcome::Refused(Refusal::NotFound);
    assert_eq!(save(&mut *session, &copy, 1), gone);
    assert_eq!(release(&mut *session, 1), gone);
    assert_eq!(claim(&mut *session, "ann", LONG), Claim::Refused(Refusal::NotFound));
    assert_eq!(session.create(&new_task("b"), None).unwrap(), TaskId(2));
}

#[test]
fn a_damaged_lease_stops_changes_of_its_task_and_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session("file/json_leased", folder.path());
    let id = create(&mut *session, "a");
    let path = folder.path().join("task-1.lease");
    std::fs::write(&path, "").unwrap();
    let error = session.edit(id, &Change::AddMinutes(1)).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    assert!(error.to_string().contains("task-1.lease"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), b"");
}
