//! Every order of a handful of operations, tried one after the other.

use lab_check::{Answer, History, NEVER, Operation, Part};
use serde_json::Value;

use crate::model::Model;

/// Whether some order of the operations explains every answer.
pub(crate) fn holds(model: Model, history: &History, operations: &[Operation]) -> bool {
    let mut keys: Vec<_> = operations.iter().map(|operation| operation.key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter().all(|key| {
        let happened = |one: &&Operation| one.key == key && one.answer != Answer::Fail;
        let rest: Vec<Operation> = operations.iter().filter(happened).copied().collect();
        explains(model, history, &model.initial(), &rest)
    })
}

fn explains(model: Model, history: &History, state: &Value, rest: &[Operation]) -> bool {
    if rest.iter().all(|one| one.answer != Answer::Ok) {
        return true;
    }
    let first_answer = rest.iter().map(|one| one.answered).min();
    rest.iter().enumerate().any(|(at, one)| {
        let can_be_next = first_answer.is_some_and(|answered| one.invoked < answered);
        let mut others = rest.to_vec();
        others.remove(at);
        let mut state = state.clone();
        can_be_next
            && takes_effect(model, history, &mut state, one)
            && explains(model, history, &state, &others)
    })
}

/// Whether `one` can take effect in this state with the answer that it was given, if it was.
fn takes_effect(model: Model, history: &History, state: &mut Value, one: &Operation) -> bool {
    let values = history.values();
    let answer = model.apply(state, history.function(one), &values.get(one.argument));
    match (one.answer, answer) {
        (Answer::Fail, _) | (_, None) => false,
        (Answer::Info, Some(_)) if one.answered == NEVER => true,
        (Answer::Info | Answer::Ok, Some(answer)) => answer == *values.get(one.result),
    }
}

/// What is wrong with a linearization of one key's operations, up to the event `end`.
pub(crate) fn wrong_with(
    model: Model,
    history: &History,
    part: Part<'_>,
    end: u32,
) -> Option<String> {
    let operations = history.operations();
    let mut state = model.initial();
    let mut last_invocation = 0;
    let mut is_in = vec![false; operations.len()];
    for id in part.order {
        let one = &operations[*id as usize];
        if one.key != part.key || std::mem::replace(&mut is_in[*id as usize], true) {
            return Some(format!("{id} does not belong there"));
        }
        if one.answered < last_invocation {
            return Some(format!("{id} comes after one that was invoked after its answer"));
        }
        last_invocation = last_invocation.max(one.invoked);
        // What is not answered yet need not be in the order.
        let one =
            if one.answered < end { *one } else { Operation { answer: Answer::Info, ..*one } };
        if one.invoked >= end || !takes_effect(model, history, &mut state, &one) {
            return Some(format!("{id} is not allowed in {state}"));
        }
    }
    let missing = |(one, is_in): (&Operation, &bool)| {
        one.key == part.key && one.answer == Answer::Ok && one.answered < end && !is_in
    };
    operations.iter().zip(&is_in).any(missing).then(|| "an operation is missing".to_owned())
}
