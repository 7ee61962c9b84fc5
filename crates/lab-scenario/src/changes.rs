//! The invariant of most scenarios: every acknowledged change is there afterwards, and no other.
//!
//! Each process changes something of its own (another field, or minutes that no other sum
//! contains), so the final state tells which of the changes survived.

use lab_task::{Anomaly, Change, Outcome, Task};

use crate::{Action, Answer, Execution, Judgement, Scenario};

/// Judges an execution whose processes change one task, the first.
pub(crate) fn judge(scenario: &Scenario, execution: &Execution<'_>) -> Judgement {
    let after = match execution.after() {
        Ok(tasks) => tasks,
        Err(judgement) => return judgement,
    };
    let before = execution.before;
    let Some(task) = after.iter().find(|task| Some(task.id) == before.first().map(|one| one.id))
    else {
        let gone = "the task itself is gone".to_owned();
        return Judgement::anomaly_seen(Anomaly::LostUpdate, gone);
    };
    for (asked, told) in execution.answers() {
        let Some(change) = told.action.change() else { continue };
        let is_there = shows(change, before, Some(task));
        let name = &scenario.processes[asked.process].name;
        match &told.answer {
            Ok(Answer::Changed(Outcome::Applied(version))) if !is_there => {
                let what = what(change);
                let sentence = format!("{name} was told \"saved {version}\"; its {what} gone");
                return Judgement::anomaly_of(Anomaly::LostUpdate, asked, sentence);
            }
            Err(error) if is_there && error.is_definite() => {
                let sentence =
                    format!("{name} was told that nothing happened, and it did: {error}");
                return Judgement::Failed(sentence);
            }
            Ok(Answer::Changed(Outcome::Refused(refusal))) if is_there => {
                let sentence = format!("{name} was refused ({refusal}), and its change is there");
                return Judgement::Failed(sentence);
            }
            _ => {}
        }
    }
    execution.judge_errors()
}

/// Whether `change` can be seen in the state `now` of the first task.
pub(crate) fn shows(change: &Change, before: &[Task], now: Option<&Task>) -> bool {
    let Some(now) = now else {
        return false;
    };
    match change {
        Change::Title(title) => now.title == *title,
        Change::Description(description) => now.description == *description,
        Change::Status(status) => now.status == *status,
        Change::AddMinutes(minutes) => {
            let minutes_before = before.iter().find(|task| task.id == now.id);
            let minutes_before = minutes_before.map_or(0, |task| task.minutes);
            now.minutes.saturating_sub(minutes_before) / minutes % 2 == 1
        }
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

/// Actions that add minutes to a task, each another power of two times ten, so that the sum tells
/// which of them survived.
pub(crate) fn add_minutes(slot: usize, edits: std::ops::Range<usize>) -> Vec<Action> {
    edits.map(|edit| Action::Edit(slot, Change::AddMinutes(MINUTES_FIRST << edit))).collect()
}

const MINUTES_FIRST: u32 = 10;

#[cfg(test)]
mod tests {
    use lab_store::ScenarioName;
    use lab_task::{Refusal, TaskId, Version};

    use super::*;
    use crate::Told;

    fn log_time(minutes_after: u32, answers: [Outcome; 2]) -> Judgement {
        let scenario = Scenario::usual(ScenarioName::LogTime);
        let before = scenario.tasks[0].clone().into_task(TaskId(1));
        let after = Ok(vec![Task { minutes: minutes_after, ..before.clone() }]);
        let told = |process: usize, outcome| {
            let action = scenario.processes[process].actions[0].clone();
            vec![Told { action, answer: Ok(Answer::Changed(outcome)) }]
        };
        let [first, second] = answers;
        let told = [told(0, first), told(1, second)];
        scenario.judge(&Execution::uncounted(&[before], &told, &after))
    }

    #[test]
    fn an_acknowledged_change_that_is_gone_is_a_lost_update() {
        let applied = || Outcome::Applied(Version(2));
        assert_eq!(log_time(30, [applied(), applied()]), Judgement::Kept);
        let consequence = "client B was told \"saved v2\"; its 20 minutes are gone".to_owned();
        let asked = crate::Asked { process: 1, nth: 0 };
        let lost = Judgement::anomaly_of(Anomaly::LostUpdate, asked, consequence);
        assert_eq!(log_time(10, [applied(), applied()]), lost);
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
