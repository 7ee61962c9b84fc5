//! A disk that is full: the error says so, and what was acknowledged before is there afterwards.

use std::fs;
use std::path::Path;

use lab_store::{Entry, Session, Site, StoreError};
use lab_task::{Anomaly, Description, NewTask, Task, Title};

use super::confined::on_disk_of;
use super::damage::keeps_files;
use super::stores::{all, created, each_store};
use crate::there::say_once;

const DISK_KIB: u32 = 512;
const FILLER_BYTES: usize = 128 * 1024;
const DESCRIPTION_BYTES: usize = 10_000;

#[test]
fn a_full_disk_is_a_clear_error_and_no_acknowledged_task_is_lost() {
    each_store(keeps_files, |subject| {
        let folder = &subject.site().directory;
        let entry = subject.entry;
        if let Err(why) = on_disk_of(DISK_KIB, folder, || fill_and_make_room(entry, folder)) {
            say_once(format!("conformance: a full disk: not run: {why}"));
        }
    });
}

fn fill_and_make_room(entry: Entry, folder: &Path) {
    let filler = folder.join("filler");
    fs::write(&filler, [0; FILLER_BYTES]).unwrap();
    let site = Site { directory: folder.to_owned(), ..Site::default() };
    let store = (entry.open)(&site).unwrap();
    let mut session = store.session().unwrap();
    let (mut expected, error) = fill(&mut *session);
    let text = error.to_string();
    assert!(text.contains(&*folder.to_string_lossy()), "{text}");
    assert!(["full", "space", "room"].iter().any(|word| text.contains(word)), "{text}");
    if !error.is_definite() && rewrites_in_place(&entry) {
        return;
    }
    fs::remove_file(&filler).unwrap();
    let found = all(&mut *session);
    assert!(found.starts_with(&expected), "an acknowledged task is lost");
    let in_doubt = usize::from(!error.is_definite());
    assert!(found.len() <= expected.len() + in_doubt, "{text}: and it happened all the same");
    expected = found;
    expected.push(created(&mut *session, "there is room again"));
    assert!(all(&mut *session) == expected, "when there is room again");
    drop((session, store));
    let store = (entry.open)(&site).unwrap();
    assert!(all(&mut *store.session().unwrap()) == expected, "opened again");
}

/// A store whose readers may meet half-written data is one that cuts off the old text before it
/// writes the new one: if there is no room for that, both are gone, and all that can be asked of it
/// is that it says so.
fn rewrites_in_place(entry: &Entry) -> bool {
    let promises = entry.guarantee.promises.iter();
    promises.flat_map(|(_, promise)| promise.admitted()).any(|it| *it == Anomaly::TornRead)
}

/// Creates tasks until one cannot be; those that were acknowledged, and the error.
fn fill(session: &mut dyn Session) -> (Vec<Task>, StoreError) {
    let description = Description::new("x".repeat(DESCRIPTION_BYTES)).unwrap();
    let new = NewTask { title: Title::new("large").unwrap(), description };
    let mut created = Vec::new();
    for _ in 0..DISK_KIB {
        match session.create(&new, None) {
            Ok(id) => created.push(new.clone().into_task(id)),
            Err(error) => return (created, error),
        }
    }
    panic!("the disk never was full");
}
