//! Operations in words.

use crate::{Answer, History, Operation, OperationId, ValueId};

/// `read -> 1`: what was asked, and what was answered where that says more.
pub(super) fn label(history: &History, operation: &Operation) -> String {
    let mut label = history.function(operation).to_owned();
    let mut add = |mark: &str, id: ValueId| {
        label.push_str(mark);
        label.push_str(&history.values().get(id).to_string());
    };
    let Operation { argument, result, answer, .. } = *operation;
    if argument != ValueId::NULL {
        add(" ", argument);
    }
    let says_more = argument == ValueId::NULL || result != argument && result != ValueId::NULL;
    if answer == Answer::Ok && says_more {
        add(" -> ", result);
    }
    label
}

/// `process 2's read -> 1`.
pub(super) fn named(history: &History, id: OperationId) -> String {
    let operation = &history.operations()[id as usize];
    format!("process {}'s `{}`", history.process(operation), label(history, operation))
}
