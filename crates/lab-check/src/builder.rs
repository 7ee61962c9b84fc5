//! From events, one at a time, to a history.

use lab_history::{Event, Kind};
use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::history::Names;
use crate::{Answer, FunctionId, History, NEVER, Operation, ValueId};

/// Takes events as a reader gives them and keeps of each only what a check needs.
#[derive(Debug, Default)]
pub struct HistoryBuilder {
    operations: Vec<Operation>,
    names: Names,
    processes: FxHashMap<u64, u32>,
    /// Of each process, what it does now and when it was last heard of.
    now: Vec<(Now, u64)>,
    functions: FxHashMap<String, FunctionId>,
    has_times: bool,
    is_sorted: bool,
}

/// So that a place fits beside one bit.
const EVENTS_MAX: u32 = 1 << 31;

#[derive(Clone, Copy, Debug)]
enum Now {
    Free,
    Asks(u32),
    Crashed,
}

/// An event that cannot stand where it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event {event}: {what}")]
pub struct BuildError {
    /// The event's place, from 0.
    pub event: u32,
    /// What is wrong with it.
    pub what: String,
}

impl HistoryBuilder {
    /// An empty history.
    pub fn new() -> Self {
        Self { is_sorted: true, ..Self::default() }
    }

    /// Takes the next event. Where events have times they may come in any order as long as each
    /// process's own do not; where they have none they happened in the order in which they come.
    ///
    /// # Errors
    /// The process cannot invoke or be answered now, only some events have times, or there are too
    /// many to be counted.
    pub fn push(&mut self, event: &Event) -> Result<(), BuildError> {
        self.take_time(event.time_ns)?;
        let process = self.process(event.process)?;
        let (now, last_ns) = self.now[process as usize];
        let time_ns = event.time_ns.unwrap_or_default();
        if time_ns < last_ns {
            let what = format!("process {} goes back from {last_ns} ns to", event.process);
            return Err(self.error(format!("{what} {time_ns} ns")));
        }
        self.now[process as usize].1 = time_ns;
        match (event.kind, now) {
            (Kind::Invoke, Now::Free) => self.invoke(process, event)?,
            (Kind::Invoke, Now::Asks(operation)) => {
                let since = self.operations[operation as usize].invoked;
                let process = event.process;
                let what = format!("process {process} already waits since event {since}");
                return Err(self.error(what));
            }
            (Kind::Invoke, Now::Crashed) => {
                let what = format!("process {} invokes after its `info`", event.process);
                return Err(self.error(what + ": give it a new number"));
            }
            (_, Now::Free | Now::Crashed) => {
                let what = format!("process {} is answered and has not asked", event.process);
                return Err(self.error(what));
            }
            (kind, Now::Asks(operation)) => self.answer(operation, kind, event)?,
        }
        self.names.events += 1;
        Ok(())
    }

    /// The history of the events so far. What has no answer may have happened.
    pub fn finish(mut self) -> History {
        if self.has_times && !self.is_sorted {
            self.sort();
        }
        History::new(self.operations, self.names)
    }

