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

impl<'a> Execution<'a> {
    /// An execution whose steps nobody counted and in which nothing was made to fail.
    pub fn uncounted(
        before: &'a [Task],
        told: &'a [Vec<Told>],
        after: &'a Result<Vec<Task>, StoreError>,
    ) -> Self {
        Self { before, told, after, rules: Rules::default(), spans: &[], has_fault: false }
    }
}

/// One request of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The number of the process, from 0.
    pub process: usize,
    /// Which of its answers is the one to it, from 0.
    pub nth: usize,
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
        /// Whose change is gone, or who saw what never was.
        victim: Option<Asked>,
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

    /// An anomaly that took away what `victim` had done, or showed it what never was.
    pub(crate) fn anomaly_of(anomaly: Anomaly, victim: Asked, consequence: String) -> Self {
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
            Err(StoreError::Corrupt { what, .. }) => {
                let left = format!("{what} is left broken: it does not hold what this store wrote");
                Err(Judgement::anomaly_seen(Anomaly::TornRead, left))
            }
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
        let errors =
            self.answers().filter_map(|(asked, told)| Some((asked, told.answer.as_ref().err()?)));
        let is_torn = |error: &StoreError| matches!(error, StoreError::Corrupt { .. });
        let mut others = errors.clone().filter(|(_, error)| !is_torn(error));
        match others.next() {
            Some((_, error)) if !self.has_fault => Some(Judgement::Failed(error.to_string())),
            _ => errors.clone().find_map(|(asked, error)| torn(asked, error)),
        }
    }

    /// The first and the last step of what `process` asked as its `nth`.
    pub(crate) fn span(&self, process: usize, nth: usize) -> (usize, usize) {
        let spans = self.spans.get(process);
        // Where nobody counted, everything may have been at the same time.
        spans.and_then(|spans| spans.get(nth)).copied().unwrap_or((0, usize::MAX))
    }

    /// Every answer with what it is the answer to.
    pub(crate) fn answers(&self) -> impl Iterator<Item = (Asked, &'a Told)> + Clone + use<'a> {
        let told = self.told;
        told.iter().enumerate().flat_map(|(process, told)| {
            told.iter().enumerate().map(move |(nth, told)| (Asked { process, nth }, told))
        })
    }

    fn anybody_got_through(&self) -> bool {
        self.answers().any(|(_, told)| {
            matches!(told.answer, Ok(Answer::Changed(Outcome::Applied(_)) | Answer::Created(_)))
        })
    }
}

impl Scenario {
    /// Whether what `process` wanted with `action` can be seen in `now`; of what changes nothing,
    /// never.
    pub fn shows(&self, process: usize, action: &Action, before: &[Task], now: &[Task]) -> bool {
        let find = |slot: usize| {
            let id = before.get(slot)?.id;
            now.iter().find(|task| task.id == id)
        };
        match action {
            Action::Edit(slot, change) => crate::changes::shows(change, before, find(*slot)),
            Action::SaveCopy(change) => {
                let opened = self.opened(process, action).and_then(find);
                crate::changes::shows(change, before, opened)
            }
            Action::Create(new) | Action::CreateRetried(new, _) => {
                now.iter().any(|task| task.title == new.title)
            }
            Action::Delete(slot) => find(*slot).is_none(),
            Action::Start(slot, _) => {
                find(*slot).is_some_and(|task| task.status == lab_task::Status::InProgress)
            }
            Action::Open(_) | Action::List | Action::CutWire => false,
        }
    }

    /// The task that `process` had opened when it saved its copy.
    fn opened(&self, process: usize, save: &Action) -> Option<usize> {
        let before = self.processes[process].actions.iter().take_while(|action| *action != save);
        before.filter_map(Action::opens).last()
    }
}

/// What it means that a reader found something that is not whole; `None` for any other error.
fn torn(reader: Asked, error: &StoreError) -> Option<Judgement> {
    let StoreError::Corrupt { what, .. } = error else { return None };
    let name = crate::play::client_name(reader.process);
    let sentence = format!("{name} found {what} broken: it did not hold what this store wrote");
    Some(Judgement::anomaly_of(Anomaly::TornRead, reader, sentence))
}
