//! What counts as a step, and how many an operation takes.

use lab_store::Session;
use lab_task::{Change, Outcome, Refusal, TaskId};

use super::recording::Recording;
use super::{Place, add, new_task};

const TRANSACTION: [&str; 4] = ["BEGIN", "SELECT", "UPDATE", "COMMIT"];

#[test]
fn an_operation_takes_the_same_steps_whether_its_connection_is_new_or_not() {
    let edits: [(&str, &[&str]); 4] = [
        ("sqlite/autocommit", &["SELECT", "UPDATE"]),
        ("sqlite/deferred", &TRANSACTION),
        ("sqlite/immediate", &TRANSACTION),
        ("sqlite/optimistic", &["SELECT", "UPDATE"]),
    ];
    for (name, edit) in edits {
        let place = Place::new();
        let store = place.open::<Recording>(name);
        let id = store.session().unwrap().create(&new_task(), None).unwrap();
        let mut session = None;
        let opened = Recording::steps(|| session = store.session().ok());
        assert!(opened.is_empty(), "{name}: {opened:?}");
        let mut session = session.unwrap();
        for _ in 0..2 {
            assert_eq!(Recording::steps(|| add(&mut *session, id, 1)), edit, "{name}");
        }
        let mut session = store.session().unwrap();
        for _ in 0..2 {
            assert_eq!(Recording::steps(|| drop(session.get(id))), ["SELECT"], "{name}");
        }
        let copy = session.get(id).unwrap().unwrap();
        assert_eq!(Recording::steps(|| drop(session.save(&copy))), ["UPDATE"], "{name}");
    }
}

#[test]
fn a_transaction_that_finds_no_task_ends_all_the_same() {
    for name in ["sqlite/deferred", "sqlite/immediate"] {
        let place = Place::new();
        let mut session = place.open::<Recording>(name).session().unwrap();
        for id in [TaskId(7), TaskId(u64::MAX)] {
            let steps = Recording::steps(|| refused(&mut *session, id));
            assert_eq!(steps, ["BEGIN", "SELECT", "COMMIT"], "{name}");
        }
    }
}

fn refused(session: &mut dyn Session, id: TaskId) {
    let outcome = session.edit(id, &Change::AddMinutes(1)).unwrap();
    assert_eq!(outcome, Outcome::Refused(Refusal::NotFound));
}
