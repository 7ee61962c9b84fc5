//! Journals after a crash, damage and compaction.

use std::fs;
use std::path::Path;

use lab_store::{Session, StoreError};
use lab_task::{Change, Description, IdempotencyKey, TaskId};

use super::{add_minutes, all, create, new_task, open, session};

const NAME: &str = "file/journal";

fn journal(folder: &Path) -> std::path::PathBuf {
    folder.join("tasks.journal")
}

/// What is in the journal before the zeros that make room for more.
fn written(path: &Path) -> Vec<u8> {
    let mut bytes = fs::read(path).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    bytes.truncate(end + 1);
    bytes
}

/// Writes until the journal is compacted: it is smaller after a change than before.
fn edit_until_compacted(session: &mut dyn Session, folder: &Path) {
    let text = "x".repeat(1000);
    for edits in 0..1000 {
        let before = fs::metadata(journal(folder)).unwrap().len();
        let text = Description::new(format!("{edits} {text}")).unwrap();
        session.edit(TaskId(1), &Change::Description(text)).unwrap();
        if fs::metadata(journal(folder)).unwrap().len() < before {
            return;
        }
    }
    panic!("never compacted");
}

#[test]
fn a_last_record_torn_at_any_byte_is_cut_and_nothing_else_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = journal(folder.path());
    let mut first = session(NAME, folder.path());
    create(&mut *first, "a");
    let (before, tasks) = (written(&path), all(&mut *first));
    add_minutes(&mut *first, TaskId(1), 10);
    drop(first);
    let whole = written(&path);
    for (torn_at, room) in (before.len()..whole.len()).flat_map(|at| [(at, 0), (at, 5_000)]) {
        let torn = [&whole[..torn_at], &vec![0; room]].concat();
        fs::write(&path, torn).unwrap();
        let mut session = session(NAME, folder.path());
        assert_eq!(all(&mut *session), tasks, "torn at byte {torn_at}, {room} zeros");
        assert_eq!(fs::read(&path).unwrap(), before, "torn at byte {torn_at}, {room} zeros");
        add_minutes(&mut *session, TaskId(1), 10);
        assert_eq!(written(&path), whole, "torn at byte {torn_at}, {room} zeros");
    }
}

#[test]
fn the_zeros_that_make_room_are_no_record_and_none_is_written_behind_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = journal(folder.path());
    for tasks in 1..=3 {
        let mut session = session(NAME, folder.path());
        create(&mut *session, "a");
        assert_eq!(all(&mut *session).len(), tasks);
        let size = fs::metadata(&path).unwrap().len();
        assert!(size > 10_000, "no room was made: {size} bytes");
        assert!(!written(&path).contains(&0));
    }
    // More than there is room for at one time, twice.
    let mut session = session(NAME, folder.path());
    let text = Description::new("x".repeat(9_000)).unwrap();
    for _ in 0..6 {
        session.edit(TaskId(1), &Change::Description(text.clone())).unwrap();
        assert!(!written(&path).contains(&0));
    }
}

#[test]
fn a_flipped_byte_in_the_middle_is_corrupt_and_the_file_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = journal(folder.path());
    let mut first = session(NAME, folder.path());
    create(&mut *first, "a");
    let middle = written(&path).len();
    add_minutes(&mut *first, TaskId(1), 10);
    drop(first);
    let whole = fs::read(&path).unwrap();
    for at in 0..middle {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x10;
        fs::write(&path, &flipped).unwrap();
        let error = open(NAME, folder.path()).err().unwrap();
        assert!(matches!(error, StoreError::Corrupt { .. }), "byte {at}: {error}");
        assert_eq!(fs::read(&path).unwrap(), flipped, "byte {at}");
    }
}

#[test]
fn a_file_that_is_no_journal_is_left_alone() {
    for foreign in ["", "racelab jour", "notes\n", "racelab journal 2\n"] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(journal(folder.path()), foreign).unwrap();
        let error = open(NAME, folder.path()).err().unwrap();
        assert!(matches!(error, StoreError::Corrupt { .. }), "{foreign:?}: {error}");
        assert_eq!(fs::read_to_string(journal(folder.path())).unwrap(), foreign);
    }
}

#[test]
fn compaction_keeps_every_task_key_and_id() {
    let folder = tempfile::tempdir().unwrap();
    let key = IdempotencyKey::new("k").unwrap();
    let mut first = session(NAME, folder.path());
    create(&mut *first, "a");
    let keyed = first.create(&new_task("b"), Some(&key)).unwrap();
    let deleted = create(&mut *first, "c");
    first.delete(deleted, None).unwrap();
    edit_until_compacted(&mut *first, folder.path());
    add_minutes(&mut *first, keyed, 10);
    let tasks = all(&mut *first);
    drop(first);
    let mut again = session(NAME, folder.path());
    assert_eq!(all(&mut *again), tasks);
    assert_eq!(again.create(&new_task("b"), Some(&key)).unwrap(), keyed);
    assert_eq!(create(&mut *again, "d"), TaskId(deleted.0 + 1), "an id was given twice");
    edit_until_compacted(&mut *again, folder.path());
    drop(again);
    assert_eq!(all(&mut *session(NAME, folder.path())).len(), 3);
}
