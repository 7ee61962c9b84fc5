//! A disk that is full or read-only, where this user may mount one.

use std::fs::File;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::process::Command;

use lab_store::{Session, StoreError};
use lab_task::{Change, Description, Outcome, TaskId};

use super::{all, create, new_task, open, session};

/// A small file system of its own that is gone with its last open file, however the test ends:
/// it is mounted, opened, and taken out of the tree at once.
struct TinyDisk(File);

impl TinyDisk {
    /// Mounts 64 KiB; where that is not possible, says why to the reader of the tests.
    fn mount(options: &str) -> Option<Self> {
        let disk = Self::try_mount(options);
        if let Err(why) = &disk {
            let _ = writeln!(std::io::stderr(), "full_disk: not run, cannot mount one: {why}");
        }
        disk.ok()
    }

    fn try_mount(options: &str) -> Result<Self, String> {
        let place = tempfile::tempdir().map_err(|error| error.to_string())?;
        run(Command::new("mount").args(["-t", "tmpfs", "-o", options, "none"]).arg(place.path()))?;
        let folder = File::open(place.path());
        run(Command::new("umount").arg("--lazy").arg(place.path()))?;
        folder.map(Self).map_err(|error| error.to_string())
    }

    fn path(&self) -> PathBuf {
        format!("/proc/{}/fd/{}", std::process::id(), self.0.as_raw_fd()).into()
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) => Err(format!("{command:?}: {error}")),
    }
}

/// Adds 1000 bytes to the description with each edit until one fails; gives that error.
fn fill(session: &mut dyn Session, id: TaskId) -> StoreError {
    for length in 1..1000 {
        let text = Description::new("x".repeat(length * 1000)).unwrap();
        match session.edit(id, &Change::Description(text)) {
            Ok(outcome) => assert!(matches!(outcome, Outcome::Applied(_))),
            Err(error) => return error,
        }
    }
    panic!("the disk never was full");
}

#[test]
fn a_full_disk_is_a_clear_error_and_the_tasks_stay_as_they_were() {
    for entry in crate::entries::<lab_runtime::Threads>() {
        let Some(disk) = TinyDisk::mount("size=64k") else { return };
        let mut first = session(entry.name, &disk.path());
        let id = create(&mut *first, "a");
        let error = fill(&mut *first, id);
        assert!(error.to_string().contains("free some space and try again"), "{error}");
        if entry.name == "file/json_naive" {
            assert!(!error.is_definite(), "it cut the file before the disk was full");
            continue;
        }
        assert!(error.is_definite(), "{}: {error}", entry.name);
        let tasks = all(&mut *first);
        let applied = tasks[0].description.as_str().len() as u64 / 1000;
        assert_eq!(tasks[0].version.0, applied + 1, "{}", entry.name);
        drop(first);
        assert_eq!(all(&mut *session(entry.name, &disk.path())), tasks, "{}", entry.name);
    }
}

#[test]
fn a_read_only_folder_is_a_clear_error() {
    for entry in crate::entries::<lab_runtime::Threads>() {
        let Some(disk) = TinyDisk::mount("size=64k,ro") else { return };
        let created = open(entry.name, &disk.path())
            .and_then(|store| store.session())
            .and_then(|mut session| session.create(&new_task("a"), None));
        let error = created.unwrap_err();
        assert!(error.is_definite(), "{}: {error}", entry.name);
        assert!(error.to_string().contains("mount the file system writable"), "{error}");
    }
}
