//! Leases: who has one keeps everybody else out, and who had one is told so.

use std::time::Duration;

use lab_store::{Capability, Claim, Entry, Leasing, Session};
use lab_task::{Change, FencingToken, Outcome, Refusal, Task, TaskId, Version};

use super::stores::{all, at_once, created, each_store, each_store_with, two_sessions};

const HOUR: Duration = Duration::from_secs(60 * 60);
/// A lease for so long has already run out.
const NO_TIME: Duration = Duration::ZERO;

#[test]
fn while_a_lease_runs_its_task_changes_only_under_its_token() {
    each_store_with(Capability::Leases, |subject| {
        let store = subject.open();
        let [mut ann, mut bob] = two_sessions(&*store);
        let copy = created(&mut *ann, "a");
        let free = created(&mut *ann, "nobody claims this");
        let token = granted(&mut *ann, copy.id, "ann", HOUR);
        for session in [&mut ann, &mut bob] {
            is_held(&mut **session, &copy, "ann");
        }
        assert_eq!(bob.get(copy.id).unwrap(), Some(copy.clone()));
        assert_eq!(bob.edit(free.id, &Change::AddMinutes(1)).unwrap(), applied(2));
        assert_eq!(leasing(&mut *ann).save_claimed(&copy, token).unwrap(), applied(2));
        assert_eq!(leasing(&mut *bob).save_claimed(&copy, token).unwrap(), applied(3));
        assert_eq!(all(&mut *bob)[0], Task { version: Version(3), ..copy });
    });
}

#[test]
fn the_owner_of_a_running_lease_extends_it_and_keeps_the_token() {
    each_store_with(Capability::Leases, |subject| {
        let store = subject.open();
        let [mut ann, mut bob] = two_sessions(&*store);
        let copy = created(&mut *ann, "a");
        let token = granted(&mut *ann, copy.id, "ann", HOUR);
        assert_eq!(granted(&mut *ann, copy.id, "ann", Duration::MAX), token);
        is_held(&mut *bob, &copy, "ann");
        assert_eq!(granted(&mut *ann, copy.id, "ann", NO_TIME), token, "cut short");
        assert!(granted(&mut *bob, copy.id, "bob", HOUR) > token);
    });
}

#[test]
fn a_lease_that_was_released_lets_the_next_one_in_and_is_fenced() {
    each_store_with(Capability::Leases, |subject| {
        let store = subject.open();
        let [mut ann, mut bob] = two_sessions(&*store);
        let copy = created(&mut *ann, "a");
        let first = granted(&mut *ann, copy.id, "ann", HOUR);
        assert_eq!(leasing(&mut *ann).release(copy.id, first).unwrap(), applied(1));
        is_fenced(&mut *ann, &copy, first, first);
        assert_eq!(bob.edit(copy.id, &Change::AddMinutes(1)).unwrap(), applied(2));
        let second = granted(&mut *bob, copy.id, "bob", HOUR);
        assert!(second > first);
        is_fenced(&mut *ann, &copy, first, second);
        assert_eq!(leasing(&mut *bob).save_claimed(&copy, second).unwrap(), applied(3));
        assert_eq!(leasing(&mut *bob).release(copy.id, second).unwrap(), applied(3));
        let third = granted(&mut *ann, copy.id, "ann", HOUR);
        assert!(third > second, "also for an owner who had one before");
    });
}

#[test]
fn a_lease_of_no_time_has_run_out_at_once() {
    each_store_with(Capability::Leases, |subject| {
        let store = subject.open();
        let [mut ann, mut bob] = two_sessions(&*store);
        let copy = created(&mut *ann, "a");
        let first = granted(&mut *ann, copy.id, "ann", NO_TIME);
        is_fenced(&mut *ann, &copy, first, first);
        assert_eq!(bob.edit(copy.id, &Change::AddMinutes(1)).unwrap(), applied(2));
        let again = granted(&mut *ann, copy.id, "ann", NO_TIME);
        assert!(again > first, "a lease that ran out is not extended");
        let newest = granted(&mut *bob, copy.id, "bob", NO_TIME);
        is_fenced(&mut *ann, &copy, again, newest);
        assert_eq!(bob.save(&copy).unwrap(), applied(3));
        assert_eq!(bob.start(copy.id, 1).unwrap(), applied(4));
        assert_eq!(bob.delete(copy.id, None).unwrap(), applied(4));
    });
}

