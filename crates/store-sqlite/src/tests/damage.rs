//! Files that no store wrote, files that are no longer whole, and disks that are full.

use std::fs;

use lab_runtime::Threads;
use lab_store::{Site, StoreError};
use lab_task::{Filter, TaskId};

use super::{Place, entry, minutes, new_task};
use crate::connection::Database;
use crate::rows;

/// The error of opening a store at `site`, and a session of it.
fn open_error(site: &Site) -> StoreError {
    let opened = (entry::<Threads>("sqlite/immediate").open)(site);
    opened.and_then(|store| store.session()).map(drop).unwrap_err()
}

fn assert_corrupt(place: &Place, expected: &str) {
    let before = fs::read(place.file()).unwrap();
    let error = open_error(&place.site());
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    assert!(error.to_string().contains(expected), "{error}");
    assert!(error.to_string().contains("tasks.db"), "{error}");
    assert_eq!(fs::read(place.file()).unwrap(), before, "the file was touched");
    let files = fs::read_dir(place.folder.path()).unwrap().count();
    assert_eq!(files, 1, "something was left beside it");
}

#[test]
fn the_database_of_another_program_is_refused_and_left_as_it_is() {
    let place = Place::new();
    place.stranger().execute_batch("CREATE TABLE album (title TEXT)").unwrap();
    assert_corrupt(&place, "another program (application id 0)");
    place.stranger().execute_batch("PRAGMA application_id = 252006674").unwrap();
    assert_corrupt(&place, "another program (application id 252006674)");
}

#[test]
fn a_newer_schema_is_refused_and_left_as_it_is() {
    let place = Place::new();
    drop(place.open::<Threads>("sqlite/immediate"));
    place.stranger().execute_batch("PRAGMA user_version = 2").unwrap();
    assert_corrupt(&place, "its schema has version 2 and this program knows 1");
}

#[test]
fn what_is_no_database_is_refused_and_left_as_it_is() {
    for content in ["{\"tasks\": []}".to_owned(), "no database ".repeat(1000)] {
        let place = Place::new();
        fs::write(place.file(), content).unwrap();
        assert_corrupt(&place, "file is not a database");
    }
}

#[test]
fn a_database_that_was_cut_short_is_refused() {
    let place = Place::new();
    let store = place.open::<Threads>("sqlite/immediate");
    let mut session = store.session().unwrap();
    for _ in 0..200 {
        session.create(&new_task(), None).unwrap();
    }
    drop((store, session));
    let whole = fs::read(place.file()).unwrap();
    fs::write(place.file(), &whole[..whole.len() / 2]).unwrap();
    assert_corrupt(&place, "database disk image is malformed");
}

#[test]
fn a_database_that_was_emptied_under_the_store_is_not_taken_for_a_new_one() {
    let place = Place::new();
    let store = place.open::<Threads>("sqlite/immediate");
    for suffix in ["", "-wal", "-shm"] {
        fs::remove_file(format!("{}{suffix}", place.file().display())).unwrap();
    }
    let error = store.session().map(drop).unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    fs::write(place.file(), "").unwrap();
    let error = store.session().map(drop).unwrap_err();
    assert!(error.to_string().contains("the tasks are gone"), "{error}");
}

#[test]
fn a_database_that_was_removed_under_the_store_lets_no_new_session_in() {
    let place = Place::new();
    let store = place.open::<Threads>("sqlite/immediate");
    let mut session = store.session().unwrap();
    session.create(&new_task(), None).unwrap();
    for file in fs::read_dir(place.folder.path()).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    let error = store.session().err().unwrap();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    assert!(error.to_string().contains("tasks.db"), "{error}");
    // The lesson of this family says so: the open session goes on, on a file without a name.
    assert_eq!(session.list(&Filter::ALL).unwrap().len(), 1);
    drop((session, store));
    let store = place.open::<Threads>("sqlite/immediate");
    assert_eq!(store.session().unwrap().list(&Filter::ALL).unwrap(), []);
}

#[test]
fn a_row_that_no_store_wrote_is_corrupt_and_the_others_can_be_read() {
    let place = Place::new();
    let mut session = place.open::<Threads>("sqlite/autocommit").session().unwrap();
    let one = session.create(&new_task(), None).unwrap();
    let other = session.create(&new_task(), None).unwrap();
    place.stranger().execute("UPDATE task SET title = '' WHERE id = ?1", [2]).unwrap();
    let error = session.get(other).unwrap_err();
    assert!(error.to_string().contains("task 2: a title must not be empty"), "{error}");
    assert!(matches!(session.list(&Filter::ALL), Err(StoreError::Corrupt { .. })));
    assert_eq!(minutes(&mut *session, one), 0);
    place.stranger().execute_batch("DROP TABLE task").unwrap();
    let error = session.create(&new_task(), None).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    assert!(error.to_string().contains("no such table"), "{error}");
}

#[test]
fn a_folder_that_is_missing_and_a_folder_in_place_of_the_file_are_not_available() {
    let place = Place::new();
    let missing = Site { directory: place.folder.path().join("missing"), ..Site::default() };
    for site in [missing, place.site()] {
        let _ = fs::create_dir(place.file());
        let error = open_error(&site);
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
        assert!(error.to_string().contains("unable to open database file"), "{error}");
    }
}

#[test]
fn a_full_disk_refuses_the_change_and_keeps_what_was_there() {
    let place = Place::new();
    drop(place.open::<Threads>("sqlite/immediate"));
    let database = Database::<Threads>::open(&place.file(), None).unwrap();
    // To SQLite a file that may not grow is a full disk.
    database.read(|connection| connection.pragma_update(None, "max_page_count", 1)).unwrap();
    let mut created = 0;
    let error = loop {
        match database.write(|connection| rows::create(connection, &new_task())) {
            Ok(TaskId(id)) => created = id,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    assert!(error.to_string().contains("database or disk is full: make room"), "{error}");
    assert!(created > 0);
    assert_eq!(database.read(rows::summary).unwrap().todo, created);
}
