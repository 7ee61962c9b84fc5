//! What `explore` tells of a body.

use std::collections::BTreeSet;
use std::sync::Arc;

use lab_loom::{Bound, Loom, explore};
use lab_runtime::{Join, Lock, Runtime};

type Mutex = <Loom as Runtime>::Mutex<u64>;

#[test]
fn two_threads_that_meet_at_one_lock_are_run_in_both_orders() {
    let seen = Arc::new(std::sync::Mutex::new(BTreeSet::new()));
    let see = Arc::clone(&seen);
    let executions = explore(Bound::NONE, move || {
        let value = meet(|one, _| *one.lock() += 10, |one, _| *one.lock() *= 10);
        see.lock().unwrap().insert(value);
    });
    assert!(executions.unwrap() >= 2);
    assert_eq!(*seen.lock().unwrap(), BTreeSet::from([10, 100]));
}

#[test]
fn a_bound_of_executions_is_reached_and_not_passed() {
    let crossed = || {
        meet(|one, _| *one.lock() += 10, |one, _| *one.lock() *= 10);
    };
    let all = explore(Bound::NONE, crossed).unwrap();
    for most in 1..=all + 2 {
        assert_eq!(explore(Bound::NONE.executions(most), crossed), Ok(most.min(all)));
    }
}

#[test]
fn a_failure_is_told_by_its_first_lines() {
    let failure = explore(Bound::NONE, || assert_eq!(1, 2, "one is not two")).unwrap_err();
    assert_eq!(failure, "assertion `left == right` failed: one is not two\n  left: 1\n right: 2");
}

#[test]
fn a_circle_of_waiting_is_a_failure_and_needs_one_preemption() {
    let crossed = || {
        meet(
            |one, two| {
                let _one = one.lock();
                *two.lock() += 1;
            },
            |one, two| {
                let _two = two.lock();
                *one.lock() += 1;
            },
        );
    };
    assert!(explore(Bound::preemptions(0), crossed).is_ok());
    let failure = explore(Bound::preemptions(1), crossed).unwrap_err();
    assert!(failure.starts_with("deadlock"), "{failure}");
}

/// Runs both on the same two locks, each in a thread of its own; gives what the first guards.
fn meet(first: fn(&Mutex, &Mutex), second: fn(&Mutex, &Mutex)) -> u64 {
    let locks = Arc::new((Mutex::new(0), Mutex::new(0)));
    let threads = [first, second].map(|body| {
        let locks = Arc::clone(&locks);
        Loom::spawn("", move || body(&locks.0, &locks.1))
    });
    threads.into_iter().for_each(Join::join);
    *locks.0.lock()
}