#[test]
fn a_token_that_nobody_was_given_does_nothing() {
    each_store_with(Capability::Leases, |subject| {
        let store = subject.open();
        let mut session = store.session().unwrap();
        let copy = created(&mut *session, "a");
        for token in [0, 1, 1 << 63, u64::MAX].map(FencingToken) {
            is_fenced(&mut *session, &copy, token, FencingToken(0));
        }
        assert_eq!(session.get(copy.id).unwrap(), Some(copy));
    });
}

#[test]
fn a_task_that_is_not_there_has_no_lease() {
    each_store_with(Capability::Leases, |subject| {
        let store = subject.open();
        let mut session = store.session().unwrap();
        let deleted = created(&mut *session, "a");
        let token = granted(&mut *session, deleted.id, "ann", NO_TIME);
        session.delete(deleted.id, None).unwrap();
        let never = Task { id: TaskId(u64::MAX), ..deleted.clone() };
        for copy in [deleted, never] {
            let leases = leasing(&mut *session);
            let claim = leases.claim(copy.id, "ann", HOUR).unwrap();
            assert_eq!(claim, Claim::Refused(Refusal::NotFound));
            let not_found = Outcome::Refused(Refusal::NotFound);
            assert_eq!(leases.save_claimed(&copy, token).unwrap(), not_found);
            assert_eq!(leases.release(copy.id, token).unwrap(), not_found);
        }
    });
}

#[test]
fn of_many_who_claim_at_once_one_is_granted_the_lease() {
    each_store_with(Capability::Leases, |subject| {
        let store = subject.open();
        let copy = created(&mut *store.session().unwrap(), "a");
        let claims = at_once(&*store, 4, |number, session| {
            leasing(session).claim(copy.id, &format!("client {number}"), HOUR).unwrap()
        });
        let winner = claims.iter().position(|claim| matches!(claim, Claim::Granted(_)));
        let owner = format!("client {}", winner.unwrap());
        let held = Claim::Refused(Refusal::Held { owner });
        assert_eq!(claims.iter().filter(|claim| **claim == held).count(), 3, "{claims:?}");
    });
}

#[test]
fn a_lease_and_its_token_outlive_a_persistent_store_that_is_closed() {
    let outlive = |entry: &Entry| {
        [Capability::Leases, Capability::Persistent].iter().all(|it| entry.guarantee.has(*it))
    };
    each_store(outlive, |subject| {
        let store = subject.open();
        let mut session = store.session().unwrap();
        let copy = created(&mut *session, "a");
        let first = granted(&mut *session, copy.id, "ann", HOUR);
        drop((session, store));
        let store = subject.open();
        let mut session = store.session().unwrap();
        is_held(&mut *session, &copy, "ann");
        assert_eq!(leasing(&mut *session).release(copy.id, first).unwrap(), applied(1));
        drop((session, store));
        let store = subject.open();
        let mut session = store.session().unwrap();
        assert!(granted(&mut *session, copy.id, "ann", HOUR) > first);
    });
}

/// Nothing that comes without the token changes the task, and nobody but `owner` gets the lease.
fn is_held(session: &mut dyn Session, copy: &Task, owner: &str) {
    let held = || Refusal::Held { owner: owner.to_owned() };
    let refused = Outcome::Refused(held());
    assert_eq!(session.edit(copy.id, &Change::AddMinutes(1)).unwrap(), refused);
    assert_eq!(session.save(copy).unwrap(), refused);
    assert_eq!(session.start(copy.id, 1).unwrap(), refused);
    assert_eq!(session.delete(copy.id, None).unwrap(), refused);
    let claim = leasing(session).claim(copy.id, "somebody else", HOUR).unwrap();
    assert_eq!(claim, Claim::Refused(held()));
}

/// The lease of `token` does not run any more: it saves nothing and cannot be released.
fn is_fenced(session: &mut dyn Session, copy: &Task, token: FencingToken, newest: FencingToken) {
    let fenced = Outcome::Refused(Refusal::Fenced { newest });
    assert_eq!(leasing(session).save_claimed(copy, token).unwrap(), fenced);
    assert_eq!(leasing(session).release(copy.id, token).unwrap(), fenced);
}

fn leasing(session: &mut dyn Session) -> &mut dyn Leasing {
    session.leasing().expect("the guarantee names leases")
}

fn granted(session: &mut dyn Session, id: TaskId, owner: &str, for_time: Duration) -> FencingToken {
    match leasing(session).claim(id, owner, for_time).unwrap() {
        Claim::Granted(token) => token,
        Claim::Refused(refusal) => panic!("{owner} is refused: {refusal}"),
    }
}

fn applied(version: u64) -> Outcome {
    Outcome::Applied(Version(version))
}
