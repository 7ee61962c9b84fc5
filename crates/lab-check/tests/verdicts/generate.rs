//! Random histories: of a correct object, and of one that sometimes lies.

use fastrand::Rng;
use lab_history::{Event, Kind};
use serde_json::Value;

use crate::model::Model;

/// How a history is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) operations: u32,
    pub(crate) processes: u32,
    pub(crate) keys: u32,
    /// Of a hundred answers, how many are made up, and how many never come.
    pub(crate) lies: u32,
    pub(crate) crashes: u32,
}

struct Pending {
    key: u32,
    function: &'static str,
    argument: Value,
    /// The answer, as soon as the call took effect.
    answer: Option<Option<Value>>,
    process: u64,
}

/// The events of `plan` against `model`. Every process goes on under a new number after a crash.
pub(crate) fn events(model: Model, plan: Plan, rng: &mut Rng) -> Vec<Event> {
    let mut states: Vec<Value> = (0..plan.keys).map(|_| model.initial()).collect();
    let mut pending: Vec<Option<Pending>> = (0..plan.processes).map(|_| None).collect();
    let mut numbers: Vec<u64> = (0..plan.processes.into()).collect();
    let mut events = Vec::new();
    let mut begun = 0;
    loop {
        let at = rng.usize(0..pending.len());
        match &mut pending[at] {
            None if begun == plan.operations => {
                if pending.iter().all(Option::is_none) {
                    return events;
                }
            }
            place @ None => {
                let (function, argument) = model.call(begun, rng);
                let key = rng.u32(0..plan.keys);
                let process = numbers[at];
                begun += 1;
                let one = Pending { key, function, argument, answer: None, process };
                events.push(one.event(Kind::Invoke, one.argument.clone()));
                *place = Some(one);
            }
            Some(one) if one.answer.is_none() && rng.u32(0..100) >= plan.crashes => {
                let state = &mut states[one.key as usize];
                one.answer = Some(model.apply(state, one.function, &one.argument));
            }
            Some(one) => {
                let lie = model.other_answer(one.function, rng);
                let lie = lie.filter(|_| rng.u32(0..100) < plan.lies);
                let crashes = one.answer.is_none() || rng.u32(0..100) < plan.crashes;
                let answer = one.answer.take().flatten();
                let (kind, value) = match (crashes, answer) {
                    (true, _) => (Kind::Info, Value::Null),
                    (false, None) => (Kind::Fail, Value::Null),
                    (false, Some(answer)) => (Kind::Ok, lie.unwrap_or(answer)),
                };
                if crashes {
                    numbers[at] += u64::from(plan.processes);
                }
                events.push(one.event(kind, value));
                pending[at] = None;
            }
        }
    }
}

impl Pending {
    fn event(&self, kind: Kind, value: Value) -> Event {
        let (key, function) = (Some(Value::from(self.key)), self.function.to_owned());
        Event { process: self.process, kind, function, key, value, time_ns: None }
    }
}
