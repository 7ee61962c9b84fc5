//! Where a value came from that was read, or why it cannot have.

use super::label::named;
use super::shrink::{Entry, Shrinking, UNLOOKED};
use crate::{Answer, Effect, Operation, OperationId, Specification, State};

/// What is known of where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// In words.
    pub(super) told: String,
    /// The operation that the words are of, where there is one.
    pub(super) id: Option<OperationId>,
}

/// What became of the operations that lead to the state that `blamed` saw; nothing where one of
/// them is among `entries`, or where it cannot be said in time.
pub(super) fn source<S: Specification>(
    entries: &[Entry<S::Action>],
    blamed: &Entry<S::Action>,
    shrinking: &mut Shrinking<'_, S>,
) -> Option<Source> {
    let history = shrinking.history;
    let read = history.operations()[blamed.kept.id as usize];
    let action = shrinking.specification.action(history, &read).ok()??;
    let needed = shrinking.specification.needs(action)?;
    let mut sources: Vec<(OperationId, Operation)> = Vec::new();
    let mut are_all_known = true;
    for (id, operation) in (0..).zip(history.operations()) {
        if (id as usize).is_multiple_of(UNLOOKED) && shrinking.is_over() {
            return None;
        }
        if S::BY_KEY && operation.key != read.key {
            continue;
        }
        let specification = &mut *shrinking.specification;
        // What failed would have led there as well.
        let done = Operation { answer: Answer::Ok, ..*operation };
        let Ok(Some(action)) = specification.action(history, &done) else {
            continue;
        };
        if specification.effect(action) == Effect::Observes {
            continue;
        }
        match leads_to(specification, action) {
            Some(state) if state == needed => sources.push((id, *operation)),
            Some(_) => {}
            None => are_all_known = false,
        }
    }
    let specification = &*shrinking.specification;
    let is_kept = |id: OperationId| entries.iter().any(|entry| entry.kept.id == id);
    if needed == specification.initial() || sources.iter().any(|(id, _)| is_kept(*id)) {
        return None;
    }
    let has_failed = |(_, one): &&(OperationId, Operation)| one.answer == Answer::Fail;
    let is_later = |(_, one): &&(OperationId, Operation)| one.invoked > read.answered;
    let name = |(id, _): &(OperationId, Operation)| named(history, *id);
    let earlier = |one: &&(OperationId, Operation)| !has_failed(one) && !is_later(one);
    let first = entries.first().map(|entry| named(history, entry.kept.id)).unwrap_or_default();
    let told = |told, (id, _): &(OperationId, Operation)| Some(Source { told, id: Some(*id) });
    if let Some(last) = sources.iter().filter(earlier).max_by_key(|(_, one)| one.answered) {
        return told(format!("{} was answered before {first} was invoked", name(last)), last);
    }
    // Nothing that was there leads to what one operation saw alone. Otherwise something may.
    let is_alone = entries.iter().filter(|entry| entry.kept.is_firm()).count() == 1;
    if !are_all_known && !is_alone {
        return None;
    }
    if let Some(failed) = sources.iter().find(has_failed) {
        return told(format!("{} failed", name(failed)), failed);
    }
    if let Some(next) = sources.iter().find(is_later) {
        return told(format!("{} was invoked only later", name(next)), next);
    }
    let nowhere = "no operation of the whole history leads to that answer".to_owned();
    are_all_known.then_some(Source { told: nowhere, id: None })
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
