//! Leases: who holds one, and what becomes of a writer whose lease ran out.

use std::time::Duration;

use lab_runtime::Threads;
use lab_store::{Claim, Session};
use lab_task::{Change, FencingToken, Outcome, Refusal, TaskId, Version};

use crate::site::{TestSite, applied, created, entry};

const LONG: Duration = Duration::from_secs(3600);

fn claimed(session: &mut dyn Session, id: TaskId, owner: &str, ttl: Duration) -> FencingToken {
    match session.leasing().unwrap().claim(id, owner, ttl).unwrap() {
        Claim::Granted(token) => token,
        Claim::Refused(refusal) => panic!("{refusal}"),
    }
}

#[test]
fn while_a_lease_runs_only_its_token_writes() {
    let Some(site) = TestSite::new() else { return };
    let store = (entry::<Threads>("leased").open)(&site).unwrap();
    let (mut ann, mut ben) = (store.session().unwrap(), store.session().unwrap());
    let id = created(&mut *ann);
    let token = claimed(&mut *ann, id, "ann", LONG);
    assert_eq!(claimed(&mut *ann, id, "ann", Duration::MAX), token);
    let held = Refusal::Held { owner: "ann".to_owned() };
    let claim = ben.leasing().unwrap().claim(id, "ben", LONG);
    assert_eq!(claim, Ok(Claim::Refused(held.clone())));
    let copy = ben.get(id).unwrap().unwrap();
    let refused = Ok(Outcome::Refused(held));
    assert_eq!(ben.save(&copy), refused);
    assert_eq!(ben.edit(id, &Change::AddMinutes(1)), refused);
    assert_eq!(ben.start(id, 9), refused);
    assert_eq!(ben.delete(id, None), refused);
    assert_eq!(ann.leasing().unwrap().save_claimed(&copy, token), Ok(applied(2)));
    assert_eq!(ann.leasing().unwrap().release(id, token), Ok(applied(2)));
    assert_eq!(ben.save(&copy), Ok(applied(3)));
}

#[test]
fn a_lease_that_ran_out_saves_nothing_more() {
    let Some(site) = TestSite::new() else { return };
    let store = (entry::<Threads>("leased").open)(&site).unwrap();
    let mut session = store.session().unwrap();
    let id = created(&mut *session);
    let copy = session.get(id).unwrap().unwrap();
    let old = claimed(&mut *session, id, "ann", Duration::ZERO);
    assert_eq!(session.edit(id, &Change::AddMinutes(1)), Ok(applied(2)));
    let newest = claimed(&mut *session, id, "ben", Duration::ZERO);
    assert!(newest > old);
    let fenced = Ok(Outcome::Refused(Refusal::Fenced { newest }));
    let leasing = session.leasing().unwrap();
    assert_eq!(leasing.save_claimed(&copy, old), fenced);
    assert_eq!(leasing.release(id, old), fenced);
    assert_eq!(leasing.save_claimed(&copy, newest), fenced);
    assert!(claimed(&mut *session, id, "ben", LONG) > newest);
    assert_eq!(session.get(id).unwrap().unwrap().version, Version(2));
}

#[test]
fn a_token_of_nobody_and_a_task_of_nobody_are_refused() {
    let Some(site) = TestSite::new() else { return };
    let store = (entry::<Threads>("leased").open)(&site).unwrap();
    let mut session = store.session().unwrap();
    let id = created(&mut *session);
    let copy = session.get(id).unwrap().unwrap();
    let leasing = session.leasing().unwrap();
    let never = FencingToken(0);
    let fenced = Ok(Outcome::Refused(Refusal::Fenced { newest: never }));
    assert_eq!(leasing.save_claimed(&copy, never), fenced);
    let nobody = TaskId(u64::MAX);
    assert_eq!(leasing.claim(nobody, "ann", LONG), Ok(Claim::Refused(Refusal::NotFound)));
    assert_eq!(leasing.release(nobody, never), Ok(Outcome::Refused(Refusal::NotFound)));
}
