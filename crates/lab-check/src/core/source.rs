//! Where a value came from that was read, or why it cannot have.

use super::label::named;
use super::shrink::Entry;
use crate::{Answer, Effect, History, Operation, OperationId, Specification, State};

/// What became of the operations that lead to the state that `blamed` saw; nothing where one of
/// them is among `entries`, or where it cannot be said.
pub(super) fn source<S: Specification>(
    entries: &[Entry<S::Action>],
    blamed: &Entry<S::Action>,
    history: &History,
    specification: &mut S,
) -> Option<String> {
    let needed = specification.needs(blamed.action)?;
    let read = history.operations()[blamed.kept.id as usize];
    let mut sources: Vec<(OperationId, Operation)> = Vec::new();
    for (id, operation) in (0..).zip(history.operations()) {
        if S::BY_KEY && operation.key != read.key {
            continue;
        }
        // What failed would have led there as well.
        let done = Operation { answer: Answer::Ok, ..*operation };
        let Ok(Some(action)) = specification.action(history, &done) else {
            continue;
        };
        if specification.effect(action) == Effect::Observes {
            continue;
        }
        if leads_to(specification, action)? == needed {
            sources.push((id, *operation));
        }
    }
    let is_kept = |id: OperationId| entries.iter().any(|entry| entry.kept.id == id);
    if needed == specification.initial() || sources.iter().any(|(id, _)| is_kept(*id)) {
        return None;
    }
    let has_failed = |(_, one): &&(OperationId, Operation)| one.answer == Answer::Fail;
    let is_later = |(_, one): &&(OperationId, Operation)| one.invoked > read.answered;
    let name = |(id, _): &(OperationId, Operation)| named(history, *id);
    let earlier = |one: &&(OperationId, Operation)| !has_failed(one) && !is_later(one);
    let first = entries.first().map(|entry| named(history, entry.kept.id)).unwrap_or_default();
    if let Some(last) = sources.iter().filter(earlier).max_by_key(|(_, one)| one.answered) {
        return Some(format!("{} was answered before {first} was invoked", name(last)));
    }
    if let Some(failed) = sources.iter().find(has_failed) {
        return Some(format!("{} failed", name(failed)));
    }
    let next = sources.iter().find(is_later);
    let later = |next| format!("{} was invoked only later", name(next));
    Some(next.map_or("no operation of the whole history leads to that answer".to_owned(), later))
}

/// The state after an action, where there is only one.
pub(super) fn leads_to<S: Specification>(
    specification: &mut S,
    action: S::Action,
) -> Option<State> {
    let before = match specification.effect(action) {
        Effect::Overwrites => specification.initial(),
        _ => specification.needs(action)?,
    };
    specification.step(before, action)
}
