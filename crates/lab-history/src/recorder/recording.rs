//! The records of all clients, in order.

use super::places::Places;
use super::track::{End, Phase};
use crate::Record;

/// The consumer's side of a recorder.
#[derive(Debug)]
pub struct Recording {
    places: Places,
    ends: Vec<End>,
    /// Records that may not be given yet, because an earlier one may come.
    early: Vec<Record>,
    progress: Progress,
}

/// How far a recording is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Every record that was answered before this place has been given.
    pub known_before: u64,
    /// No record that is still to come was invoked before this place.
    pub invoked_from: u64,
}

impl Recording {
    pub(super) fn new(places: Places, ends: Vec<End>) -> Self {
        Self { places, ends, early: Vec::new(), progress: Progress::default() }
    }

    /// Appends to `records`, in the order of their answers, those that became known since the
    /// last call. When all tracks are dropped, one more call gives all that is left.
    pub fn drain(&mut self, records: &mut Vec<Record>) -> Progress {
        let mut progress = self.reached();
        for end in &mut self.ends {
            let written = end.records.slots();
            if let Ok(chunk) = end.records.read_chunk(written) {
                self.early.extend(chunk);
            }
        }
        // Each track is a run that is in order, which this sort makes use of.
        self.early.sort_by_key(|record| record.answered);
        let known = progress.known_before;
        let known = self.early.partition_point(|record| record.answered < known);
        records.extend(self.early.drain(..known));
        let still_early = self.early.iter().map(|record| record.invoked).min();
        progress.invoked_from = progress.invoked_from.min(still_early.unwrap_or(u64::MAX));
        self.progress.known_before = self.progress.known_before.max(progress.known_before);
        self.progress.invoked_from = self.progress.invoked_from.max(progress.invoked_from);
        self.progress
    }

    /// How far it was known at the last call.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// Whether an operation is still under way on which everything else waits. Who then takes no
    /// records lets the other clients wait too, as soon as their rings are full.
    pub fn is_held_up(&self) -> bool {
        self.reached().invoked_from <= self.progress.invoked_from
    }

    /// Whether every track is dropped, so that nothing more will be written.
    pub fn is_over(&self) -> bool {
        self.ends.iter().all(|end| end.records.is_abandoned())
    }

    /// How far things are. The place that is reached comes first and the clients' positions after
    /// it: who then is seen before its answer will take a place behind the one that was reached,
    /// since taking it makes visible that it has come to its answer. The same holds for an
    /// invocation.
    fn reached(&self) -> Progress {
        if self.is_over() {
            return Progress { known_before: u64::MAX, invoked_from: u64::MAX };
        }
        let reached = self.places.reached();
        let mut seen = Progress { known_before: reached, invoked_from: reached };
        for end in &self.ends {
            let (phase, place) = end.position();
            if phase == Phase::Answering {
                seen.known_before = seen.known_before.min(place);
            }
            if phase != Phase::Idle {
                seen.invoked_from = seen.invoked_from.min(place);
            }
        }
        seen
    }
}
