//! Operations in words.

use serde_json::Value;

use super::shrink::Entry;
use crate::{Answer, History, Operation, OperationId, Specification, Spelled};

/// `read -> 1`: what was asked, and what was answered where that says more.
pub(super) fn label(history: &History, operation: &Operation) -> String {
    let value = |id| history.values().get(id).into_owned();
    let (argument, result) = (value(operation.argument), value(operation.result));
    let is_told = operation.answer == Answer::Ok;
    in_words(history.function(operation), &argument, is_told.then_some(&result))
}

fn in_words(function: &str, argument: &Value, result: Option<&Value>) -> String {
    let mut label = function.to_owned();
    let mut add = |mark: &str, value: &Value| {
        label.push_str(mark);
        label.push_str(&value.to_string());
    };
    if !argument.is_null() {
        add(" ", argument);
    }
    if let Some(result) = result
        && (argument.is_null() || result != argument && !result.is_null())
    {
        add(" -> ", result);
    }
    label
}

/// `process 2's read -> 1`.
pub(super) fn named(history: &History, id: OperationId) -> String {
    let operation = &history.operations()[id as usize];
    of_process(history, operation, &label(history, operation))
}

/// A sentence has so much of what an operation did; whoever wants more finds it beside its bar.
const NAMED_MAX: usize = 60;

pub(super) fn of_process(history: &History, operation: &Operation, label: &str) -> String {
    let process = history.process(operation);
    if label.chars().count() <= NAMED_MAX {
        return format!("process {process}'s `{label}`");
    }
    let label: String = label.chars().take(NAMED_MAX - 1).collect();
    format!("process {process}'s `{label}…`")
}

/// The operations of a core in words, as the core means them.
pub(super) struct Labels {
    /// What was asked and answered, of each.
    pub(super) labels: Vec<String>,
    /// The same with the process.
    pub(super) named: Vec<String>,
    /// Which of them a history would have otherwise than it does.
    pub(super) spelled: Vec<(usize, Spelled)>,
}

impl Labels {
    pub(super) fn of<S: Specification>(
        entries: &[Entry<S::Action>],
        history: &History,
        specification: &mut S,
    ) -> Self {
        let mut all = Self { labels: Vec::new(), named: Vec::new(), spelled: Vec::new() };
        for (at, entry) in entries.iter().enumerate() {
            let operation = &entry.kept.weakened;
            let as_recorded = specification.action(history, operation);
            let is_as_recorded = as_recorded == Ok(Some(entry.action));
            let spelled = specification.spelled(entry.action, history.values());
            let label = match spelled.filter(|_| !is_as_recorded) {
                Some(spelled) => {
                    let Spelled { function, argument, result } = &spelled;
                    let label = in_words(function, argument, Some(result));
                    all.spelled.push((at, spelled));
                    label
                }
                None => label(history, operation),
            };
            all.named.push(of_process(history, operation, &label));
            all.labels.push(label);
        }
        all
    }
}
