//! What is done with each record as soon as it is known.

use std::collections::BTreeSet;
use std::io;

use lab_history::{Ending, Function, Progress, Record};
use lab_order::{Findings, Open, OpenWatch, OrderChecker};
use lab_scenario::Workload;
use lab_task::Task;

use super::StressError;
use super::history::HistoryFile;
use super::tally::{Survival, Tally};

/// How many records the checker may hold because an earlier operation has not ended.
const WAITING_MAX: usize = 1 << 15;

/// The checks that a run goes through while it runs. None of them remembers the run.
pub(super) struct Checking {
    order: OrderChecker,
    open: OpenWatch,
    tally: Tally,
    operations: u64,
    unknown: u64,
    history: Option<HistoryFile>,
}

/// What came of all checks.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) operations: u64,
    /// Changes of which nobody knows whether they happened.
    pub(super) unknown: u64,
    pub(super) findings: Findings,
    /// What versions do not decide where they contradict nothing.
    pub(super) open: BTreeSet<Open>,
    pub(super) survival: Survival,
}

impl Checking {
    /// Checks of a run of `workload`, which is written to `history` as well, if there is one.
    pub(super) fn new(workload: &Workload, history: Option<HistoryFile>) -> Self {
        let (order, open) = (OrderChecker::new(), OpenWatch::new());
        let tally = Tally::new(workload);
        Self { order, open, tally, operations: 0, unknown: 0, history }
    }

    /// Takes records in the order of their answers.
    pub(super) fn take(
        &mut self,
        records: &[Record],
        progress: Progress,
    ) -> Result<(), StressError> {
        for record in records {
            self.order.push(record)?;
            self.open.push(record);
            self.tally.push(record);
            self.operations += u64::from(record.function != Function::Listed);
            let is_change = record.function.is_change();
            self.unknown += u64::from(is_change && record.ending == Ending::Info);
        }
        if let Some(history) = &mut self.history {
            history.take(records, progress)?;
        }
        // At the end of one part of the run the next one is still to come.
        if progress.invoked_from != u64::MAX {
            self.order.settle(progress.invoked_from);
            self.open.settle(progress.invoked_from);
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
    ///
    /// # Errors
    /// The history cannot be written to its end.
    pub(super) fn finish(self, tasks: Option<&[Task]>) -> io::Result<Checked> {
        self.history.map_or(Ok(()), HistoryFile::finish)?;
        let (findings, _) = self.order.finish();
        let (operations, unknown) = (self.operations, self.unknown);
        let (open, survival) = (self.open.finish(), self.tally.survival(tasks));
        Ok(Checked { operations, unknown, findings, open, survival })
    }
}
