//! Files that somebody else overwrote, cut, emptied or replaced, and folders that cannot be
//! written: a store says so and names the file, or has every acknowledged task all the same. It
//! never destroys what is left of a damaged file, and never panics.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lab_sites::Sites;
use lab_store::{Capability, Entry, Needs, Session, Site, StoreError};
use lab_task::{Change, Filter, Outcome, Status, Task};
use tempfile::TempDir;

use super::confined::{as_nobody, is_kept_out_of};
use super::stores::{Subject, all, create, each_store, new_task};
use crate::there::say_once;

/// Files by name.
type Files = BTreeMap<String, Vec<u8>>;

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Damage {
    /// It holds what somebody else wrote.
    Foreign(&'static [u8]),
    /// The second half is gone.
    Half,
    /// Everything is gone.
    Emptied,
    /// A folder has its name, with a file in it.
    Folder,
}

const DAMAGES: [Damage; 6] = [
    Damage::Foreign(b"what somebody else wrote\n"),
    Damage::Foreign(b"{\"users\": []}\n"),
    Damage::Foreign(&[0; 8192]),
    Damage::Half,
    Damage::Emptied,
    Damage::Folder,
];

pub(crate) fn keeps_files(entry: &Entry) -> bool {
    let needs_folder = matches!(entry.family.needs, Needs::Directory | Needs::Database);
    needs_folder && entry.guarantee.has(Capability::Persistent)
}

#[test]
fn a_damaged_file_is_named_and_kept_or_makes_no_difference() {
    each_store(keeps_files, |subject| {
        let worked = Worked::new(subject);
        for name in worked.closed.keys() {
            for damage in DAMAGES {
                worked.survives(&worked.closed, name, damage);
            }
        }
    });
}

/// What a store has beside its data only while it is open, a log, is where a crash cuts. Other
/// damage of a log is not asked about: there is nothing by which a database could tell a log of
/// somebody else from the rest of one that it had done with.
#[test]
fn a_file_of_an_open_store_that_a_crash_cuts_leaves_a_state_that_once_was() {
    each_store(keeps_files, |subject| {
        let worked = Worked::new(subject);
        for name in worked.open.keys().filter(|name| !worked.closed.contains_key(*name)) {
            for damage in [Damage::Half, Damage::Emptied] {
                worked.survives(&worked.open, name, damage);
            }
        }
    });
}

#[test]
fn a_folder_that_cannot_be_written_is_named_and_nothing_in_it_changes() {
    each_store(keeps_files, |subject| {
        let worked = Worked::new(subject);
        let folder = folder_of(&worked.closed);
        for name in worked.closed.keys() {
            set_mode(&folder.path().join(name), 0o444);
        }
        set_mode(folder.path(), 0o555);
        let entry = subject.entry;
        let failed = as_nobody(|| {
            is_kept_out_of(folder.path()).then(|| {
                let site = Site { directory: folder.path().to_owned(), ..Site::default() };
                let mut session = (entry.open)(&site)?.session()?;
                assert_eq!(session.list(&Filter::ALL)?, worked.last_state());
                session.create(&new_task("one more"), None)
            })
        });
        set_mode(folder.path(), 0o755);
        let Some(failed) = failed else {
            let line = "conformance: a read-only folder: not run: permissions do not bind here";
            return say_once(line.to_owned());
        };
        let error = failed.expect_err("a create where nothing can be written");
        assert!(error.is_definite(), "{error}");
        assert!(error.to_string().contains(&*folder.path().to_string_lossy()), "{error}");
        assert_eq!(files_in(folder.path()), worked.closed);
    });
}

/// A store that worked and was closed.
struct Worked {
    entry: Entry,
    /// What `list` gave before and after each change: the first is no tasks.
    states: Vec<Vec<Task>>,
    /// The files, taken while the store was open: what a crash leaves behind.
    open: Files,
    /// The files afterwards.
    closed: Files,
}

impl Worked {
    fn new(subject: &Subject) -> Self {
        let folder = &subject.site().directory;
        let store = subject.open();
        let states = work(&mut *store.session().unwrap());
        let open = files_in(folder);
        drop(store);
        let closed = files_in(folder);
        assert!(!closed.is_empty(), "a persistent store leaves something behind");
        Self { entry: subject.entry, states, open, closed }
    }

    fn last_state(&self) -> &[Task] {
        self.states.last().unwrap()
    }

    /// Opens the store where `files` are, one of which is damaged.
    fn survives(&self, files: &Files, name: &str, damage: Damage) {
        let folder = folder_of(files);
        let path = folder.path().join(name);
        damage.inflict(&path);
        let before = Found::at(&path);
        let (listed, failure) = self.used(folder.path());
        let case = format!("{name}, {damage:?}: {failure:?}");
        if let Some(listed) = &listed {
            // What was cut off may have been acknowledged, and what is left cannot always tell: a
            // journal ends somewhere, and a database begins as an empty file. But nobody is shown
            // what never was.
            let may_be_older = matches!(damage, Damage::Half | Damage::Emptied);
            let is_state = self.states.contains(listed) && may_be_older;
            assert!(is_state || listed == self.last_state(), "{case}: {listed:?}");
        }
        if let Some(error) = &failure {
            assert!(error.is_definite(), "{case}");
            assert!(error.to_string().contains(&*path.to_string_lossy()), "{case}");
        }
        if failure.is_some() || matches!(damage, Damage::Foreign(_) | Damage::Folder) {
            assert!(Found::at(&path) == before, "{case}: the damaged file was changed");
        }
    }

    /// Reads everything there is, then changes each task: the tasks, if it gets so far, and what
    /// it failed with.
    fn used(&self, folder: &Path) -> (Option<Vec<Task>>, Option<StoreError>) {
        let site = Site { directory: folder.to_owned(), ..Site::default() };
        let mut listed = None;
        let mut attempt = || {
            let store = (self.entry.open)(&site)?;
            let mut session = store.session()?;
            let tasks = listed.insert(session.list(&Filter::ALL)?);
            assert_eq!(session.summary()?, tasks.iter().collect());
            for task in tasks {
                let outcome = session.edit(task.id, &Change::AddMinutes(1))?;
                assert_eq!(outcome, Outcome::Applied(task.version.next()));
            }
            session.create(&new_task("one more"), None)
        };
        let failure = attempt().err();
        (listed, failure)
    }
}

/// A bit of everything, also leases where there are such; the states that it went through.
fn work(session: &mut dyn Session) -> Vec<Vec<Task>> {
    let mut states = vec![all(session)];
    for title in ["a", "b", "c"] {
        let id = create(session, title);
        states.push(all(session));
        session.edit(id, &Change::AddMinutes(10)).unwrap();
        states.push(all(session));
        if let Some(leasing) = session.leasing() {
            leasing.claim(id, "ann", Duration::ZERO).unwrap();
        }
    }
    let tasks = all(session);
    let done = session.edit(tasks[0].id, &Change::Status(Status::Done)).unwrap();
    assert!(matches!(done, Outcome::Applied(_)));
    states.push(all(session));
    session.delete(tasks[1].id, None).unwrap();
    states.push(all(session));
    states
}

impl Damage {
    fn inflict(self, path: &Path) {
        let whole = fs::read(path).unwrap();
        match self {
            Self::Foreign(content) => fs::write(path, content).unwrap(),
            Self::Half => fs::write(path, &whole[..whole.len() / 2]).unwrap(),
            Self::Emptied => fs::write(path, []).unwrap(),
            Self::Folder => {
                fs::remove_file(path).unwrap();
                fs::create_dir(path).unwrap();
                fs::write(path.join("file"), "somebody's").unwrap();
            }
        }
    }
}

/// What there is at a path.
#[derive(PartialEq, Eq)]
enum Found {
    File(Vec<u8>),
    Folder(Files),
    Nothing,
}

impl Found {
    fn at(path: &Path) -> Self {
        if path.is_dir() {
            return Self::Folder(files_in(path));
        }
        fs::read(path).map_or(Self::Nothing, Self::File)
    }
}

fn files_in(folder: &Path) -> Files {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let named = |path: PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read(path).unwrap())
    };
    entries.map(named).collect()
}

/// A new folder with `files`.
fn folder_of(files: &Files) -> TempDir {
    let folder = tempfile::tempdir_in(Sites::fastest().folder()).unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}
