//! What the reduced search leaves out leads to nothing new, on real files and databases: what their
//! seams declare of each step is true.
//!
//! The control is a seam that lies: it declares every change as a look.

use std::collections::BTreeSet;
use std::time::Duration;

use lab_explore::{Arena, Search, Stepped, SteppedCondvar, explore, explore_reduced};
use lab_runtime::{Access, Condition, Fault, Guard, Kind, Runtime, ServerCall};
use lab_scenario::{Scenario, Size};
use lab_sites::Sites;
use lab_store::{Entry, Needs, ScenarioName};

/// Trees that are larger are left out here: they have been compared in memory.
const SCHEDULES_MAX: usize = 1_000;

/// What the whole tree and the reduced one come to; `None` where the whole one is too large.
fn both(entry: &Entry, size: Size) -> Option<[Search; 2]> {
    let site = Sites::fastest().make(entry.family.needs).unwrap();
    let scenario = Scenario::sized(size);
    let mut arena = Arena::new(*entry, &scenario, site.clone());
    let all = explore(&mut arena, SCHEDULES_MAX).unwrap();
    all.is_complete.then(|| [all, explore_reduced(&mut arena, SCHEDULES_MAX).unwrap()])
}

fn outcomes(search: &Search) -> BTreeSet<u64> {
    search.outcomes().copied().collect()
}

/// The stores of a family, and each scenario with two processes, or with three.
fn cells<R: Runtime>(needs: Needs) -> impl Iterator<Item = (Entry, Size)> {
    let entries = lab_catalog::entries::<R>().into_iter();
    let entries = entries.filter(move |entry| entry.family.needs == needs);
    let of_three = ["log_time@3x1", "wip_limit@3x1", "create_burst@3x1"];
    let sizes: Vec<Size> = ScenarioName::ALL
        .map(Size::usual)
        .into_iter()
        .chain(of_three.map(|size| size.parse().unwrap()))
        .collect();
    let cells =
        entries.flat_map(move |entry| sizes.clone().into_iter().map(move |size| (entry, size)));
    cells.filter(|(entry, size)| entry.guarantee.promise(size.name).is_some())
}

fn loses_no_outcome(needs: Needs) {
    let (mut compared, mut left_out) = (0, 0);
    for (entry, size) in cells::<Stepped>(needs) {
        let Some([all, reduced]) = both(&entry, size) else { continue };
        assert!(reduced.is_complete, "{} {size}", entry.name);
        assert_eq!(outcomes(&all), outcomes(&reduced), "{} {size}", entry.name);
        let found = |search: &Search| -> BTreeSet<_> {
            search.found.iter().map(|found| format!("{}", found.anomaly)).collect()
        };
        assert_eq!(found(&all), found(&reduced), "{} {size}", entry.name);
        compared += 1;
        left_out += all.schedules.len() - reduced.schedules.len();
    }
    println!("{compared} trees compared, {left_out} schedules left out");
    assert!(compared > 20 && left_out > 0, "{compared} compared, {left_out} left out");
}

#[test]
fn on_files_the_reduced_search_loses_no_outcome() {
    loses_no_outcome(Needs::Directory);
}

#[test]
fn on_sqlite_the_reduced_search_loses_no_outcome() {
    loses_no_outcome(Needs::Database);
}

#[test]
fn a_seam_that_declares_changes_as_looks_loses_outcomes_and_is_noticed() {
    for needs in [Needs::Directory, Needs::Database] {
        let is_noticed = |(entry, size): (Entry, Size)| {
            both(&entry, size).is_some_and(|[all, reduced]| outcomes(&all) != outcomes(&reduced))
        };
        assert!(cells::<Lying>(needs).any(is_noticed), "{needs:?}");
    }
}

/// The explorer's runtime under seams that declare every change as a look.
struct Lying;

impl Runtime for Lying {
    const COOPERATIVE: bool = true;

    type Mutex<T: Send + 'static> = <Stepped as Runtime>::Mutex<T>;
    type RwLock<T: Send + Sync + 'static> = <Stepped as Runtime>::RwLock<T>;
    type Condvar = Below;
    type AtomicU64 = <Stepped as Runtime>::AtomicU64;
    type JoinHandle = <Stepped as Runtime>::JoinHandle;

    fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Self::JoinHandle {
        Stepped::spawn(name, body)
    }

    fn point(access: Access<'_>) {
        Stepped::point(as_look(access));
    }

    fn fallible_point(access: Access<'_>, faults: &'static [Fault]) -> Option<Fault> {
        Stepped::fallible_point(as_look(access), faults)
    }

    fn wait_for_release(attempt: u32) {
        Stepped::wait_for_release(attempt);
    }

    fn back_off(attempt: u32) {
        Stepped::back_off(attempt);
    }

    fn linger(limit: Duration, wanted: impl FnMut() -> bool) {
        Stepped::linger(limit, wanted);
    }

    fn server_call<C: ServerCall>(call: C) -> C::Output {
        Stepped::server_call(call)
    }
}

fn as_look(access: Access<'_>) -> Access<'_> {
    match access.kind {
        Kind::Write => Access { kind: Kind::Read, ..access },
        Kind::Read | Kind::Release => access,
    }
}

/// The explorer's condition.
struct Below(SteppedCondvar);

impl Condition<Lying> for Below {
    fn new() -> Self {
        Self(SteppedCondvar::new())
    }

    fn wait<'a, T: Send + 'static>(&self, guard: Guard<'a, Lying, T>) -> Guard<'a, Lying, T> {
        self.0.wait::<T>(guard)
    }

    fn notify_one(&self) {
        self.0.notify_one();
    }

    fn notify_all(&self) {
        self.0.notify_all();
    }
}
