//! Two locks that are taken in opposite order: the deadlock is found, shown in lanes, and replayed.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lab_explore::{Arena, Stepped, Token, explain_failure, explore, explore_reduced, replay};
use lab_runtime::{Lock, Runtime};
use lab_scenario::{Judgement, Scenario};
use lab_store::{
    Blueprint, Entry, Family, Guarantee, Needs, ScenarioName, Session, Site, Store, StoreError,
    Table, TableAccess, TableSession,
};
use lab_task::Rules;

/// A table and a count of its changes, each with a lock; every other session takes them the other
/// way round.
struct TwoLocks<R: Runtime> {
    both: Arc<(R::Mutex<Table>, R::Mutex<u64>)>,
    sessions: AtomicUsize,
}

struct Crossing;

impl Blueprint for Crossing {
    const GUARANTEE: Guarantee =
        Guarantee { mechanism: "two locks in two orders", capabilities: &[], promises: &[] };

    fn open<R: Runtime>(_site: &Site) -> Result<Box<dyn Store>, StoreError> {
        let both = Arc::new((Lock::new(Table::default()), Lock::new(0)));
        Ok(Box::new(TwoLocks::<R> { both, sessions: AtomicUsize::new(0) }))
    }
}

impl<R: Runtime> Store for TwoLocks<R> {
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        let is_other_way = self.sessions.fetch_add(1, Ordering::Relaxed) % 2 == 1;
        Ok(Box::new(TableSession(Access::<R> { both: Arc::clone(&self.both), is_other_way })))
    }
}

struct Access<R: Runtime> {
    both: Arc<(R::Mutex<Table>, R::Mutex<u64>)>,
    is_other_way: bool,
}

impl<R: Runtime> TableAccess for Access<R> {
    const RULES: Rules = Rules { refuses_stale: false, idempotent_creates: false };

    fn read<T>(&mut self, look: impl FnOnce(&Table) -> T) -> Result<T, StoreError> {
        Ok(look(&self.both.0.lock()))
    }

    fn write<T>(&mut self, mut change: impl FnMut(&mut Table) -> T) -> Result<T, StoreError> {
        let early = self.is_other_way.then(|| self.both.1.lock());
        let mut table = self.both.0.lock();
        let mut changes = early.unwrap_or_else(|| self.both.1.lock());
        *changes += 1;
        Ok(change(&mut table))
    }
}

fn entry() -> Entry {
    Entry {
        name: "test/crossing",
        family: Family { name: "test", needs: Needs::Nothing },
        guarantee: Crossing::GUARANTEE,
        open: Crossing::open::<Stepped>,
        inside: lab_store::nothing_inside,
    }
}

#[test]
fn a_deadlock_is_found_shown_in_lanes_and_replayed() {
    let scenario = Scenario::usual(ScenarioName::LogTime);
    let mut arena = Arena::new(entry(), &scenario, Site::default());
    let search = explore(&mut arena, 100).unwrap();
    assert!(search.is_complete && search.found.is_empty());
    let reduced = explore_reduced(&mut arena, 100).unwrap();
    assert!(reduced.is_complete && reduced.failure.is_some());
    let witness = explain_failure(&mut arena, &search).unwrap().unwrap();
    let text = witness.to_text();
    assert!(text.starts_with("FAILED  test/crossing  log_time"), "{text}");
    let sentence = "deadlock: client A waits for what client B holds, client B waits for what \
                    client A holds";
    assert!(text.contains(sentence), "{text}");
    assert_eq!(witness.rows.len(), 2, "{text}");
    let token: Token = witness.token.parse().unwrap();
    let again = replay(&mut arena, &token.schedule).unwrap();
    assert_eq!(again.judgement, Judgement::Failed(sentence.to_owned()));
}
