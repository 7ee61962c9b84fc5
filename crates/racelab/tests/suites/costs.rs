//! Where the time of an edit goes, over the catalogue: the parts are all of it, and what a store
//! does has a part of its own.

use lab_measure::{Spent, Traced, operation};
use lab_runtime::{Protection, Runtime, Span, Threads};
use lab_sites::Sites;
use lab_store::{Capability, Entry, Needs};
use lab_task::{Change, Description, NewTask, Outcome, Title};

use crate::there::site;

const EDITS: u64 = 5;

/// What some edits by one client spent; none without a server.
fn spent(entry: &Entry) -> Option<Spent> {
    let site = site(&entry.family, &Sites::fastest())?;
    let store = (entry.open)(&site).unwrap();
    let mut session = store.session().unwrap();
    let new = NewTask {
        title: Title::new("Write the report").unwrap(),
        description: Description::new("Ten pages.").unwrap(),
    };
    let id = session.create(&new, None).unwrap();
    let mut all = Spent::default();
    for _ in 0..EDITS {
        let (outcome, spent) = operation(|| session.edit(id, &Change::AddMinutes(1)).unwrap());
        assert!(matches!(outcome, Outcome::Applied(_)), "{}: {outcome:?}", entry.name);
        assert!(spent.total_ns > 0, "{}", entry.name);
        assert_eq!(spent.sum_ns(), spent.total_ns, "{}: {spent:?}", entry.name);
        all += spent;
    }
    assert_eq!(all.sum_ns(), all.total_ns, "{}: {all:?}", entry.name);
    Some(all)
}

/// Whether the line of the registry says that this protects the store.
fn is_protected_by<R: Runtime>(entry: &Entry, protection: Protection) -> bool {
    let mutants = lab_catalog::mutants::<R>();
    mutants.iter().any(|mutant| mutant.of == entry.name && mutant.lacked == protection)
}

#[test]
fn the_parts_of_an_edit_are_all_of_it_and_what_a_store_does_is_one_of_them() {
    for entry in lab_catalog::entries::<Traced>() {
        let Some(spent) = spent(&entry) else { continue };
        let has = |span: Span| {
            let (count, ns) = (spent.count(span), spent.in_span_ns(span));
            assert!(count > 0 || ns == 0, "{}: {span}", entry.name);
            count > 0
        };
        let here = |span: Span| format!("{}: {span}: {spent:?}", entry.name);
        if is_protected_by::<Traced>(&entry, Protection::Sync) {
            assert!(spent.count(Span::Sync) >= EDITS, "{}", here(Span::Sync));
            assert!(spent.in_span_ns(Span::Sync) > 0, "{}", here(Span::Sync));
        }
        // Whoever shares its place by a lock file asks for that in each edit.
        let is_shared = entry.guarantee.has(Capability::SharedSite);
        if is_shared && is_protected_by::<Traced>(&entry, Protection::FileLock) {
            assert!(spent.count(Span::Lock) >= EDITS, "{}", here(Span::Lock));
        }
        let (expected, never): (&[Span], &[Span]) = match entry.family.needs {
            // One that has a thread of its own may meet it at a lock.
            Needs::Nothing => (
                &[],
                &[
                    Span::Serialise,
                    Span::Read,
                    Span::Write,
                    Span::Sync,
                    Span::Statement,
                    Span::RoundTrip,
                ],
            ),
            Needs::Directory => {
                (&[Span::Serialise, Span::Write], &[Span::Statement, Span::RoundTrip])
            }
            Needs::Database => (&[Span::Statement, Span::Write, Span::Sync], &[Span::RoundTrip]),
            Needs::Postgres => {
                (&[Span::RoundTrip], &[Span::Lock, Span::Write, Span::Sync, Span::Statement])
            }
        };
        for span in expected {
            assert!(has(*span), "{}", here(*span));
        }
        for span in never {
            assert!(!has(*span), "{}", here(*span));
        }
    }
}

#[test]
fn on_the_runtime_of_production_nothing_is_a_part() {
    for entry in lab_catalog::entries::<Threads>() {
        let Some(spent) = spent(&entry) else { continue };
        assert!(spent.counts.iter().all(|count| *count == 0), "{}: {spent:?}", entry.name);
        assert_eq!(spent.rest_ns, spent.total_ns, "{}", entry.name);
    }
}
