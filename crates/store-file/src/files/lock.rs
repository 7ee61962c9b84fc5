//! Advisory locks: they hold between sessions, instances and programs, as long as all of them ask.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use lab_runtime::{Kind, Protection, Runtime, Span, lacks};
use lab_store::StoreError;

use super::{Files, check_not_removed, definite, step};

/// Far more than there are releases in any schedule that is worth exploring.
const ATTEMPTS_MAX: u32 = 1000;

/// A file that holds nothing but a lock. It is never renamed or removed: who waited for the lock
/// of a file that is gone would share it with nobody.
pub(crate) struct LockFile<R> {
    file: Arc<File>,
    name: &'static str,
    path: PathBuf,
    runtime: PhantomData<fn() -> R>,
}

impl<R: Runtime> LockFile<R> {
    /// Opens the lock file called `name`. Two openings exclude each other, also in one program.
    pub(crate) fn open(files: &Files<R>, name: &'static str) -> Result<Self, StoreError> {
        let path = files.path(name);
        let file = File::options().create(true).append(true).open(&path);
        let file = Arc::new(file.map_err(|error| definite(&path, &error))?);
        Ok(Self { file, name, path, runtime: PhantomData })
    }

    /// Waits until nobody else has the lock.
    pub(crate) fn lock(&self) -> Result<Locked<R>, StoreError> {
        if const { lacks::<R>(Protection::FileLock) } {
            return Ok(self.not_locked());
        }
        step::<R>(Kind::Write, "lock", self.name);
        if !R::COOPERATIVE {
            return R::span(Span::Lock, || self.lock_blocking());
        }
        for attempt in 0..ATTEMPTS_MAX {
            if let Some(locked) = self.lock_if_free()? {
                return Ok(locked);
            }
            R::wait_for_release(attempt);
        }
        Err(StoreError::Contended { what: self.path.display().to_string(), attempts: ATTEMPTS_MAX })
    }

    /// Takes the lock; `None` if somebody has it.
    pub(crate) fn try_lock(&self) -> Result<Option<Locked<R>>, StoreError> {
        if const { lacks::<R>(Protection::FileLock) } {
            return Ok(Some(self.not_locked()));
        }
        step::<R>(Kind::Write, "lock", self.name);
        self.lock_if_free()
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &PathBuf {
        &self.path
    }

    fn lock_blocking(&self) -> Result<Locked<R>, StoreError> {
        loop {
            match self.file.lock() {
                Ok(()) => return self.locked(),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(definite(&self.path, &error)),
            }
        }
    }

    fn lock_if_free(&self) -> Result<Option<Locked<R>>, StoreError> {
        match self.file.try_lock() {
            Ok(()) => self.locked().map(Some),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(definite(&self.path, &error)),
        }
    }

    /// The lock, which is worth nothing if others can not find its file.
    fn locked(&self) -> Result<Locked<R>, StoreError> {
        let held = Held(Arc::clone(&self.file));
        check_not_removed(&self.path, &self.file)?;
        Ok(Locked { name: self.name, _held: Some(held), runtime: PhantomData })
    }

    fn not_locked(&self) -> Locked<R> {
        Locked { name: self.name, _held: None, runtime: PhantomData }
    }
}

/// A lock that is given back when dropped.
pub(crate) struct Locked<R: Runtime> {
    name: &'static str,
    /// Always there, but in a mutant that does not lock.
    _held: Option<Held>,
    runtime: PhantomData<fn() -> R>,
}

impl<R: Runtime> Drop for Locked<R> {
    fn drop(&mut self) {
        // A scheduler that gives up a schedule unwinds from a step: from this one too, and then
        // the lock is given back all the same; but not from within another unwinding.
        if const { !lacks::<R>(Protection::FileLock) } && !thread::panicking() {
            step::<R>(Kind::Release, "unlock", self.name);
        }
    }
}

/// The lock itself, without the step.
struct Held(Arc<File>);

impl Drop for Held {
    fn drop(&mut self) {
        // The only way to fail is a file that is closed, and with it the lock is gone too.
        let _ = self.0.unlock();
    }
}
