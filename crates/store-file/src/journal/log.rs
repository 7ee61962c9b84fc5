//! The journal's file: recovery when it is opened, commits, and compaction.

use std::path::Path;

use lab_runtime::{Runtime, Span};
use lab_store::{StoreError, Table};

use super::frame::{HEADER, frame, scan};
use super::record::Record;
use crate::files::{Appending, Files};

const JOURNAL: &str = "tasks.journal";

/// Below this size a compaction would cost more than it saves.
const COMPACTED_BYTES_MIN: u64 = 64 * 1024;

/// The open file.
pub(super) struct Log<R> {
    files: Files<R>,
    file: Appending<R>,
    compaction_bytes: u64,
}

impl<R: Runtime> Log<R> {
    /// Opens the journal, or begins one, and gives the table that it means. A torn tail is cut.
    pub(super) fn open(files: Files<R>) -> Result<(Self, Table), StoreError> {
        let (file, table) = match files.read(JOURNAL)? {
            Some(journal) => {
                let (table, whole_bytes) = recover(&files.path(JOURNAL), &journal)?;
                (Appending::open(&files, JOURNAL, whole_bytes)?, table)
            }
            None => {
                let file = files.replace_durably(JOURNAL, HEADER)?;
                (Appending::new(&files, JOURNAL, file, HEADER.len() as u64), Table::default())
            }
        };
        let compaction_bytes = compaction_bytes(snapshot(&table)?.len() as u64);
        Ok((Self { files, file, compaction_bytes }, table))
    }

    /// Whether the next commit should write the whole table instead.
    pub(super) fn wants_compaction(&self) -> bool {
        self.file.size_bytes() >= self.compaction_bytes
    }

    /// Makes `lines` survive a power loss.
    pub(super) fn commit(&mut self, lines: &[u8]) -> Result<(), StoreError> {
        self.file.append_durably(&R::span(Span::Serialise, || frame(lines)))
    }

    /// Makes `table`, which `lines` have changed already, survive a power loss in a new file;
    /// where there is no room for that, at least the lines.
    pub(super) fn compact(&mut self, table: &Table, lines: &[u8]) -> Result<(), StoreError> {
        let snapshot = R::span(Span::Serialise, || snapshot(table))?;
        let size_bytes = snapshot.len() as u64;
        match self.files.replace_durably(JOURNAL, &snapshot) {
            Ok(file) => {
                self.file = Appending::new(&self.files, JOURNAL, file, size_bytes);
                self.compaction_bytes = compaction_bytes(size_bytes);
                Ok(())
            }
            Err(error) if error.is_definite() => {
                self.compaction_bytes = self.compaction_bytes.saturating_mul(2);
                self.commit(lines)
            }
            Err(error) => Err(error),
        }
    }

    /// The table that the file means now, after a commit that failed.
    pub(super) fn table(&self) -> Result<Table, StoreError> {
        let journal = self.files.read(JOURNAL)?.unwrap_or_default();
        recover(&self.files.path(JOURNAL), &journal).map(|(table, _)| table)
    }
}

/// At which size the next compaction is due if the last one left `size_bytes`.
fn compaction_bytes(size_bytes: u64) -> u64 {
    size_bytes.saturating_mul(2).max(COMPACTED_BYTES_MIN)
}

/// A journal that holds `table` and no history.
fn snapshot(table: &Table) -> Result<Vec<u8>, StoreError> {
    let line = Record::Snapshot(table.clone()).line()?;
    Ok([HEADER, &frame(&line)].concat())
}

/// The table that `journal` means, and how much of it is whole.
fn recover(path: &Path, journal: &[u8]) -> Result<(Table, u64), StoreError> {
    let corrupt = |why: String| {
        let next_step = "the file was left as it is, restore it from a backup";
        StoreError::corrupt(path.display(), format!("{why}; {next_step}"))
    };
    if !journal.starts_with(HEADER) {
        return Err(corrupt("expected the first line \"racelab journal 1\"".to_owned()));
    }
    let scan = scan(journal).map_err(|at| {
        corrupt(format!("the checksum at byte {at} is wrong though whole records follow"))
    })?;
    let mut table = Table::default();
    for frame in scan.frames {
        let at = frame.start;
        for line in journal[frame].split_inclusive(|byte| *byte == b'\n') {
            serde_json::from_slice::<Record>(line)
                .map_err(|error| error.to_string())
                .and_then(|record| record.replay(&mut table))
                .map_err(|why| corrupt(format!("no record after byte {at}: {why}")))?;
        }
    }
    Ok((table, scan.whole_bytes as u64))
}
