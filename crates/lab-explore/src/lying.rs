//! What lies in the place of a store before and after a run, as far as it differs.

use std::collections::BTreeSet;

use lab_store::Lying;
use lab_task::{Task, TaskId};

/// More of a line than this is no help.
const TEXT_COLUMNS_MAX: usize = 200;

/// What lay in the place before the clients' first step, and after their last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Before.
    pub before: Vec<Lying>,
    /// After; empty for a run that was cut.
    pub after: Vec<Lying>,
}

impl Places {
    /// Of tasks in memory, where there is nothing else to see.
    pub fn of_tasks(before: &[Task], after: &[Task]) -> Self {
        let [before, after] = [before, after].map(|tasks| tasks.iter().map(of_task).collect());
        Self { before, after }
    }

    /// The tasks that a line is said to be of.
    pub(crate) fn ids(&self) -> impl Iterator<Item = TaskId> {
        self.before.iter().chain(&self.after).filter_map(|line| line.id)
    }

    /// The lines that were there before and are not after, and those that are there only now, each
    /// with its place. A task is told by its number among `ids`.
    pub(crate) fn differences(&self, ids: &BTreeSet<TaskId>) -> [Vec<String>; 2] {
        [(&self.before, &self.after), (&self.after, &self.before)].map(|(these, others)| {
            let only = these.iter().filter(|line| !others.contains(line));
            let lines: Vec<String> = only.map(|line| words(line, ids)).collect();
            let is_empty = these.is_empty() && !others.is_empty();
            if is_empty { vec!["nothing".to_owned()] } else { lines }
        })
    }
}

fn words(line: &Lying, ids: &BTreeSet<TaskId>) -> String {
    let Lying { place, id, text } = line;
    let id = id.map(|id| format!(" id {}", ids.range(..=id).count())).unwrap_or_default();
    let left = text.chars().count().saturating_sub(TEXT_COLUMNS_MAX);
    let cut = if left == 0 { String::new() } else { format!("… and {left} more") };
    format!("{place}{id}: {}{cut}", text.chars().take(TEXT_COLUMNS_MAX).collect::<String>())
}

fn of_task(task: &Task) -> Lying {
    let Task { id, title, description, status, minutes, version } = task;
    let (title, description) = (title.as_str(), description.as_str());
    let text = format!("{title:?}, {description:?}, {status}, {minutes} min, {version}");
    Lying { place: "task".to_owned(), id: Some(*id), text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: u64, text: &str) -> Lying {
        Lying { place: "tasks".to_owned(), id: Some(TaskId(id)), text: text.to_owned() }
    }

    #[test]
    fn only_what_differs_is_said_and_ids_are_counted_anew() {
        let differences = |places: Places| places.differences(&places.ids().collect());
        let before = vec![row(7, "a"), row(9, "b")];
        let places = Places { before: before.clone(), after: vec![row(7, "a"), row(9, "c")] };
        assert_eq!(differences(places), [["tasks id 2: b"], ["tasks id 2: c"]]);
        let places = Places { before: before.clone(), after: before.clone() };
        assert_eq!(differences(places), [const { [""; 0] }; 2]);
        let places = Places { before, after: Vec::new() };
        assert_eq!(differences(places)[1], ["nothing"]);
    }

    #[test]
    fn a_long_line_is_cut_and_says_so() {
        let places = Places { before: vec![row(1, &"x".repeat(230))], after: Vec::new() };
        assert!(places.differences(&BTreeSet::new())[0][0].ends_with("x… and 30 more"));
    }
}
