//! What each process did last, and so what it may do next.

use std::collections::HashMap;

use serde_json::Value;

use crate::error::Trouble;
use crate::{Event, Kind};

/// Holds each event against those before it.
#[derive(Default)]
pub(crate) struct Order {
    /// By process; processes are numbered from 0 as a rule, and those that are not are in `others`.
    first: Vec<Process>,
    others: HashMap<u64, Process>,
    time_ns: Option<u64>,
    events: u64,
}

const FIRST: u64 = 4096;

#[derive(Clone, Default)]
struct Process {
    state: State,
    /// The operation that is open, or was last, and where it was invoked.
    function: String,
    key: Option<Value>,
    line: u64,
}

#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    Idle,
    Waiting,
    Crashed,
}

impl Order {
    /// How many events there were.
    pub(crate) fn events(&self) -> u64 {
        self.events
    }

    /// Takes the next event, which stands at `line`.
    pub(crate) fn take(&mut self, event: &Event, line: u64) -> Result<(), Trouble> {
        self.take_time(event)?;
        self.events += 1;
        let process = self.process(event.process);
        match (process.state, event.kind) {
            (State::Idle, Kind::Invoke) => {
                process.state = State::Waiting;
                process.line = line;
                process.function.clear();
                process.function.push_str(&event.function);
                process.key.clone_from(&event.key);
                return Ok(());
            }
            (State::Waiting, Kind::Ok | Kind::Fail) => process.state = State::Idle,
            (State::Waiting, Kind::Info) => process.state = State::Crashed,
            (state, kind) => return Err(process.trouble(state, kind, event.process)),
        }
        process.is_answered_by(event)
    }

    fn take_time(&mut self, event: &Event) -> Result<(), Trouble> {
        let remedy = "sort the file by time, or leave out all times if events happened in the \
                      order of lines";
        if self.events > 0 && event.time_ns.is_some() != self.time_ns.is_some() {
            return Err(Trouble::new("some events have a time and some have none", remedy));
        }
        if event.time_ns < self.time_ns {
            return Err(Trouble::new("time goes backwards", remedy));
        }
        self.time_ns = event.time_ns;
        Ok(())
    }

    fn process(&mut self, id: u64) -> &mut Process {
        if id >= FIRST {
            return self.others.entry(id).or_default();
        }
        let at = id as usize;
        if at >= self.first.len() {
            self.first.resize(at + 1, Process::default());
        }
        &mut self.first[at]
    }
}

impl Process {
    /// An answer says to what it is one; of which key it may leave out.
    fn is_answered_by(&self, event: &Event) -> Result<(), Trouble> {
        let (id, function) = (event.process, &self.function);
        let cause = match (&event.key, &self.key) {
            _ if event.function != *function => {
                format!("process {id} is answered to {} and asked for {function}", event.function)
            }
            (Some(told), Some(asked)) if told != asked => {
                format!("process {id} is answered about key {told} and asked about {asked}")
            }
            (Some(told), None) => {
                format!("process {id} is answered about key {told} and asked about none")
            }
            _ => return Ok(()),
        };
        Err(Trouble::new(cause, format!("see its invocation in line {}", self.line)))
    }

    fn trouble(&self, state: State, kind: Kind, id: u64) -> Trouble {
        let (line, word) = (self.line, kind.as_str());
        match state {
            State::Idle => Trouble::new(
                format!("{word} of process {id}, which has invoked nothing"),
                "each answer follows an invocation; is the beginning of the file missing?",
            ),
            State::Waiting => Trouble::new(
                format!("process {id} invokes again, and line {line} has no answer yet"),
                "a process does one thing at a time: number clients apart, or say info first",
            ),
            State::Crashed => Trouble::new(
                format!("process {id} goes on after an info (invoked in line {line})"),
                "what it does next may overlap what may still happen: give it a new number",
            ),
        }
    }
}
