//! What a check found.

use std::collections::BTreeMap;

use lab_history::Record;
use lab_task::{Anomaly, TaskId};

/// One anomaly with the operations that prove it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is called.
    pub anomaly: Anomaly,
    /// The task that it is about; for a skew one of them.
    pub task: TaskId,
    /// The operations that contradict each other; a task of a list stands as
    /// [`lab_history::Function::Listed`].
    pub steps: Vec<Record>,
    /// How old what was read is; for what is no old read, zeros.
    pub age: Age,
    /// The contradiction in one sentence.
    pub sentence: String,
}

/// How old something was when it was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Age {
    /// How many versions were made since.
    pub versions: u64,
    /// From the answer that showed a newer one to the invocation of the read, in the unit of the
    /// records: nanoseconds, or places in their sequence.
    pub places: u64,
}

impl Age {
    /// The larger of each figure.
    pub(crate) fn max(self, other: Self) -> Self {
        Self { versions: self.versions.max(other.versions), places: self.places.max(other.places) }
    }
}

/// Counts by name, and the first instance of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    counts: BTreeMap<Anomaly, u64>,
    first: BTreeMap<Anomaly, Finding>,
    oldest: Age,
}

impl Findings {
    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// How often each anomaly was found, in the order of [`Anomaly::ALL`].
    pub fn counts(&self) -> impl Iterator<Item = (Anomaly, u64)> {
        self.counts.iter().map(|(anomaly, count)| (*anomaly, *count))
    }

    /// How often `anomaly` was found.
    pub fn count(&self, anomaly: Anomaly) -> u64 {
        self.counts.get(&anomaly).copied().unwrap_or(0)
    }

    /// The first instance of `anomaly`.
    pub fn first(&self, anomaly: Anomaly) -> Option<&Finding> {
        self.first.get(&anomaly)
    }

    /// The first instance of each anomaly.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.first.values()
    }

    /// The largest age of a read, each of its two figures for itself.
    pub fn oldest(&self) -> Age {
        self.oldest
    }

    /// Counts one more; `finding` is asked for the first instance only.
    pub(crate) fn note(&mut self, anomaly: Anomaly, finding: impl FnOnce() -> Finding) {
        self.note_many(anomaly, 1, Age::default(), finding);
    }

    pub(crate) fn note_many(
        &mut self,
        anomaly: Anomaly,
        count: u64,
        oldest: Age,
        finding: impl FnOnce() -> Finding,
    ) {
        *self.counts.entry(anomaly).or_default() += count;
        self.first.entry(anomaly).or_insert_with(finding);
        self.oldest = self.oldest.max(oldest);
    }
}
