//! A file that grows at its end.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::path::PathBuf;

use lab_runtime::{Kind, Protection, Runtime, Span, lacks};
use lab_store::StoreError;

use super::{Files, check_not_removed, definite, indefinite, step};

/// How much room is made at a time. A sync need not write how long a file is, nor where its blocks
/// are, as long as an append stays within it: that is most of what it costs.
const ROOM_BYTES: usize = 32 * 1024;

/// A file that grows at its end, into zeros that were written before, and whose end can be cut
/// off.
pub(crate) struct Appending<R> {
    file: File,
    name: &'static str,
    path: PathBuf,
    size_bytes: u64,
    /// Up to where there are zeros.
    room_end: u64,
    runtime: PhantomData<fn() -> R>,
}

impl<R: Runtime> Appending<R> {
    /// Goes on with `file`, which is called `name` and has its position at its end.
    pub(crate) fn new(files: &Files<R>, name: &'static str, file: File, size_bytes: u64) -> Self {
        let (path, room_end) = (files.path(name), size_bytes);
        Self { file, name, path, size_bytes, room_end, runtime: PhantomData }
    }

    /// Opens the file called `name`, of which only the first `size_bytes` are to stay.
    pub(crate) fn open(
        files: &Files<R>,
        name: &'static str,
        size_bytes: u64,
    ) -> Result<Self, StoreError> {
        let path = files.path(name);
        let file = File::options().write(true).open(&path);
        let file = file.map_err(|error| definite(&path, &error))?;
        let mut appending = Self::new(files, name, file, size_bytes);
        appending.cut_to_size().map_err(|error| definite(&path, &error))?;
        Ok(appending)
    }

    /// How long the file is without its zeros, as far as all went well.
    pub(crate) fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Adds `bytes` and makes them survive a power loss. What could not be added completely is
    /// cut off again; where that fails, or the sync, nobody knows what the disk holds.
    pub(crate) fn append_durably(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        if const { lacks::<R>(Protection::AppendThrough) } {
            return Ok(());
        }
        step::<R>(Kind::Write, "append", self.name);
        check_not_removed(&self.path, &self.file)?;
        let end = self.size_bytes + bytes.len() as u64;
        let written =
            R::span(Span::Write, || self.make_room(end).and_then(|()| self.file.write_all(bytes)));
        if let Err(error) = written {
            return Err(match self.cut_to_size() {
                Ok(()) => definite(&self.path, &error),
                Err(_) => indefinite(&self.path, &error),
            });
        }
        if const { !lacks::<R>(Protection::Sync) } {
            let synced = R::span(Span::Sync, || self.file.sync_data());
            synced.map_err(|error| indefinite(&self.path, &error))?;
        }
        self.size_bytes = end;
        Ok(())
    }

    /// Writes zeros, unless there are enough up to `end`. Where the disk has no more room for
    /// them, it may still have some for what is to be appended.
    fn make_room(&mut self, end: u64) -> io::Result<()> {
        if end > self.room_end {
            if self.file.write_all(&[0; ROOM_BYTES]).is_ok() {
                self.room_end = self.size_bytes + ROOM_BYTES as u64;
            }
            self.file.seek(SeekFrom::Start(self.size_bytes))?;
        }
        Ok(())
    }

    fn cut_to_size(&mut self) -> io::Result<()> {
        if self.file.metadata()?.len() > self.size_bytes {
            step::<R>(Kind::Write, "cut", self.name);
            self.file.set_len(self.size_bytes)?;
            self.file.sync_data()?;
        }
        self.room_end = self.size_bytes;
        self.file.seek(SeekFrom::Start(self.size_bytes)).map(|_| ())
    }
}
