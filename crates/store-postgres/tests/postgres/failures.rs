//! Servers that go away, come back, were never there, or hold something else.

use std::io::Write;
use std::process::Command;

use lab_runtime::Threads;
use lab_servers::{PostgresServer, Prerequisite};
use lab_store::{Site, StoreError};
use lab_task::Change;
use store_postgres::{drop_namespace, entries};

use crate::site::{TestSite, applied, created, entry, minutes};
use crate::watched::{Watched, before};

/// A server of its own, for tests that stop it.
fn own_server() -> Option<PostgresServer> {
    match PostgresServer::start() {
        Ok(server) => Some(server),
        Err(reason) => {
            let said = Prerequisite::Postgres.not_run(reason).unwrap();
            // Past the capture of the test harness: what did not run must be seen.
            std::io::stderr().write_all(format!("{said}\n").as_bytes()).unwrap();
            None
        }
    }
}

/// Carries out SQL as somebody else would; false if there is no psql here.
fn psql(url: &str, sql: &str) -> bool {
    let output = Command::new("psql").args([url, "-v", "ON_ERROR_STOP=1", "-Atc", sql]).output();
    output.is_ok_and(|output| output.status.success())
}

#[test]
fn a_database_that_goes_away_and_comes_back_has_lost_nothing() {
    let Some(mut server) = own_server() else { return };
    let site = TestSite::at(server.url());
    for entry in entries::<Threads>() {
        let store = (entry.open)(&site).unwrap();
        let mut session = store.session().unwrap();
        let id = created(&mut *session);
        session.edit(id, &Change::AddMinutes(5)).unwrap();
        server.stop().unwrap();
        let error = session.get(id).unwrap_err();
        assert!(matches!(error, StoreError::Unavailable { .. }), "{}: {error}", entry.name);
        let error = session.edit(id, &Change::AddMinutes(1)).unwrap_err();
        assert!(matches!(error, StoreError::Unavailable { .. }), "{}: {error}", entry.name);
        server.resume().unwrap();
        assert_eq!(minutes(&mut *session, id), 5, "{}", entry.name);
        assert_eq!(session.edit(id, &Change::AddMinutes(1)), Ok(applied(3)), "{}", entry.name);
    }
}

#[test]
fn a_session_that_was_ended_by_the_server_connects_again() {
    let Some(site) = TestSite::new() else { return };
    let store = (entry::<Watched>("for_update").open)(&site).unwrap();
    let mut session = store.session().unwrap();
    let id = created(&mut *session);
    let (url, namespace) = (site.url.clone().unwrap(), site.namespace.clone());
    let end = format!(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity \
         WHERE application_name = '{namespace}'"
    );
    if !psql(&url, "SELECT 1") {
        return;
    }
    let (url_then, end_then) = (url.clone(), end.clone());
    before("UPDATE", move || assert!(psql(&url_then, &end_then)));
    let error = session.edit(id, &Change::AddMinutes(1)).unwrap_err();
    assert!(error.is_definite(), "a transaction without its commit: {error}");
    assert_eq!(session.edit(id, &Change::AddMinutes(1)), Ok(applied(2)));
    before("COMMIT", move || assert!(psql(&url, &end)));
    let error = session.edit(id, &Change::AddMinutes(1)).unwrap_err();
    assert!(error.to_string().contains(&namespace), "{error}");
    assert_eq!(minutes(&mut *session, id), 1);
}

#[test]
fn a_transaction_whose_second_round_trip_meets_no_server_has_changed_nothing() {
    let Some(site) = TestSite::new() else { return };
    let store = (entry::<Watched>("pipelined").open)(&site).unwrap();
    let mut session = store.session().unwrap();
    let id = created(&mut *session);
    let (url, namespace) = (site.url.clone().unwrap(), site.namespace.clone());
    if !psql(&url, "SELECT 1") {
        return;
    }
    let end = format!(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity \
         WHERE application_name = '{namespace}'"
    );
    before("UPDATE", move || assert!(psql(&url, &end)));
    let error = session.edit(id, &Change::AddMinutes(1)).unwrap_err();
    assert!(error.to_string().contains(&namespace), "{error}");
    assert_eq!(session.edit(id, &Change::AddMinutes(1)), Ok(applied(2)));
}

#[test]
fn a_server_that_is_not_there_is_named_without_its_password() {
    let site = Site {
        url: Some("postgres://ann:secret@127.0.0.1:1/lab".to_owned()),
        namespace: "nowhere".to_owned(),
        ..Site::default()
    };
    let error = (entry::<Threads>("autocommit").open)(&site).err().unwrap();
    let text = error.to_string();
    assert!(text.starts_with("postgres://ann@127.0.0.1:1/lab schema nowhere is not available"));
    assert!(text.ends_with("is the server running?"), "{text}");
    assert!(!text.contains("secret"));
}

#[test]
fn a_site_without_an_url_says_what_to_do() {
    let error = (entry::<Threads>("autocommit").open)(&Site::default()).err().unwrap();
    let expected = "postgres is not available: the site has no URL; \
                    set RACELAB_POSTGRES_URL or install Postgres";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_schema_of_somebody_else_is_left_alone() {
    let Some(site) = TestSite::new() else { return };
    let namespace = &site.namespace;
    let foreign = format!("CREATE SCHEMA {namespace}; CREATE TABLE {namespace}.tasks (a int)");
    if !psql(site.url.as_deref().unwrap(), &foreign) {
        return;
    }
    let error = (entry::<Threads>("autocommit").open)(&site).err().unwrap();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
}

#[test]
fn a_row_that_no_store_wrote_is_corrupt() {
    let Some(site) = TestSite::new() else { return };
    let store = (entry::<Threads>("autocommit").open)(&site).unwrap();
    let mut session = store.session().unwrap();
    let id = created(&mut *session);
    let spoil = format!("UPDATE {}.tasks SET title = ''", site.namespace);
    if !psql(site.url.as_deref().unwrap(), &spoil) {
        return;
    }
    let error = session.get(id).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    assert!(error.to_string().ends_with("task 1: a title must not be empty"), "{error}");
}

#[test]
fn a_site_that_only_reads_refuses_writes_and_says_so() {
    let Some(site) = TestSite::new() else { return };
    let url = site.url.as_deref().unwrap();
    drop((entry::<Threads>("autocommit").open)(&site).unwrap());
    let read_only = Site {
        url: Some(format!("{url}&options[default_transaction_read_only]=on")),
        ..(*site).clone()
    };
    let opened = (entry::<Threads>("autocommit").open)(&read_only);
    let error = opened.err().unwrap().to_string();
    assert!(error.contains("SQLSTATE 25006"), "{error}");
    assert!(error.ends_with("use its primary"), "{error}");
}

#[test]
fn a_namespace_that_was_dropped_is_empty_again() {
    let Some(site) = TestSite::new() else { return };
    let open = entry::<Threads>("autocommit").open;
    let id = created(&mut *open(&site).unwrap().session().unwrap());
    drop_namespace(&site).unwrap();
    drop_namespace(&site).unwrap();
    assert_eq!(open(&site).unwrap().session().unwrap().get(id), Ok(None));
}
