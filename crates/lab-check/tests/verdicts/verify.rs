//! Holds a verdict and its certificate against the history.

use lab_check::{
    Answer, Budget, CasRegister, History, HistoryBuilder, KeyValue, NEVER, Operation, Part, Proof,
    Queue, Register, Set, Specification, Tier, Verdict, Violation, check, check_by_search,
};
use lab_history::Event;

use crate::brute;
use crate::model::Model;

pub(crate) fn built(events: &[Event]) -> History {
    let mut builder = HistoryBuilder::new();
    events.iter().for_each(|event| builder.push(event).unwrap());
    builder.finish()
}

/// Asks the crate.
pub(crate) fn verdict(model: Model, history: &History, by_search: bool) -> Verdict {
    match model {
        Model::Register { .. } => ask(history, Register::default(), by_search),
        Model::Cas => ask(history, CasRegister::default(), by_search),
        Model::KeyValue => ask(history, KeyValue::new(), by_search),
        Model::Set => ask(history, Set::new(), by_search),
        Model::Queue => ask(history, Queue::new(), by_search),
    }
}

fn ask<S: Specification>(history: &History, mut specification: S, by_search: bool) -> Verdict {
    let ask = if by_search { check_by_search::<S> } else { check::<S> };
    ask(history, &mut specification, Budget::default()).unwrap()
}

/// What is wrong with a verdict's certificate. Proofs by exhaustion are tried again where there
/// are at most `brute_operations`.
pub(crate) fn wrong_with(
    model: Model,
    history: &History,
    verdict: &Verdict,
    brute_operations: usize,
) -> Option<String> {
    match verdict {
        Verdict::Holds(linearization) => {
            let mut keys: Vec<_> = linearization.parts().map(|part| part.key).collect();
            keys.sort_unstable();
            keys.dedup();
            let of_no_part = |one: &&Operation| keys.binary_search(&one.key).is_err();
            if let Some(one) = history.operations().iter().find(of_no_part) {
                return Some(format!("the key of {one:?} is missing"));
            }
            linearization.parts().find_map(|part| brute::wrong_with(model, history, part, NEVER))
        }
        Verdict::Violated(violation) => {
            wrong_with_violation(model, history, violation, brute_operations)
        }
        Verdict::Unknown(unknown) => Some(format!("{unknown:?}")),
    }
}

fn wrong_with_violation(
    model: Model,
    history: &History,
    violation: &Violation,
    brute_operations: usize,
) -> Option<String> {
    let all = history.operations();
    let named: Vec<Operation> = violation.operations.iter().map(|id| all[*id as usize]).collect();
    if named.is_empty() || named.iter().any(|one| one.key != violation.key) {
        return Some("it names no operation of its key".to_owned());
    }
    match &violation.proof {
        Proof::Local => {
            let values: Vec<_> = named.iter().flat_map(|one| [one.argument, one.result]).collect();
            let left_out = all.iter().enumerate().any(|(id, one)| {
                one.key == violation.key
                    && history.function(one) == "write"
                    && one.answer != Answer::Fail
                    && values.contains(&one.argument)
                    && !violation.operations.contains(&(id as u32))
            });
            let holds = brute::holds(model, history, &named);
            (left_out || holds).then(|| format!("{named:?} contradict nothing"))
        }
        Proof::Exhausted { event, order } => {
            let part = Part { key: violation.key, tier: Tier::Search, order };
            if let Some(wrong) = brute::wrong_with(model, history, part, *event) {
                return Some(wrong);
            }
            let prefix = prefix(all, violation, *event);
            let is_few = prefix.len() <= brute_operations;
            (is_few && brute::holds(model, history, &prefix)).then(|| "it holds".to_owned())
        }
    }
}

/// The operations of the violation's key up to `event` and with it. The others may take effect,
/// if they do so with the answers that they are given later.
fn prefix(all: &[Operation], violation: &Violation, event: u32) -> Vec<Operation> {
    let begun = all.iter().filter(|one| one.key == violation.key && one.invoked <= event);
    let cut = |one: &Operation| {
        if one.answered <= event || one.answer == Answer::Fail {
            *one
        } else {
            Operation { answer: Answer::Info, ..*one }
        }
    };
    begun.map(cut).collect()
}
