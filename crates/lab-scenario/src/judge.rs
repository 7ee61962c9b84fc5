//! What one execution came to.

use lab_store::StoreError;
use lab_task::{Anomaly, Outcome, Rules, Task};

use crate::{Action, Answer, Scenario, Told};

/// One execution: the tasks before and after, and what each process was told.
#[derive(Clone, Copy, Debug)]
pub struct Execution<'a> {
    /// The tasks before the first step, in the order of the scenario.
    pub before: &'a [Task],
    /// For each process what it was told, in order.
    pub told: &'a [Vec<Told>],
    /// All tasks after the last step.
    pub after: &'a Result<Vec<Task>, StoreError>,
    /// The store's sequential meaning.
    pub rules: Rules,
    /// For each answer of each process the first step and the last step of what was asked; empty
    /// where nobody counted.
    pub spans: &'a [Vec<(usize, usize)>],
    /// Whether a fault was made to happen: then an error is an answer like others.
    pub has_fault: bool,
}

/// What one schedule came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Every acknowledged change survived.
    Kept,
    /// An anomaly, and what was lost, in a sentence.
    Anomaly {
        /// Its name.
        anomaly: Anomaly,
        /// The sentence.
        consequence: String,
        /// The number of the process, from 0, whose change is gone.
        victim: Option<usize>,
    },
    /// The store failed in a way that is no anomaly: an error that nobody expects, or a change
    /// that was refused and took place all the same.
    Failed(String),
}

impl Judgement {
    /// The anomaly, if there was one.
    pub fn anomaly(&self) -> Option<Anomaly> {
        match self {
            Self::Anomaly { anomaly, .. } => Some(*anomaly),
            Self::Kept | Self::Failed(_) => None,
        }
    }

    /// An anomaly that took away what the process `victim` had done.
    pub(crate) fn anomaly_of(anomaly: Anomaly, victim: usize, consequence: String) -> Self {
        Self::Anomaly { anomaly, consequence, victim: Some(victim) }
    }

    /// An anomaly that nobody in particular suffers.
    pub(crate) fn anomaly_seen(anomaly: Anomaly, consequence: String) -> Self {
        Self::Anomaly { anomaly, consequence, victim: None }
    }
}

impl<'a> Execution<'a> {
    /// The tasks afterwards, or what it means that they cannot be read.
    pub(crate) fn after(&self) -> Result<&'a [Task], Judgement> {
        match self.after {
            Ok(tasks) => Ok(tasks),
            Err(error @ StoreError::Corrupt { .. }) => Err(torn(error)),
            Err(error) => Err(Judgement::Failed(error.to_string())),
        }
    }

    /// The judgement of an execution in which no acknowledged change is missing: what remains to
    /// be seen is whether anybody met an error, and whether anybody got through.
    pub(crate) fn judge_errors(&self) -> Judgement {
        match self.errors() {
            Some(judgement) => judgement,
            None if !self.anybody_got_through() && !self.has_fault => {
                Judgement::Failed("every change was refused: nobody got through".to_owned())
            }
            None => Judgement::Kept,
        }
    }

    /// What it means that somebody met an error, if anybody did.
    pub(crate) fn errors(&self) -> Option<Judgement> {
        let mut errors = self.answers().filter_map(|(_, told)| told.answer.as_ref().err());
        let is_torn = |error: &&StoreError| matches!(error, StoreError::Corrupt { .. });
        let mut others = errors.clone().filter(|error| !is_torn(error));
        match others.next() {
            Some(error) if !self.has_fault => Some(Judgement::Failed(error.to_string())),
            _ => errors.find(is_torn).map(torn),
        }
    }

    /// The first and the last step of what `process` asked as its `nth`.
    pub(crate) fn span(&self, process: usize, nth: usize) -> (usize, usize) {
        let spans = self.spans.get(process);
        // Where nobody counted, everything may have been at the same time.
        spans.and_then(|spans| spans.get(nth)).copied().unwrap_or((0, usize::MAX))
    }

    /// Every answer with the number of the process that got it.
    pub(crate) fn answers(&self) -> impl Iterator<Item = (usize, &'a Told)> + Clone + use<'a> {
        let told = self.told;
        told.iter().enumerate().flat_map(|(at, told)| told.iter().map(move |told| (at, told)))
    }

    fn anybody_got_through(&self) -> bool {
        self.answers().any(|(_, told)| {
            matches!(told.answer, Ok(Answer::Changed(Outcome::Applied(_)) | Answer::Created(_)))
        })
    }
}

impl Scenario {
    /// Whether what the process with that number wanted, by its last action that changes
    /// something, can be seen in `now`.
    pub fn shows(&self, process: usize, before: &[Task], now: &[Task]) -> bool {
        let actions = &self.processes[process].actions;
        let slot = actions.iter().find_map(|action| match action {
            Action::Open(slot) => Some(*slot),
            _ => None,
        });
        let find = |slot: usize| {
            let id = before.get(slot)?.id;
            now.iter().find(|task| task.id == id)
        };
        let shown = actions.iter().rev().find_map(|action| match action {
            Action::Edit(slot, change) => Some(crate::changes::shows(change, before, find(*slot))),
            Action::SaveCopy(change) => {
                Some(crate::changes::shows(change, before, slot.and_then(find)))
            }
            Action::Create(new) | Action::CreateRetried(new, _) => {
                Some(now.iter().any(|task| task.title == new.title))
            }
            Action::Delete(slot) => Some(find(*slot).is_none()),
            Action::Start(slot, _) => {
                Some(find(*slot).is_some_and(|task| task.status == lab_task::Status::InProgress))
            }
            Action::Open(_) | Action::List | Action::CutWire => None,
        });
        shown.unwrap_or(false)
    }
}

pub(crate) fn torn(error: &StoreError) -> Judgement {
    Judgement::anomaly_seen(Anomaly::TornRead, error.to_string())
}
