//! Documents that are missing, damaged or somebody else's.

use std::fs;

use lab_store::StoreError;
use lab_task::{Change, IdempotencyKey, TaskId};

use super::{add_minutes, create, new_task, open, session};

const JSON: [&str; 5] = [
    "file/json_naive",
    "file/json_rename",
    "file/json_locked",
    "file/json_optimistic",
    "file/json_leased",
];

#[test]
fn a_damaged_or_foreign_document_is_corrupt_and_left_alone() {
    let whole = {
        let folder = tempfile::tempdir().unwrap();
        create(&mut *session("file/json_rename", folder.path()), "a");
        fs::read(folder.path().join("tasks.json")).unwrap()
    };
    let truncated = &whole[..whole.len() - 3];
    let foreign: [&[u8]; 5] = [b"", truncated, b"[]", b"{\"users\": []}", b"\xFF\xFE"];
    for (name, content) in JSON.iter().flat_map(|name| foreign.map(|content| (name, content))) {
        let folder = tempfile::tempdir().unwrap();
        let mut session = session(name, folder.path());
        let id = create(&mut *session, "a");
        let path = folder.path().join("tasks.json");
        fs::write(&path, content).unwrap();
        let errors = [
            session.get(id).unwrap_err(),
            session.edit(id, &Change::AddMinutes(1)).unwrap_err(),
            session.create(&new_task("b"), None).unwrap_err(),
            open(name, folder.path()).err().unwrap(),
        ];
        for error in errors {
            assert!(matches!(error, StoreError::Corrupt { .. }), "{name}: {error}");
            assert!(error.to_string().contains("tasks.json"), "{name}: {error}");
        }
        assert_eq!(fs::read(&path).unwrap(), content, "{name}");
    }
}

#[test]
fn a_key_is_found_after_opening_and_one_that_stands_twice_is_corrupt() {
    let name = "file/json_optimistic";
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (IdempotencyKey::new("a").unwrap(), IdempotencyKey::new("b").unwrap());
    let mut first = session(name, folder.path());
    let of_b = first.create(&new_task("b"), Some(&b)).unwrap();
    let of_a = first.create(&new_task("a"), Some(&a)).unwrap();
    let mut again = session(name, folder.path());
    assert_eq!(again.create(&new_task("a"), Some(&a)).unwrap(), of_a);
    assert_eq!(again.create(&new_task("b"), Some(&b)).unwrap(), of_b);
    let path = folder.path().join("tasks.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"b\",1]", "\"a\",1]")).unwrap();
    let error = again.get(of_a).unwrap_err();
    assert!(error.to_string().contains("key stands there twice"), "{error}");
}

#[test]
fn what_could_not_be_written_is_not_remembered() {
    for name in ["file/json_locked", "file/json_optimistic", "file/json_leased"] {
        let folder = tempfile::tempdir().unwrap();
        let mut session = session(name, folder.path());
        let id = create(&mut *session, "a");
        let path = folder.path().join("tasks.json");
        let text = fs::read_to_string(&path).unwrap();
        // A version of which no store could count a next one that can be read.
        let last = text.replace("\"version\":1", &format!("\"version\":{}", u64::MAX / 2));
        fs::write(&path, &last).unwrap();
        assert!(session.edit(id, &Change::AddMinutes(1)).is_err(), "{name}");
        assert_eq!(session.get(id).unwrap().unwrap().minutes, 0, "{name}");
        assert_eq!(fs::read_to_string(&path).unwrap(), last, "{name}");
    }
}

#[test]
fn a_missing_folder_is_not_an_empty_store() {
    for entry in crate::entries::<lab_runtime::Threads>() {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path().join("site");
        let error = open(entry.name, &site).err().unwrap();
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
        fs::create_dir(&site).unwrap();
        let mut session = session(entry.name, &site);
        create(&mut *session, "a");
        fs::remove_dir_all(&site).unwrap();
        if JSON.contains(&entry.name) {
            let error = session.get(TaskId(1)).unwrap_err();
            assert!(matches!(error, StoreError::Unavailable { .. }), "{}: {error}", entry.name);
        }
    }
}

#[test]
fn an_open_store_notices_that_its_folder_was_removed() {
    for entry in crate::entries::<lab_runtime::Threads>() {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path().join("site");
        fs::create_dir(&site).unwrap();
        let store = open(entry.name, &site).unwrap();
        let mut session = store.session().unwrap();
        create(&mut *session, "a");
        fs::remove_dir_all(&site).unwrap();
        let is_told = |error: StoreError| {
            assert!(matches!(error, StoreError::Unavailable { .. }), "{}: {error}", entry.name);
            assert!(error.to_string().contains(site.to_str().unwrap()), "{error}");
        };
        is_told(session.create(&new_task("b"), None).unwrap_err());
        fs::create_dir(&site).unwrap();
        // Whoever shared something by an open file goes on only after opening the store again.
        match session.create(&new_task("b"), None) {
            Ok(id) => assert!(session.get(id).unwrap().is_some(), "{}", entry.name),
            Err(error) => is_told_to_open_again(&error),
        }
        drop((session, store));
        create(&mut *super::session(entry.name, &site), "c");
    }
}

fn is_told_to_open_again(error: &StoreError) {
    assert!(error.is_definite(), "{error}");
    assert!(error.to_string().contains("open it again"), "{error}");
}

#[test]
fn numbers_that_nobody_can_have_counted_are_damage() {
    let document = |last_id: u64, version: u64| {
        let task = r#""id":1,"title":"a","description":"","status":"todo","minutes":0"#;
        format!(r#"{{"last_id":{last_id},"tasks":[{{{task},"version":{version}}}]}}"#)
    };
    let largest = u64::MAX / 2;
    for name in JSON {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tasks.json");
        for wrong in [(largest + 1, 1), (u64::MAX, 1), (1, 0), (1, largest + 1)] {
            fs::write(&path, document(wrong.0, wrong.1)).unwrap();
            let error = open(name, folder.path()).err().unwrap();
            assert!(matches!(error, StoreError::Corrupt { .. }), "{name} {wrong:?}: {error}");
        }
        fs::write(&path, document(largest, largest)).unwrap();
        let mut session = session(name, folder.path());
        let refused = [
            session.create(&new_task("b"), None).unwrap_err(),
            session.edit(TaskId(1), &Change::AddMinutes(1)).unwrap_err(),
        ];
        assert!(refused.iter().all(StoreError::is_definite), "{name}: {refused:?}");
        assert_eq!(super::all(&mut *session).len(), 1, "{name} writes nothing it cannot read");
    }
}

#[test]
fn the_document_is_json_that_a_person_can_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session("file/json_rename", folder.path());
    let id = create(&mut *session, "a");
    create(&mut *session, "b");
    add_minutes(&mut *session, id, 10);
    let text = fs::read_to_string(folder.path().join("tasks.json")).unwrap();
    let expected = concat!(
        "{\"last_id\":2,\"tasks\":[\n",
        "{\"id\":1,\"title\":\"a\",\"description\":\"\",\"status\":\"todo\",\"minutes\":10,",
        "\"version\":2},\n",
        "{\"id\":2,\"title\":\"b\",\"description\":\"\",\"status\":\"todo\",\"minutes\":0,",
        "\"version\":1}]}\n",
    );
    assert_eq!(text, expected);
}
