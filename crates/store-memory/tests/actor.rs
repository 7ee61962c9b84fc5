//! What is particular to the actor: its owner ends with the store.

use lab_runtime::Threads;
use lab_store::{Blueprint, Site, StoreError};
use lab_task::TaskId;
use store_memory::actor::Actor;

#[test]
fn a_session_that_outlives_its_store_gets_an_error_and_does_not_wait_for_ever() {
    let store = Actor::open::<Threads>(&Site::default()).unwrap();
    let mut session = store.session().unwrap();
    assert_eq!(session.get(TaskId(1)), Ok(None));
    drop(store);
    let error = session.get(TaskId(1)).unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }));
    assert_eq!(
        error.to_string(),
        "memory/actor is not available: the store was closed and its owner has stopped; \
         open it again"
    );
}
