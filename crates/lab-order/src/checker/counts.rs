//! Operations that count tasks by status: `summary`, and the limit of `start`.
//!
//! Where a change may have happened or not, counts are left alone. A count is no version, so it is
//! held against what is certain: between the tasks that had the status all along and those that
//! can have had it at any time while the operation ran. A limit is broken where more tasks are
//! surely in progress together than every start allows that can have been the last of them.

use lab_history::{Ending, Function, Record};
use lab_task::{Anomaly, Status, TaskId};

use super::{FREE, NO_STATUS, OrderChecker};
use crate::finding::{Age, Finding};
use crate::task::{ABSENT, Task};

/// The fewest and the most tasks.
#[derive(Clone, Copy, Debug, Default)]
struct Bounds {
    least: u64,
    most: u64,
}

impl Bounds {
    fn holds(self, count: u64) -> bool {
        (self.least..=self.most).contains(&count)
    }
}

impl OrderChecker {
    /// Judges a count when all is known that was invoked before its answer.
    pub(super) fn judge_count(&mut self, record: &Record) {
        if self.has_unknown {
            return;
        }
        let (bounds, all) = self.bounds(record);
        let in_progress = bounds[Status::InProgress as usize];
        let is_possible = match (record.function, record.ending) {
            (Function::Summary, _) => {
                let told = [record.task, record.based_on, record.version];
                let total = told.iter().fold(0, |sum: u64, count| sum.saturating_add(*count));
                all.holds(total) && bounds.iter().zip(told).all(|(it, count)| it.holds(count))
            }
            (_, Ending::LimitReached) => in_progress.holds(record.version),
            _ => {
                self.judge_limit(record, in_progress.least);
                return;
            }
        };
        if !is_possible {
            self.findings.note(Anomaly::ReadSkew, || Finding {
                anomaly: Anomaly::ReadSkew,
                task: TaskId(record.task),
                steps: vec![*record],
                age: Age::default(),
                sentence: format!(
                    "client {} was told of counts that were never true while it asked",
                    record.process
                ),
            });
        }
    }

    /// How many tasks can have had each status, and how many there can have been. A `start` does
    /// not count its own task.
    fn bounds(&self, record: &Record) -> ([Bounds; 3], Bounds) {
        let own = if record.function == Function::Summary { None } else { Some(record.task) };
        let unseen = self.crashed_creates.len() as u64;
        let mut all = Bounds { least: 0, most: unseen };
        let mut bounds = [all; 3];
        for (slot, steady) in self.rest.statuses().iter().enumerate() {
            if *steady == FREE || Some(self.tasks[slot].id) == own {
                continue;
            }
            let may = match *steady {
                NO_STATUS => self.tasks[slot].statuses(record),
                status => 1 << status,
            };
            for (status, bound) in bounds.iter_mut().enumerate() {
                bound.least += u64::from(may == 1 << status);
                bound.most += u64::from(may & 1 << status != 0);
            }
            all.least += u64::from(may & ABSENT == 0);
            all.most += u64::from(may != ABSENT);
        }
        (bounds, all)
    }

    /// Whether a start that was applied kept its limit, as far as that is certain.
    fn judge_limit(&mut self, start: &Record, others_least: u64) {
        // At its answer, which is itself known then.
        let invoked = start.answered.saturating_add(1);
        let then = Record { invoked, function: Function::Summary, ..*start };
        let (bounds, _) = self.bounds(&then);
        let together = bounds[Status::InProgress as usize].least;
        let is_kept = others_least < start.based_on && together <= start.based_on;
        if is_kept || start.based_on == 0 {
            return;
        }
        let mut steps = Vec::new();
        for (slot, steady) in self.rest.statuses().iter().enumerate() {
            let task = &self.tasks[slot];
            let is_there = *steady == Status::InProgress as u8
                || *steady == NO_STATUS && task.statuses(&then) == 1 << Status::InProgress as u8;
            if is_there {
                // Who set it in progress is forgotten, so it may have been the last, unlimited.
                let Some(begun) = task.begun(start.answered) else { return };
                steps.push(begun);
            }
        }
        if is_over_limit(&steps) {
            let clients: Vec<String> = steps.iter().map(|it| it.process.to_string()).collect();
            self.findings.note(Anomaly::WriteSkew, || Finding {
                anomaly: Anomaly::WriteSkew,
                task: TaskId(start.task),
                sentence: format!(
                    "{} tasks are in progress together, set by clients {}, over every limit of \
                     those that can have been the last",
                    steps.len(),
                    clients.join(", ")
                ),
                steps,
                age: Age::default(),
            });
        }
    }
}

/// Whether tasks that were set in progress by these, and are in progress together, are more than
/// every one of these allowed that can have been the last: that was invoked, or answered, after all
/// others were invoked.
pub(crate) fn is_over_limit(steps: &[Record]) -> bool {
    let latest = steps.iter().map(|step| step.invoked).max().unwrap_or(0);
    let mut last = steps.iter().filter(|step| step.answered >= latest);
    // A limit that is not known is 0, and none.
    let is_broken = |limit: u64| limit != 0 && limit < steps.len() as u64;
    !steps.is_empty()
        && last.all(|step| step.function == Function::Start && is_broken(step.based_on))
}

impl Task {
    /// The operation that had set the task in progress at `place`, if it is known.
    fn begun(&self, place: u64) -> Option<Record> {
        let mut begun = self.begun_before;
        let known = self.versions.iter().take_while(|at| at.made_from() <= place);
        for at in known.filter(|at| !at.keeps_status() && !at.is_given) {
            let is_again = begun.is_some() && at.status() == Some(Status::InProgress);
            if !is_again {
                begun = at.writer.filter(|_| at.status() == Some(Status::InProgress));
            }
        }
        begun
    }
}
