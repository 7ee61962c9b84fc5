//! What is done with each record as soon as it is known.

use lab_history::{Function, Progress, Record};
use lab_task::{Anomaly, Task};

use super::StressError;
use super::tally::{Survival, Tally};
use super::versions::Versions;

/// The checks that a run goes through while it runs. None of them remembers the run.
#[derive(Debug, Default)]
pub(super) struct Checking {
    versions: Versions,
    tally: Tally,
    operations: u64,
}

/// What came of all checks.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) operations: u64,
    pub(super) findings: Vec<Finding>,
    pub(super) survival: Survival,
}

/// An anomaly, how often it was found, and what proves the first instance.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) anomaly: Anomaly,
    pub(super) count: u64,
    pub(super) steps: Vec<Record>,
    pub(super) sentence: String,
}

impl Checking {
    /// Takes records in the order of their answers.
    pub(super) fn take(
        &mut self,
        records: &[Record],
        _progress: Progress,
    ) -> Result<(), StressError> {
        for record in records {
            self.versions.push(record);
            self.tally.push(record);
            self.operations += u64::from(record.function != Function::Listed);
        }
        Ok(())
    }

    pub(super) fn operations(&self) -> u64 {
        self.operations
    }

    pub(super) fn has_found(&self) -> bool {
        !self.versions.is_clean()
    }

    /// What was found, and what survived when `tasks` are all that is there in the end.
    pub(super) fn finish(self, tasks: Option<&[Task]>) -> Checked {
        let findings = self.versions.into_findings();
        let (operations, survival) = (self.operations, self.tally.survival(tasks));
        Checked { operations, findings, survival }
    }
}
