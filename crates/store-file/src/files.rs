//! The file seam: every call that another process can see is a schedule point.
//!
//! Syncing is none, for it changes nothing that another process sees; neither is the writing of a
//! private file, that nobody else knows of until it is renamed.

mod appending;
mod failure;
mod lock;

use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use lab_runtime::{Access, Kind, Protection, Runtime, Span, lacks};
use lab_store::{Site, StoreError};

pub(crate) use appending::Appending;
pub(crate) use failure::{check_not_removed, definite, indefinite};
pub(crate) use lock::{LockFile, Locked};

/// The files of one folder, as one session works with them.
pub(crate) struct Files<R> {
    folder: PathBuf,
    private: PathBuf,
    runtime: PhantomData<fn() -> R>,
}

impl<R: Runtime> Files<R> {
    /// The files of the site's folder, which must be there.
    pub(crate) fn open(site: &Site) -> Result<Self, StoreError> {
        let files = Self::of_session(site.directory.clone());
        files.check_folder()?;
        Ok(files)
    }

    /// The same files for one more session.
    pub(crate) fn another_session(&self) -> Self {
        Self::of_session(self.folder.clone())
    }

    fn of_session(folder: PathBuf) -> Self {
        // Each `RandomState` has fresh keys, so no two sessions share a private file, not even
        // two in different processes or on different machines.
        let private = folder.join(format!("tasks-{:016x}.tmp", RandomState::new().hash_one(())));
        Self { folder, private, runtime: PhantomData }
    }

    fn check_folder(&self) -> Result<(), StoreError> {
        match fs::metadata(&self.folder) {
            Ok(found) if found.is_dir() => Ok(()),
            Ok(_) => Err(StoreError::unavailable(self.folder.display(), "it is not a folder")),
            Err(error) => Err(definite(&self.folder, &error)),
        }
    }

    /// Where the file called `name` is.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Reads a whole file; `None` if it is not there but the folder is.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        step::<R>(Kind::Read, "read", name);
        let path = self.path(name);
        match R::span(Span::Read, || fs::read(&path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => self.check_folder().map(|()| None),
            Err(error) => Err(definite(&path, &error)),
        }
    }

    /// Writes a file in place, in the two steps that `std::fs::write` takes. Gives the file.
    pub(crate) fn overwrite(&self, name: &str, bytes: &[u8]) -> Result<File, StoreError> {
        let path = self.path(name);
        step::<R>(Kind::Write, "truncate", name);
        let created = R::span(Span::Write, || File::create(&path));
        let mut file = created.map_err(|error| definite(&path, &error))?;
        step::<R>(Kind::Write, "write", name);
        let written = R::span(Span::Write, || file.write_all(bytes));
        written.map_err(|error| indefinite(&path, &error))?;
        Ok(file)
    }

    /// Writes a private file that can take the place of another.
    pub(crate) fn prepare(&self, bytes: &[u8]) -> Result<Prepared<'_, R>, StoreError> {
        let failed = |error| definite(&self.private, &error);
        let file = R::span(Span::Write, || File::create(&self.private)).map_err(failed)?;
        let mut prepared = Prepared { files: self, file, private: Private(Some(&self.private)) };
        R::span(Span::Write, || prepared.file.write_all(bytes)).map_err(failed)?;
        Ok(prepared)
    }

    /// Puts `bytes` in the place of the file called `name`, so that a power loss leaves either
    /// the old content or the new, and after the return only the new. Gives the new file.
    pub(crate) fn replace_durably(&self, name: &str, bytes: &[u8]) -> Result<File, StoreError> {
        let prepared = self.prepare(bytes)?;
        prepared.sync()?;
        let file = prepared.rename(name)?;
        self.sync_folder(name)?;
        Ok(file)
    }

    /// Makes the last rename to `name` survive a power loss.
    pub(crate) fn sync_folder(&self, name: &str) -> Result<(), StoreError> {
        if const { lacks::<R>(Protection::Sync) } {
            return Ok(());
        }
        let sync = || File::open(&self.folder).and_then(|folder| folder.sync_all());
        let synced = R::span(Span::Sync, sync);
        synced.map_err(|error| indefinite(&self.path(name), &error))
    }

    /// Removes a file; that it was not there is as good.
    pub(crate) fn remove(&self, name: &str) -> Result<(), StoreError> {
        step::<R>(Kind::Write, "remove", name);
        let path = self.path(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(definite(&path, &error)),
            _ => Ok(()),
        }
    }
}

/// A private file, complete, that waits to take the place of another. It is removed if it never
/// does.
pub(crate) struct Prepared<'a, R> {
    files: &'a Files<R>,
    file: File,
    private: Private<'a>,
}

impl<R: Runtime> Prepared<'_, R> {
    /// Makes the content survive a power loss: without this the rename may survive it alone.
    pub(crate) fn sync(&self) -> Result<(), StoreError> {
        if const { lacks::<R>(Protection::Sync) } {
            return Ok(());
        }
        let synced = R::span(Span::Sync, || self.file.sync_all());
        synced.map_err(|error| definite(&self.files.private, &error))
    }

    /// Takes the place of the file called `name`; gives the file that has this name now.
    pub(crate) fn rename(mut self, name: &str) -> Result<File, StoreError> {
        if const { lacks::<R>(Protection::Rename) } {
            return self.copy(name);
        }
        step::<R>(Kind::Write, "rename", name);
        let path = self.files.path(name);
        R::span(Span::Write, || fs::rename(&self.files.private, &path))
            .map_err(|error| self.rename_failed(&path, &error))?;
        self.private.0 = None;
        Ok(self.file)
    }

    /// Instead of the rename, in a mutant: writes the content into the file called `name`.
    fn copy(self, name: &str) -> Result<File, StoreError> {
        let content = fs::read(&self.files.private);
        let content = content.map_err(|error| definite(&self.files.private, &error))?;
        self.files.overwrite(name, &content)
    }

    /// A network file system may have renamed the file and lost the answer; not if it is there.
    fn rename_failed(&self, path: &Path, error: &io::Error) -> StoreError {
        match fs::exists(&self.files.private) {
            Ok(true) => definite(path, error),
            _ => indefinite(path, error),
        }
    }
}

/// The path of a private file that is to be removed.
struct Private<'a>(Option<&'a Path>);

impl Drop for Private<'_> {
    fn drop(&mut self) {
        if let Some(path) = self.0 {
            // What stays behind takes some space and does no other harm.
            let _ = fs::remove_file(path);
        }
    }
}

/// A step on the file called `name`. Files of two folders count as one if they share a name:
/// that is allowed, and the number is the same in every run.
fn step<R: Runtime>(kind: Kind, verb: &str, name: &str) {
    if R::COOPERATIVE {
        let object = u64::from(crc32fast::hash(name.as_bytes()));
        R::point(Access { kind, object, label: &format!("{verb} {name}") });
    }
}
