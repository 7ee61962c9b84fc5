//! What a row of a witness says: what the step does, the values that it read or wrote, and what
//! the client was told.

use std::collections::BTreeSet;

use lab_runtime::Kind;
use lab_scenario::{Action, Answer, Scenario, Told};
use lab_store::StoreError;
use lab_task::{Task, TaskId};
use lab_witness::Row;

use crate::run::{Run, Step};
use crate::sight::Sight;

/// A row for each step; `ids` are all tasks of the run, as a witness counts them.
pub(crate) fn rows(scenario: &Scenario, run: &Run, ids: &BTreeSet<TaskId>) -> Vec<Row> {
    let mut known = run.before.as_slice();
    let mut sight = Sight::new(run);
    let mut rows = Vec::new();
    for (at, step) in run.steps.iter().enumerate() {
        let saw = sight.of(at, step);
        let teller = Teller { scenario, run, at, step, ids };
        rows.push(Row {
            lane: lane(scenario, step.process),
            is_preemption: step.is_preemption(),
            text: teller.text(known, saw.as_deref()),
            still_lose: None,
            is_point_of_no_return: false,
            stored: step.stored.as_ref().map(|tasks| scenario.describe(tasks)),
        });
        known = step.stored.as_deref().unwrap_or(known);
    }
    rows
}

/// The place of a process among those who do something.
fn lane(scenario: &Scenario, process: usize) -> usize {
    let before = scenario.processes.iter().take(process - 1);
    let idle = before.filter(|one| one.actions.is_empty()).count();
    process - 1 - idle
}

struct Teller<'a> {
    scenario: &'a Scenario,
    run: &'a Run,
    at: usize,
    step: &'a Step,
    ids: &'a BTreeSet<TaskId>,
}

impl Teller<'_> {
    /// `before` are the tasks as they were stored before the step, `saw` those that it could see.
    fn text(&self, before: &[Task], saw: Option<&[Task]>) -> String {
        let mut text = self.deed(before, saw);
        if let Some(fault) = self.step.fault {
            text.push_str(&format!(": {fault}"));
        }
        if self.step.waited {
            text.push_str(" (waits)");
        }
        for told in self.told() {
            if let Some(word) = self.answer(told) {
                text.push_str(&format!("; {word}"));
            }
        }
        text
    }

    /// What it does, with the values that it read, or the version that it made.
    fn deed(&self, before: &[Task], saw: Option<&[Task]>) -> String {
        let label = short(&self.step.label);
        let written = self.step.stored.as_deref().filter(|now| *now != before);
        match (written, self.read(saw)) {
            (Some(now), _) if is_lock(&label) => format!("write {}", changed(before, now)),
            (Some(now), _) => format!("{label} → {}", changed(before, now)),
            (None, Some(read)) if is_lock(&label) => format!("read {read}"),
            (None, Some(read)) => format!("{label}: {read}"),
            (None, None) if self.looks() => "read".to_owned(),
            (None, None) => label,
        }
    }

    /// Whether it takes a lock and changes nothing, as far as anybody could see.
    fn looks(&self) -> bool {
        self.step.stored.is_some() && self.step.label == "lock"
    }

    /// What the client was told after this step.
    fn told(&self) -> impl Iterator<Item = &Told> {
        let told = self.run.told.get(self.step.process - 1).into_iter().flatten();
        told.filter(|(after, _)| *after == self.at).map(|(_, told)| told)
    }

    /// An answer; what the row says already is not said again.
    fn answer(&self, told: &Told) -> Option<String> {
        Some(match &told.answer {
            Ok(Answer::Cut) => return None,
            Ok(Answer::Opened(Some(_)) | Answer::Listed(_)) if reads(self.step) => return None,
            Ok(Answer::Opened(Some(task))) => format!("read {}", self.values(task)),
            Ok(Answer::Listed(tasks)) => format!("read {}", self.scenario.describe(tasks)),
            // As it is counted where the place of the store is shown.
            Ok(Answer::Created(id)) => format!("created task {}", self.ids.range(..=id).count()),
            Ok(answer) => answer.to_string(),
            Err(StoreError::Corrupt { .. }) => "found it broken".to_owned(),
            Err(_) => "error".to_owned(),
        })
    }

    /// The values that it read: what the client was told of them if it was, else what it could see.
    fn read(&self, saw: Option<&[Task]>) -> Option<String> {
        let told = self.told().find_map(|told| match &told.answer {
            Ok(Answer::Opened(Some(task))) => Some(self.values(task)),
            Ok(Answer::Listed(tasks)) => Some(self.scenario.describe(tasks)),
            _ => None,
        });
        if told.is_some() && reads(self.step) {
            return told;
        }
        let saw = saw?;
        let asked = self.slot().filter(|_| self.asks_one());
        let asked = asked.and_then(|slot| self.run.before.get(slot));
        Some(match asked.and_then(|one| saw.iter().find(|task| task.id == one.id)) {
            Some(task) => self.values(task),
            None => self.scenario.describe(saw),
        })
    }

    /// Whether the statement asks for one task, and does not count others.
    fn asks_one(&self) -> bool {
        let label = self.step.label.to_ascii_uppercase();
        label.contains("WHERE ID =") && !label.contains("COUNT(")
    }

    /// The task that the request is about to which the step belongs.
    fn slot(&self) -> Option<usize> {
        let client = self.step.process - 1;
        let told = self.run.told.get(client)?;
        let action = match told.iter().find(|(after, _)| *after >= self.at) {
            Some((_, told)) => &told.action,
            // A schedule that is still being made: nothing was answered yet.
            None => self.scenario.processes[client].next(told.last().map(|(_, told)| told))?,
        };
        match action {
            Action::Edit(slot, _) | Action::Start(slot, _) => Some(*slot),
            Action::Open(slot) | Action::Delete(slot) => Some(*slot),
            _ => None,
        }
    }

    /// One task in a few words, its version first.
    fn values(&self, task: &Task) -> String {
        let words = self.scenario.describe(std::slice::from_ref(task));
        let version = task.version.to_string();
        if words.contains(&version) { words } else { format!("{version}, {words}") }
    }
}

