//! Which steps of an operation others can see.

use std::time::Duration;

use lab_store::Session;
use lab_task::{FencingToken, TaskId};

use super::spy::{Spy, steps};
use super::{add_minutes, create, open_on};

/// The steps of an edit by `name`.
fn edit(name: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let mut session = open_on::<Spy>(name, folder.path()).unwrap().session().unwrap();
    let id = create(&mut *session, "a");
    steps();
    add_minutes(&mut *session, id, 10);
    steps()
}

#[test]
fn an_edit_takes_the_steps_that_its_mechanism_is_made_of() {
    assert_eq!(
        edit("file/json_naive"),
        ["read tasks.json", "truncate tasks.json", "write tasks.json"]
    );
    assert_eq!(edit("file/json_rename"), ["read tasks.json", "rename tasks.json"]);
    let locked = ["lock tasks.lock", "read tasks.json", "rename tasks.json", "unlock tasks.lock"];
    assert_eq!(edit("file/json_locked"), locked);
    assert_eq!(edit("file/json_optimistic")[0], "read tasks.json");
    assert_eq!(edit("file/json_optimistic")[1..], locked);
    assert_eq!(edit("file/journal"), ["append tasks.journal"]);
}

#[test]
fn a_refused_edit_writes_nothing() {
    for entry in crate::entries::<Spy>() {
        let folder = tempfile::tempdir().unwrap();
        let mut session = open_on::<Spy>(entry.name, folder.path()).unwrap().session().unwrap();
        create(&mut *session, "a");
        steps();
        add_minutes(&mut *session, TaskId(7), 10);
        let mut steps = steps().into_iter();
        let writes =
            |step: &String| ["write", "rename", "append"].iter().any(|w| step.starts_with(w));
        assert!(!steps.any(|step| writes(&step)), "{}", entry.name);
    }
}

#[test]
fn a_claim_and_a_fenced_save_look_at_the_lease_under_the_lock() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_on::<Spy>("file/json_leased", folder.path()).unwrap();
    let mut session: Box<dyn Session> = store.session().unwrap();
    let id = create(&mut *session, "a");
    let task = session.get(id).unwrap().unwrap();
    steps();
    session.leasing().unwrap().claim(id, "ann", Duration::from_secs(600)).unwrap();
    let looks = ["lock tasks.lock", "read tasks.json", "read task-1.lease"];
    assert_eq!(steps(), [&looks[..], &["rename task-1.lease", "unlock tasks.lock"]].concat());
    session.leasing().unwrap().save_claimed(&task, FencingToken(1)).unwrap();
    assert_eq!(steps(), [&looks[..], &["rename tasks.json", "unlock tasks.lock"]].concat());
}
