//! Whoever waits alone is run in one way only: early. That loses no outcome, and a store for which
//! it would is found out.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lab_explore::{Arena, Stepped, SteppedCondvar, explore, explore_reduced};
use lab_runtime::{Access, Condition, Guard, Lock, Runtime, ServerCall};
use lab_scenario::Scenario;
use lab_store::{
    Blueprint, Entry, Family, Guarantee, Needs, ScenarioName, Session, Site, Store, StoreError,
    Table, TableAccess, TableSession,
};
use lab_task::Rules;

/// The explorer's runtime, on which who waits alone waits like any other.
struct Plain;

impl Runtime for Plain {
    const COOPERATIVE: bool = true;

    type Mutex<T: Send + 'static> = <Stepped as Runtime>::Mutex<T>;
    type RwLock<T: Send + Sync + 'static> = <Stepped as Runtime>::RwLock<T>;
    type Condvar = PlainCondvar;
    type AtomicU64 = <Stepped as Runtime>::AtomicU64;
    type JoinHandle = <Stepped as Runtime>::JoinHandle;

    fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Self::JoinHandle {
        Stepped::spawn(name, body)
    }

    fn point(access: Access<'_>) {
        Stepped::point(access);
    }

    fn wait_for_release(attempt: u32) {
        Stepped::wait_for_release(attempt);
    }

    fn back_off(attempt: u32) {
        Stepped::back_off(attempt);
    }

    fn server_call<C: ServerCall>(call: C) -> C::Output {
        Stepped::server_call(call)
    }
}

struct PlainCondvar(SteppedCondvar);

impl Condition<Plain> for PlainCondvar {
    fn new() -> Self {
        Self(SteppedCondvar::new())
    }

    fn wait<'a, T: Send + 'static>(&self, guard: Guard<'a, Plain, T>) -> Guard<'a, Plain, T> {
        self.0.wait::<T>(guard)
    }

    fn notify_one(&self) {
        self.0.notify_one();
    }

    fn notify_all(&self) {
        self.0.notify_all();
    }
}

/// How many schedules of each kind there are in each store, and all their outcomes.
fn kinds<R: Runtime>(size: &str) -> Vec<(usize, BTreeSet<u64>)> {
    let scenario = Scenario::sized(size.parse().unwrap());
    let of = |entry| {
        let mut arena = Arena::new(entry, &scenario, Site::default());
        let search = explore_reduced(&mut arena, 10_000).unwrap();
        assert!(search.is_complete);
        (search.schedules.len(), search.outcomes().copied().collect())
    };
    store_memory::entries::<R>().into_iter().map(of).collect()
}

#[test]
fn to_wait_early_loses_no_outcome_and_saves_schedules() {
    for size in ["log_time@3x1", "two_editors", "edit_delete@2x1", "list_while_editing@2x1"] {
        let (early, both) = (kinds::<Stepped>(size), kinds::<Plain>(size));
        let outcomes = |kinds: &[(usize, BTreeSet<u64>)]| -> Vec<_> {
            kinds.iter().map(|(_, outcomes)| outcomes.clone()).collect()
        };
        assert_eq!(outcomes(&early), outcomes(&both), "{size}");
        let schedules =
            |kinds: &[(usize, BTreeSet<u64>)]| kinds.iter().map(|(count, _)| count).sum::<usize>();
        assert!(schedules(&early) < schedules(&both), "{size}");
    }
}

/// The second client waits for the change of the first; whether that one waits too, and whether it
/// notifies, goes wrong.
struct Turns<R: Runtime> {
    table: R::Mutex<(Table, usize)>,
    changed: R::Condvar,
    notifies: bool,
    waiters: usize,
    sessions: AtomicUsize,
}

struct TwoWait;
struct Silent;
struct Notifies;

const GUARANTEE: Guarantee =
    Guarantee { mechanism: "clients in turns", capabilities: &[], promises: &[] };

fn turns<R: Runtime>(notifies: bool, waiters: usize) -> Box<dyn Store> {
    let (table, changed) = (Lock::new((Table::default(), 0)), Condition::new());
    let sessions = AtomicUsize::new(0);
    Box::new(Shared(Arc::new(Turns::<R> { table, changed, notifies, waiters, sessions })))
}

impl Blueprint for TwoWait {
    const GUARANTEE: Guarantee = GUARANTEE;

    fn open<R: Runtime>(_site: &Site) -> Result<Box<dyn Store>, StoreError> {
        Ok(turns::<R>(true, 2))
    }
}

impl Blueprint for Silent {
    const GUARANTEE: Guarantee = GUARANTEE;

    fn open<R: Runtime>(_site: &Site) -> Result<Box<dyn Store>, StoreError> {
        Ok(turns::<R>(false, 1))
    }
}

impl Blueprint for Notifies {
    const GUARANTEE: Guarantee = GUARANTEE;

    fn open<R: Runtime>(_site: &Site) -> Result<Box<dyn Store>, StoreError> {
        Ok(turns::<R>(true, 1))
    }
}

struct Shared<R: Runtime>(Arc<Turns<R>>);

impl<R: Runtime> Store for Shared<R> {
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        let number = self.0.sessions.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(TableSession(Client { turns: Arc::clone(&self.0), number })))
    }
}

struct Client<R: Runtime> {
    turns: Arc<Turns<R>>,
    number: usize,
}

impl<R: Runtime> TableAccess for Client<R> {
    const RULES: Rules = Rules { refuses_stale: false, idempotent_creates: false };

    fn read<T>(&mut self, look: impl FnOnce(&Table) -> T) -> Result<T, StoreError> {
        Ok(look(&self.turns.table.lock().0))
    }

    fn write<T>(&mut self, mut change: impl FnMut(&mut Table) -> T) -> Result<T, StoreError> {
        let turns = &*self.turns;
        // Session 0 is the lab's own and makes the first change, 1 and 2 are the clients.
        let mut table = if self.number + turns.waiters > 2 {
            let is_ready = |(_, changes): &(Table, usize)| *changes > 1;
            turns.changed.wait_alone::<(Table, usize)>(&turns.table, is_ready)
        } else {
            turns.table.lock()
        };
        table.1 += 1;
        let answer = change(&mut table.0);
        drop(table);
        if turns.notifies {
            turns.changed.notify_one();
        }
        Ok(answer)
    }
}

fn failure(open: fn(&Site) -> Result<Box<dyn Store>, StoreError>) -> Option<String> {
    let family = Family { name: "test", needs: Needs::Nothing };
    let inside = lab_store::nothing_inside;
    let entry = Entry { name: "test/turns", family, guarantee: GUARANTEE, open, inside };
    let scenario = Scenario::usual(ScenarioName::LogTime);
    let search = explore(&mut Arena::new(entry, &scenario, Site::default()), 100).unwrap();
    assert!(search.is_complete);
    search.failure.map(|(_, why)| why)
}

#[test]
fn who_breaks_the_rules_of_waiting_alone_is_found_out() {
    assert_eq!(failure(Notifies::open::<Stepped>), None);
    let silent = failure(Silent::open::<Stepped>).unwrap();
    assert!(silent.contains("is changed, and nobody notified"), "{silent}");
    let two = failure(TwoWait::open::<Stepped>).unwrap();
    assert!(two.contains("two wait for a condition"), "{two}");
}
