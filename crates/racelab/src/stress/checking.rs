//! What is done with each record as soon as it is known.

use lab_history::{Function, Progress, Record};
use lab_order::{Findings, OrderChecker};
use lab_scenario::Workload;
use lab_task::Task;

use super::StressError;
use super::tally::{Survival, Tally};

/// How many records the checker may hold because an earlier operation has not ended.
const WAITING_MAX: usize = 1 << 15;

/// The checks that a run goes through while it runs. None of them remembers the run.
#[derive(Debug)]
pub(super) struct Checking {
    order: OrderChecker,
    tally: Tally,
    operations: u64,
}

/// What came of all checks.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) operations: u64,
    pub(super) findings: Findings,
    pub(super) survival: Survival,
}

impl Checking {
    pub(super) fn new(workload: &Workload) -> Self {
        Self { order: OrderChecker::new(), tally: Tally::new(workload), operations: 0 }
    }

    /// Takes records in the order of their answers.
    pub(super) fn take(
        &mut self,
        records: &[Record],
        progress: Progress,
    ) -> Result<(), StressError> {
        for record in records {
            self.order.push(record)?;
            self.tally.push(record);
            self.operations += u64::from(record.function != Function::Listed);
        }
        // At the end of one part of the run the next one is still to come.
        if progress.invoked_from != u64::MAX {
            self.order.settle(progress.invoked_from);
        }
        Ok(())
    }

    /// Whether so much waits for an operation that does not end that the others had better wait.
    pub(super) fn is_full(&self) -> bool {
        self.order.waiting() > WAITING_MAX
    }

    pub(super) fn operations(&self) -> u64 {
        self.operations
    }

    pub(super) fn has_found(&self) -> bool {
        !self.order.findings().is_empty() || self.tally.has_shown()
    }

    /// What was found, and what survived when `tasks` are all that is there in the end.
    pub(super) fn finish(self, tasks: Option<&[Task]>) -> Checked {
        let (findings, _) = self.order.finish();
        Checked { operations: self.operations, findings, survival: self.tally.survival(tasks) }
    }
}
