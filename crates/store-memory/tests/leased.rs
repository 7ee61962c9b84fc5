//! What is particular to the leased store: leases, and the tokens that outlive them.
#![expect(clippy::unwrap_used, reason = "a test says by it what must be so")]

use std::time::Duration;

use lab_runtime::Threads;
use lab_store::{Blueprint, Claim, Leasing, Session, Site};
use lab_task::{
    Change, Description, FencingToken, NewTask, Outcome, Refusal, Task, TaskId, Title, Version,
};
use store_memory::leased::Leased;

const HOUR: Duration = Duration::from_secs(60 * 60);
/// A lease for so long has already run out.
const NO_TIME: Duration = Duration::ZERO;

#[test]
fn while_a_lease_runs_only_its_token_changes_the_task() {
    let (mut session, copy) = session_with_task();
    let id = copy.id;
    let first = granted(leasing(&mut session).claim(id, "A", HOUR).unwrap());
    let held = || Refusal::Held { owner: "A".to_owned() };
    let refused = Ok(Outcome::Refused(held()));
    assert_eq!(session.edit(id, &Change::AddMinutes(1)), refused);
    assert_eq!(session.save(&copy), refused);
    assert_eq!(session.start(id, 1), refused);
    assert_eq!(session.delete(id, None), refused);
    let leases = leasing(&mut session);
    assert_eq!(leases.claim(id, "B", HOUR), Ok(Claim::Refused(held())));
    assert_eq!(leases.save_claimed(&copy, first), Ok(Outcome::Applied(Version(2))));
}

#[test]
fn the_owner_of_a_running_lease_extends_it_and_keeps_the_token() {
    let (mut session, copy) = session_with_task();
    let leases = leasing(&mut session);
    let first = granted(leases.claim(copy.id, "A", HOUR).unwrap());
    assert_eq!(leases.claim(copy.id, "A", Duration::MAX), Ok(Claim::Granted(first)));
    assert!(matches!(leases.claim(copy.id, "B", HOUR), Ok(Claim::Refused(_))));
    assert_eq!(leases.claim(copy.id, "A", NO_TIME), Ok(Claim::Granted(first)));
    assert!(granted(leases.claim(copy.id, "B", HOUR).unwrap()) > first);
}

#[test]
fn a_lease_that_ran_out_saves_nothing_more() {
    let (mut session, copy) = session_with_task();
    let leases = leasing(&mut session);
    let first = granted(leases.claim(copy.id, "A", NO_TIME).unwrap());
    let fenced = Ok(Outcome::Refused(Refusal::Fenced { newest: first }));
    assert_eq!(leases.save_claimed(&copy, first), fenced);
    let newest = granted(leases.claim(copy.id, "B", HOUR).unwrap());
    let fenced = Ok(Outcome::Refused(Refusal::Fenced { newest }));
    assert_eq!(leases.save_claimed(&copy, first), fenced);
    assert_eq!(leases.release(copy.id, first), fenced);
    assert_eq!(leases.release(copy.id, newest), Ok(Outcome::Applied(Version(1))));
    assert_eq!(session.edit(copy.id, &Change::AddMinutes(1)), Ok(Outcome::Applied(Version(2))));
}

#[test]
fn a_token_that_nobody_was_given_saves_nothing() {
    let (mut session, copy) = session_with_task();
    let leases = leasing(&mut session);
    let newest = FencingToken(0);
    let fenced = Ok(Outcome::Refused(Refusal::Fenced { newest }));
    assert_eq!(leases.save_claimed(&copy, newest), fenced);
    assert_eq!(leases.release(copy.id, FencingToken(7)), fenced);
}

#[test]
fn leases_of_a_task_that_is_not_there_are_refused() {
    let (mut session, copy) = session_with_task();
    let first = granted(leasing(&mut session).claim(copy.id, "A", NO_TIME).unwrap());
    assert_eq!(session.delete(copy.id, None), Ok(Outcome::Applied(Version(1))));
    let leases = leasing(&mut session);
    assert_eq!(leases.claim(copy.id, "A", HOUR), Ok(Claim::Refused(Refusal::NotFound)));
    let not_found = Ok(Outcome::Refused(Refusal::NotFound));
    assert_eq!(leases.save_claimed(&copy, first), not_found);
    assert_eq!(leases.release(TaskId(9), first), not_found);
}

fn session_with_task() -> (Box<dyn Session>, Task) {
    let store = Leased::open::<Threads>(&Site::default()).unwrap();
    let mut session = store.session().unwrap();
    let title = Title::new("write the report").unwrap();
    let new = NewTask { title, description: Description::default() };
    let id = session.create(&new, None).unwrap();
    let task = session.get(id).unwrap().unwrap();
    (session, task)
}

fn leasing(session: &mut Box<dyn Session>) -> &mut dyn Leasing {
    session.leasing().unwrap()
}

fn granted(claim: Claim) -> FencingToken {
    let Claim::Granted(token) = claim else { panic!("{claim:?}") };
    token
}