/// The version of the task that a step changed; its values stand beside it, where what is stored is
/// shown.
fn changed(before: &[Task], now: &[Task]) -> String {
    let is_new = |task: &&Task| !before.contains(task);
    now.iter().find(is_new).map_or("gone".to_owned(), |task| task.version.to_string())
}

/// What a step does, without what comes of it; `before` are the tasks stored before it.
pub(crate) fn intent(step: &Step, before: &[Task]) -> String {
    let label = short(&step.label);
    match &step.stored {
        Some(now) if is_lock(&label) && now != before => "write".to_owned(),
        Some(_) if label == "lock" => "read".to_owned(),
        _ => label,
    }
}

/// Whether it reads what is stored: a SELECT also where it locks, but no number that threads share.
pub(crate) fn reads(step: &Step) -> bool {
    let first = step.label.split_whitespace().next().unwrap_or_default();
    let is_other = matches!(first, "BEGIN" | "COMMIT" | "ROLLBACK" | "load");
    step.kind == Kind::Read && !is_other || is_lock(&step.label) || first == "SELECT"
}

/// Whether the label says only that a lock is taken, and not what for.
pub(crate) fn is_lock(label: &str) -> bool {
    matches!(label, "lock" | "lock to read" | "lock to write")
}

/// The label as a row has room for it: a statement without its columns.
fn short(label: &str) -> String {
    let upper = label.to_ascii_uppercase();
    let words: Vec<&str> = upper.split_whitespace().collect();
    let condition = words.iter().skip_while(|word| **word != "WHERE");
    let condition: Vec<&str> =
        condition.take_while(|word| **word != "RETURNING").copied().collect();
    let asks_version = condition.windows(2).any(|pair| pair == ["VERSION", "="]);
    match words.first().copied() {
        Some("SELECT" | "WITH") if upper.contains("FOR UPDATE") => "SELECT FOR UPDATE".to_owned(),
        Some("BEGIN") => upper.replace(" ISOLATION LEVEL", ""),
        Some("UPDATE") if asks_version => "UPDATE if version".to_owned(),
        Some(word @ ("SELECT" | "UPDATE" | "INSERT" | "DELETE" | "WITH")) => word.to_owned(),
        _ => label.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_shortened_to_what_matters() {
        let update = "UPDATE tasks SET minutes = ?1, version = version + 1 WHERE id = ?2";
        assert_eq!(short(&format!("{update} RETURNING version")), "UPDATE");
        assert_eq!(short(&format!("{update} AND version = ?3")), "UPDATE if version");
        assert_eq!(short("select *\nfrom tasks where id = $1 for update"), "SELECT FOR UPDATE");
        assert_eq!(short("BEGIN ISOLATION LEVEL SERIALIZABLE"), "BEGIN SERIALIZABLE");
        assert_eq!(short("rename tasks.json"), "rename tasks.json");
    }
}
