//! Several files of one run as one history, in the order of a clock that all of them share.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use crate::error::Trouble;
use crate::{Event, HistoryError, Kind, Reader};

/// Readers whose events come out in the order of their times, invocations before answers where
/// times are equal. One event of each file is held.
pub struct Merged {
    readers: Vec<Reader>,
    heads: Vec<Event>,
    next: BinaryHeap<Reverse<Turn>>,
    /// The reader of each process.
    owners: HashMap<u64, usize>,
}

/// When the head of a reader comes: its time, whether it is an answer, and which reader it is.
type Turn = (u64, bool, usize);

impl Merged {
    /// Reads the first event of each.
    ///
    /// # Errors
    /// As [`Merged::read`].
    pub fn new(readers: Vec<Reader>) -> Result<Self, HistoryError> {
        let heads = vec![Event::default(); readers.len()];
        let (next, owners) = (BinaryHeap::new(), HashMap::new());
        let mut merged = Self { readers, heads, next, owners };
        for at in 0..merged.readers.len() {
            merged.advance(at)?;
        }
        Ok(merged)
    }

    /// The files.
    pub fn readers(&self) -> &[Reader] {
        &self.readers
    }

    /// Reads the next event over the one that `event` holds; `false` at the end.
    ///
    /// # Errors
    /// As [`Reader::read`]; also where an event has no time, or a process is in two files.
    pub fn read(&mut self, event: &mut Event) -> Result<bool, HistoryError> {
        let Some(Reverse((_, _, at))) = self.next.pop() else {
            return Ok(false);
        };
        std::mem::swap(event, &mut self.heads[at]);
        self.advance(at)?;
        Ok(true)
    }

    fn advance(&mut self, at: usize) -> Result<(), HistoryError> {
        let (reader, head) = (&mut self.readers[at], &mut self.heads[at]);
        if !reader.read(head)? {
            return Ok(());
        }
        let time_ns = head.time_ns.ok_or_else(no_time);
        let time_ns = time_ns.map_err(|trouble| trouble.at(reader.path(), reader.line()))?;
        let owner = *self.owners.entry(head.process).or_insert(at);
        if owner != at {
            let (line, path) = (self.readers[at].line(), self.readers[at].path());
            return Err(two_files(head.process, self.readers[owner].path()).at(path, line));
        }
        self.next.push(Reverse((time_ns, head.kind != Kind::Invoke, at)));
        Ok(())
    }
}

fn no_time() -> Trouble {
    let remedy = "files are merged by times on a clock that they share: record them, or check one \
                  file at a time";
    Trouble::new("an event without a time", remedy)
}

fn two_files(process: u64, other: &str) -> Trouble {
    let cause = format!("process {process} is in {other} too");
    Trouble::new(cause, "number the processes of all files apart")
}
