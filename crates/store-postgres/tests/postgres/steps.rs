//! What each store sends to the server, and what happens when another is faster.

use std::sync::mpsc;
use std::thread;

use lab_runtime::Kind;
use lab_store::{Promise, ScenarioName};
use lab_task::Change;

use crate::site::{TestSite, applied, created, entry, minutes};
use crate::watched::{Watched, before, steps, verbs, when_blocked};

const EDITS: [(&str, &[&str]); 9] = [
    ("autocommit", &["SELECT", "UPDATE"]),
    ("read_committed", &["BEGIN", "SELECT", "UPDATE", "COMMIT"]),
    ("for_update", &["BEGIN", "SELECT", "UPDATE", "COMMIT"]),
    ("pipelined", &["SELECT", "UPDATE;"]),
    ("optimistic", &["SELECT", "UPDATE"]),
    ("repeatable_read", &["BEGIN", "SELECT", "UPDATE", "COMMIT"]),
    ("serializable", &["BEGIN", "SELECT", "UPDATE", "COMMIT"]),
    ("single_statement", &["UPDATE"]),
    ("leased", &["BEGIN", "SELECT", "UPDATE", "COMMIT"]),
];

#[test]
fn each_statement_or_round_trip_is_one_step() {
    let Some(site) = TestSite::new() else { return };
    for (mechanism, expected) in EDITS {
        let store = (entry::<Watched>(mechanism).open)(&site).unwrap();
        let mut session = store.session().unwrap();
        let id = created(&mut *session);
        let mut task = session.get(id).unwrap().unwrap();
        assert_eq!(verbs(), ["INSERT", "SELECT"], "{mechanism}");
        session.edit(id, &Change::AddMinutes(1)).unwrap();
        assert_eq!(verbs(), expected, "{mechanism}");
        task.version = task.version.next();
        session.save(&task).unwrap();
        assert_eq!(verbs(), ["UPDATE"], "{mechanism}");
    }
}

#[test]
fn the_end_of_a_transaction_gives_something_back() {
    let Some(site) = TestSite::new() else { return };
    let store = (entry::<Watched>("for_update").open)(&site).unwrap();
    let mut session = store.session().unwrap();
    let id = created(&mut *session);
    steps();
    session.edit(id, &Change::AddMinutes(1)).unwrap();
    let kinds = steps().into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
    assert_eq!(kinds, [Kind::Read, Kind::Write, Kind::Write, Kind::Release]);
}

/// A adds 10 minutes; right before its UPDATE somebody else adds 20.
#[test]
fn an_edit_between_the_read_and_the_write_is_lost_only_where_the_store_admits_it() {
    let Some(site) = TestSite::new() else { return };
    let stores = ["autocommit", "read_committed", "optimistic", "repeatable_read", "serializable"];
    for mechanism in stores {
        let entry = entry::<Watched>(mechanism);
        let store = (entry.open)(&site).unwrap();
        let (mut ann, mut ben) = (store.session().unwrap(), store.session().unwrap());
        let id = created(&mut *ann);
        before("UPDATE", move || {
            assert_eq!(ben.edit(id, &Change::AddMinutes(20)), Ok(applied(2)));
        });
        ann.edit(id, &Change::AddMinutes(10)).unwrap();
        let expected = match entry.guarantee.promise(ScenarioName::LogTime) {
            Some(Promise::Holds) => 30,
            _ => 10,
        };
        assert_eq!(minutes(&mut *ann, id), expected, "{mechanism}");
    }
}

#[test]
fn a_conflict_is_rolled_back_and_begun_again() {
    let Some(site) = TestSite::new() else { return };
    let store = (entry::<Watched>("serializable").open)(&site).unwrap();
    let (mut ann, mut ben) = (store.session().unwrap(), store.session().unwrap());
    let id = created(&mut *ann);
    before("UPDATE", move || {
        ben.edit(id, &Change::AddMinutes(20)).unwrap();
        steps();
    });
    ann.edit(id, &Change::AddMinutes(10)).unwrap();
    assert_eq!(verbs(), ["UPDATE", "ROLLBACK", "BEGIN", "SELECT", "UPDATE", "COMMIT"]);
}

#[test]
fn two_that_start_different_tasks_at_the_limit_are_told_apart_by_serializable_alone() {
    let Some(site) = TestSite::new() else { return };
    let stores = EDITS.map(|(mechanism, _)| mechanism);
    for mechanism in stores.into_iter().filter(|store| *store != "single_statement") {
        let site = TestSite::at(site.url.as_deref().unwrap());
        let store = (entry::<Watched>(mechanism).open)(&site).unwrap();
        let (mut ann, mut ben) = (store.session().unwrap(), store.session().unwrap());
        let (one, other) = (created(&mut *ann), created(&mut *ann));
        before("UPDATE", move || {
            assert_eq!(ben.start(other, 1), Ok(applied(2)), "{mechanism}");
        });
        ann.start(one, 1).unwrap();
        let in_progress = ann.summary().unwrap().in_progress;
        let expected = if mechanism == "serializable" { 1 } else { 2 };
        assert_eq!(in_progress, expected, "{mechanism}");
    }
}

#[test]
fn the_server_says_that_an_edit_waits_for_a_row_lock() {
    let Some(site) = TestSite::new() else { return };
    for mechanism in ["for_update", "pipelined", "leased", "single_statement"] {
        let store = (entry::<Watched>(mechanism).open)(&site).unwrap();
        // Another instance of a store on the same site: its sessions count too.
        let holder = (entry::<Watched>("for_update").open)(&site).unwrap();
        let (mut ann, mut ben) = (holder.session().unwrap(), store.session().unwrap());
        let id = created(&mut *ann);
        let (holds, may_begin) = mpsc::channel();
        let (is_blocked, may_commit) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(move || {
                may_begin.recv().unwrap();
                when_blocked(move || is_blocked.send(()).unwrap());
                ben.edit(id, &Change::AddMinutes(20)).unwrap();
            });
            before("COMMIT", move || {
                holds.send(()).unwrap();
                may_commit.recv().unwrap();
            });
            ann.edit(id, &Change::AddMinutes(10)).unwrap();
        });
        assert_eq!(minutes(&mut *ann, id), 30, "{mechanism}");
    }
}
