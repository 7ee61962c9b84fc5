//! What must hold after a scenario: every acknowledged change is there, and no other.

use lab_store::StoreError;
use lab_task::{Anomaly, Change, Outcome, Task};

use crate::{Action, Answer, Scenario, Told};

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
}

impl Scenario {
    /// Judges one execution: what each process was told, and the task `before` and `after`.
    ///
    /// Each process of a scenario changes something of its own (another field, or minutes that no
    /// other sum contains), so the final state tells which of the changes survived.
    pub fn judge(
        &self,
        before: &Task,
        told: &[Vec<Told>],
        after: &Result<Option<Task>, StoreError>,
    ) -> Judgement {
        let after = match after {
            Ok(Some(task)) => task,
            Ok(None) => return lost(None, "the task itself is gone".to_owned()),
            Err(error @ StoreError::Corrupt { .. }) => return torn(error),
            Err(error) => return Judgement::Failed(error.to_string()),
        };
        let Some(sum) = after.minutes.checked_sub(before.minutes) else {
            return lost(None, "minutes of before are gone".to_owned());
        };
        for (at, (process, told)) in self.processes.iter().zip(told).enumerate() {
            for Told { change, answer } in told {
                let Some(change) = change else { continue };
                let there = survived(change, sum, after);
                match answer {
                    Ok(Answer::Changed(Outcome::Applied(version))) if !there => {
                        let name = &process.name;
                        let what = what(change);
                        let sentence =
                            format!("{name} was told \"saved {version}\"; its {what} gone");
                        return lost(Some(at), sentence);
                    }
                    Ok(Answer::Changed(Outcome::Refused(refusal))) if there => {
                        let name = &process.name;
                        return Judgement::Failed(format!(
                            "{name} was refused ({refusal}), and its change is there"
                        ));
                    }
                    _ => {}
                }
            }
        }
        self.judge_errors(told)
    }

    /// Whether the change of the process with that number, its last one, can be seen in `now`.
    pub fn shows(&self, process: usize, before: &Task, now: &Task) -> bool {
        let mut changes = self.processes[process].actions.iter().filter_map(Action::change);
        let sum = now.minutes.saturating_sub(before.minutes);
        changes.next_back().is_some_and(|change| survived(change, sum, now))
    }

    fn judge_errors(&self, told: &[Vec<Told>]) -> Judgement {
        let mut errors = told.iter().flatten().filter_map(|told| told.answer.as_ref().err());
        let mut others =
            errors.clone().filter(|error| !matches!(error, StoreError::Corrupt { .. }));
        match (others.next(), errors.next()) {
            (Some(error), _) => Judgement::Failed(error.to_string()),
            (None, Some(error)) => torn(error),
            (None, None) if acknowledged(told) == 0 => {
                Judgement::Failed("every change was refused: nobody got through".to_owned())
            }
            (None, None) => Judgement::Kept,
        }
    }
}

fn acknowledged(told: &[Vec<Told>]) -> usize {
    let applied = |told: &&Told| matches!(told.answer, Ok(Answer::Changed(Outcome::Applied(_))));
    told.iter().flatten().filter(applied).count()
}

/// Whether `change` can be seen in a state to which `sum` minutes were added since the start;
/// each change adds another power of two times a constant.
fn survived(change: &Change, sum: u32, after: &Task) -> bool {
    match change {
        Change::Title(title) => after.title == *title,
        Change::Description(description) => after.description == *description,
        Change::Status(status) => after.status == *status,
        Change::AddMinutes(minutes) => sum / minutes % 2 == 1,
    }
}

fn what(change: &Change) -> String {
    match change {
        Change::Title(_) => "title is".to_owned(),
        Change::Description(_) => "description is".to_owned(),
        Change::Status(_) => "status is".to_owned(),
        Change::AddMinutes(minutes) => format!("{minutes} minutes are"),
    }
}

fn lost(victim: Option<usize>, consequence: String) -> Judgement {
    Judgement::Anomaly { anomaly: Anomaly::LostUpdate, consequence, victim }
}

fn torn(error: &StoreError) -> Judgement {
    Judgement::Anomaly { anomaly: Anomaly::TornRead, consequence: error.to_string(), victim: None }
}

#[cfg(test)]
mod tests {
    use lab_store::ScenarioName;
    use lab_task::{Refusal, TaskId, Version};

    use super::*;

    fn log_time(minutes_after: u32, answers: [Outcome; 2]) -> Judgement {
        let scenario = Scenario::usual(ScenarioName::LogTime);
        let before = scenario.task.clone().into_task(TaskId(1));
        let after = Task { minutes: minutes_after, ..before.clone() };
        let told = |minutes, outcome| {
            let change = Some(Change::AddMinutes(minutes));
            vec![Told { change, answer: Ok(Answer::Changed(outcome)) }]
        };
        let [first, second] = answers;
        scenario.judge(&before, &[told(10, first), told(20, second)], &Ok(Some(after)))
    }

    #[test]
    fn an_acknowledged_change_that_is_gone_is_a_lost_update() {
        let applied = || Outcome::Applied(Version(2));
        assert_eq!(log_time(30, [applied(), applied()]), Judgement::Kept);
        let Judgement::Anomaly { anomaly, consequence, victim } =
            log_time(10, [applied(), applied()])
        else {
            unreachable!("20 minutes are missing");
        };
        assert_eq!((anomaly, victim), (Anomaly::LostUpdate, Some(1)));
        assert_eq!(consequence, "client B was told \"saved v2\"; its 20 minutes are gone");
    }

    #[test]
    fn a_refused_change_may_be_missing_and_must_not_be_there() {
        let applied = || Outcome::Applied(Version(2));
        let refused = || Outcome::Refused(Refusal::Stale { current: Version(2) });
        assert_eq!(log_time(10, [applied(), refused()]), Judgement::Kept);
        assert!(matches!(log_time(30, [applied(), refused()]), Judgement::Failed(_)));
        assert!(matches!(log_time(0, [refused(), refused()]), Judgement::Failed(_)));
    }
}