    fn take_time(&mut self, time_ns: Option<u64>) -> Result<(), BuildError> {
        if self.names.events >= EVENTS_MAX {
            return Err(
                self.error("there are more than 2^31 events: check them in parts".to_owned())
            );
        }
        if self.names.events == 0 {
            self.has_times = time_ns.is_some();
        }
        match time_ns {
            _ if time_ns.is_some() != self.has_times => {
                Err(self.error("some events have a time and some have none".to_owned()))
            }
            Some(time_ns) => {
                // Equal times are no order: then the events have to be sorted.
                self.is_sorted &= self.names.times_ns.last().is_none_or(|last| *last < time_ns);
                self.names.times_ns.push(time_ns);
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn process(&mut self, name: u64) -> Result<u32, BuildError> {
        if let Some(process) = self.processes.get(&name) {
            return Ok(*process);
        }
        let process = u32::try_from(self.now.len())
            .map_err(|_| self.error("there are more than 2^32 processes".to_owned()))?;
        self.processes.insert(name, process);
        self.names.processes.push(name);
        self.now.push((Now::Free, 0));
        Ok(process)
    }

    fn invoke(&mut self, process: u32, event: &Event) -> Result<(), BuildError> {
        let operation = Operation {
            process,
            key: event.key.as_ref().map_or(Ok(ValueId::NULL), |key| self.value(key))?,
            argument: self.value(&event.value)?,
            result: ValueId::NULL,
            invoked: self.names.events,
            answered: NEVER,
            function: self.function(&event.function)?,
            answer: Answer::Info,
        };
        // Every operation has an event of its own, so there are fewer of them than 2^32.
        self.now[process as usize].0 = Now::Asks(self.operations.len() as u32);
        self.operations.push(operation);
        Ok(())
    }

    fn answer(&mut self, operation: u32, kind: Kind, event: &Event) -> Result<(), BuildError> {
        let asked = self.operations[operation as usize];
        if self.names.functions[usize::from(asked.function)] != event.function {
            let what = format!("process {} is answered to `{}`", event.process, event.function);
            let since = format!(" and asked for something else at event {}", asked.invoked);
            return Err(self.error(what + &since));
        }
        let result = self.value(&event.value)?;
        let now = self.names.events;
        let asked = &mut self.operations[operation as usize];
        (asked.result, asked.answered, asked.answer) = match kind {
            Kind::Ok => (result, now, Answer::Ok),
            Kind::Fail => (result, now, Answer::Fail),
            Kind::Invoke | Kind::Info => (ValueId::NULL, NEVER, Answer::Info),
        };
        let crashed = asked.answer == Answer::Info;
        self.now[asked.process as usize].0 = if crashed { Now::Crashed } else { Now::Free };
        Ok(())
    }

    fn function(&mut self, name: &str) -> Result<FunctionId, BuildError> {
        if let Some(function) = self.functions.get(name) {
            return Ok(*function);
        }
        let function = FunctionId::try_from(self.functions.len())
            .map_err(|_| self.error("there are more than 65536 functions".to_owned()))?;
        self.functions.insert(name.to_owned(), function);
        self.names.functions.push(name.to_owned());
        Ok(function)
    }

    fn value(&mut self, value: &Value) -> Result<ValueId, BuildError> {
        let id = self.names.values.intern(value);
        id.ok_or_else(|| self.error("there are more than 2^31 different values".to_owned()))
    }

    fn error(&self, what: String) -> BuildError {
        BuildError { event: self.names.events, what }
    }

    /// Puts the events in the order of their times. Intervals are closed: of events at the same
    /// time, invocations come before answers, so that operations that touch are concurrent.
    fn sort(&mut self) {
        let times_ns = &mut self.names.times_ns;
        let mut is_answer = vec![false; times_ns.len()];
        for operation in self.operations.iter().filter(|one| one.answered != NEVER) {
            is_answer[operation.answered as usize] = true;
        }
        let mut order: Vec<u32> = (0..self.names.events).collect();
        order.sort_unstable_by_key(|&event| {
            (times_ns[event as usize], is_answer[event as usize], event)
        });
        let mut place = vec![0; order.len()];
        for (now, before) in (0..).zip(&order) {
            place[*before as usize] = now;
        }
        for operation in &mut self.operations {
            operation.invoked = place[operation.invoked as usize];
            if operation.answered != NEVER {
                operation.answered = place[operation.answered as usize];
            }
        }
        times_ns.sort_unstable();
        self.operations.sort_unstable_by_key(|operation| operation.invoked);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(process: u64, kind: Kind, time_ns: Option<u64>) -> Event {
        let function = "read".to_owned();
        Event { process, kind, function, key: None, value: json!(null), time_ns }
    }

    fn built(events: &[Event]) -> Result<History, String> {
        let mut builder = HistoryBuilder::new();
        for event in events {
            builder.push(event).map_err(|error| error.to_string())?;
        }
        Ok(builder.finish())
    }

    #[test]
    fn operations_that_touch_at_one_time_are_concurrent() {
        let events = [
            event(1, Kind::Invoke, Some(10)),
            event(1, Kind::Ok, Some(20)),
            event(2, Kind::Invoke, Some(20)),
            event(2, Kind::Ok, Some(30)),
        ];
        let history = built(&events).unwrap();
        let [one, two] = history.operations() else { panic!("{history:?}") };
        assert_eq!((one.invoked, one.answered, two.invoked, two.answered), (0, 2, 1, 3));
    }

    #[test]
    fn what_has_no_answer_may_have_happened() {
        let events = [
            event(1, Kind::Invoke, None),
            event(2, Kind::Invoke, None),
            event(1, Kind::Info, None),
        ];
        let history = built(&events).unwrap();
        assert!(history.operations().iter().all(|one| one.answer == Answer::Info));
        assert!(history.operations().iter().all(|one| one.answered == NEVER));
    }

    #[test]
    fn an_event_that_cannot_stand_there_is_named() {
        let said = |events: &[Event]| built(events).unwrap_err();
        let invoke = |time_ns| event(4, Kind::Invoke, time_ns);
        let expected = "event 1: process 4 already waits since event 0";
        assert_eq!(said(&[invoke(None), invoke(None)]), expected);
        let expected = "event 0: process 4 is answered and has not asked";
        assert_eq!(said(&[event(4, Kind::Ok, None)]), expected);
        let expected = "event 2: process 4 invokes after its `info`: give it a new number";
        assert_eq!(said(&[invoke(None), event(4, Kind::Info, None), invoke(None)]), expected);
        let expected = "event 1: some events have a time and some have none";
        assert_eq!(said(&[invoke(Some(1)), event(4, Kind::Ok, None)]), expected);
        let expected = "event 1: process 4 goes back from 2 ns to 1 ns";
        assert_eq!(said(&[invoke(Some(2)), event(4, Kind::Ok, Some(1))]), expected);
        let other = Event { function: "write".to_owned(), ..event(4, Kind::Ok, None) };
        let expected =
            "event 1: process 4 is answered to `write` and asked for something else at event 0";
        assert_eq!(said(&[invoke(None), other]), expected);
    }
}
