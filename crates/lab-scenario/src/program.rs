//! Programs as data: what a few processes do to one or two tasks, made up or written by hand.
//!
//! In a line: the operations of a process joined by `+`, the processes by `/`, the tasks counted
//! from 1, as in `edit1.minutes+list/save1.title`.

use std::fmt;
use std::str::FromStr;

use lab_store::{Guarantee, ScenarioName};
use lab_task::{Anomaly, Change, Status, Task};

use crate::{Action, PROCESSES_MAX, Process, Scenario, Script, serial};

/// What each process does, in order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Program(Vec<Vec<Op>>);

/// One operation of a program, before its values are known. The simplest come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Op {
    /// One request: change that field of that task.
    Edit(usize, Field),
    /// Two requests: open that task, later save the copy with that field changed.
    Save(usize, Field),
    /// Create a task.
    Create,
    /// Remove that task.
    Delete(usize),
    /// List all tasks.
    List,
    /// Set that task in progress if no other is.
    Start(usize),
}

/// What an operation changes of a task. The simplest comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Adds to the time spent.
    Minutes,
    /// Sets it done.
    Status,
    /// Sets the title.
    Title,
    /// Sets the description.
    Notes,
}

/// The most operations that one process has.
pub const OPS_MAX: usize = 4;
/// The most tasks that a program has.
pub const TASKS_MAX: usize = 2;

const WIP_LIMIT: u32 = 1;

impl Field {
    /// Every field, the simplest first.
    pub const ALL: [Self; 4] = [Self::Minutes, Self::Status, Self::Title, Self::Notes];

    fn as_str(self) -> &'static str {
        match self {
            Self::Minutes => "minutes",
            Self::Status => "status",
            Self::Title => "title",
            Self::Notes => "notes",
        }
    }

    /// What sets the field to a value that only the operation `nth` of `process` writes.
    fn change(self, process: usize, nth: usize) -> Change {
        let who = crate::play::client_name(process);
        let letter = who.chars().last().unwrap_or('?');
        let often = if nth == 0 { String::new() } else { format!(" {}", nth + 1) };
        let values = crate::new_task(
            &format!("{letter}'s title{often}"),
            &format!("{letter}'s notes{often}"),
        );
        match self {
            Self::Minutes => Change::AddMinutes(10 << (process * OPS_MAX + nth)),
            Self::Status => Change::Status(Status::Done),
            Self::Title => Change::Title(values.title),
            Self::Notes => Change::Description(values.description),
        }
    }
}

impl Op {
    fn slot(self) -> Option<usize> {
        match self {
            Self::Edit(slot, _) | Self::Save(slot, _) | Self::Delete(slot) | Self::Start(slot) => {
                Some(slot)
            }
            Self::Create | Self::List => None,
        }
    }

    /// The same operation on the first task.
    pub fn on_first_task(self) -> Self {
        match self {
            Self::Edit(_, field) => Self::Edit(0, field),
            Self::Save(_, field) => Self::Save(0, field),
            Self::Delete(_) => Self::Delete(0),
            Self::Start(_) => Self::Start(0),
            Self::Create | Self::List => self,
        }
    }

    /// Operations that are simpler than this one, the simplest first.
    pub fn simpler(self) -> impl Iterator<Item = Self> {
        let slots = 0..=self.slot().unwrap_or(0);
        let edits = slots.clone().flat_map(|slot| Field::ALL.map(|field| Self::Edit(slot, field)));
        let saves = slots.clone().flat_map(|slot| Field::ALL.map(|field| Self::Save(slot, field)));
        let others = slots.flat_map(|slot| [Self::Delete(slot), Self::Start(slot)]);
        edits.chain(saves).chain(others).filter(move |other| *other < self)
    }

    fn actions(self, process: usize, nth: usize) -> Vec<Action> {
        match self {
            Self::Edit(slot, field) => vec![Action::Edit(slot, field.change(process, nth))],
            Self::Save(slot, field) => {
                vec![Action::Open(slot), Action::SaveCopy(field.change(process, nth))]
            }
            Self::Create => {
                let letter = char::from(b'A' + u8::try_from(process).unwrap_or(0));
                let title = format!("{letter}'s task {}", nth + 1);
                vec![Action::Create(crate::new_task(&title, ""))]
            }
            Self::Delete(slot) => vec![Action::Delete(slot)],
            Self::List => vec![Action::List],
            Self::Start(slot) => vec![Action::Start(slot, WIP_LIMIT)],
        }
    }

    /// The scenarios that this operation is the matter of.
    fn scenarios(self) -> &'static [ScenarioName] {
        match self {
            Self::Edit(..) => &[ScenarioName::LogTime],
            Self::Save(..) => {
                &[ScenarioName::LogTime, ScenarioName::TwoEditors, ScenarioName::BackgroundStatus]
            }
            Self::Create => &[ScenarioName::CreateBurst],
            Self::Delete(_) => &[ScenarioName::EditDelete],
            Self::List => &[ScenarioName::ListWhileEditing],
            Self::Start(_) => &[ScenarioName::WipLimit],
        }
    }
}

/// What must look as if nobody came in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// One request.
    Request,
    /// One operation of the program: to open a task and to save it are two requests.
    Op,
}

impl Program {
    /// A program of these processes; those that do nothing are left out.
    ///
    /// # Errors
    /// It has fewer than two processes, or more of anything than there may be.
    pub fn new(processes: Vec<Vec<Op>>) -> Result<Self, ParseProgramError> {
        let processes: Vec<_> = processes.into_iter().filter(|ops| !ops.is_empty()).collect();
        let tasks = processes.iter().flatten().filter_map(|op| op.slot()).max();
        let fits = (2..=PROCESSES_MAX).contains(&processes.len())
            && processes.iter().all(|ops| ops.len() <= OPS_MAX)
            && tasks.is_none_or(|slot| slot < TASKS_MAX);
        if fits { Ok(Self(processes)) } else { Err(ParseProgramError::OutOfRange) }
    }

    /// What each process does.
    pub fn processes(&self) -> &[Vec<Op>] {
        &self.0
    }

    /// How many operations it has.
    pub fn ops(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    /// How many tasks there are before anybody begins.
    fn tasks(&self) -> usize {
        self.0.iter().flatten().filter_map(|op| op.slot()).max().map_or(0, |slot| slot + 1)
    }

    /// The anomalies that a store with that guarantee admits in a program of such operations, if
    /// what must look whole is a `unit`.
    pub fn admits(&self, guarantee: &Guarantee, unit: Unit) -> Vec<Anomaly> {
        let takes_two = [ScenarioName::TwoEditors, ScenarioName::BackgroundStatus];
        let names = self.0.iter().flatten().flat_map(|op| op.scenarios());
        let names = names.filter(|name| unit == Unit::Op || !takes_two.contains(name));
        let promises = names.filter_map(|name| guarantee.promise(*name));
        let mut admitted: Vec<Anomaly> =
            promises.flat_map(|promise| promise.admitted()).copied().collect();
        admitted.sort();
        admitted.dedup();
        admitted
    }

    /// The program as a scenario: it holds if some order of its units explains every answer and
    /// what is stored afterwards.
    pub fn scenario(&self, unit: Unit) -> Scenario {
        let task = |slot| crate::new_task(&format!("task {}", slot + 1), "");
        Scenario {
            script: Script::Program(self.clone()),
            story: "each process does its operations in order",
            tasks: (0..self.tasks()).map(task).collect(),
            processes: self.0.iter().enumerate().map(|(at, ops)| process(at, ops)).collect(),
            instances: 1,
            describe,
            judge: match unit {
                Unit::Request => serial::judge_requests,
                Unit::Op => serial::judge_ops,
            },
        }
    }
}

fn process(at: usize, ops: &[Op]) -> Process {
    let roles: Vec<String> = ops.iter().map(|op| role(*op)).collect();
    let actions = ops.iter().enumerate().flat_map(|(nth, op)| op.actions(at, nth));
    let name = crate::play::client_name(at);
    Process { name, role: roles.join(", "), actions: actions.collect() }
}

fn role(op: Op) -> String {
    match op {
        Op::Edit(slot, field) => format!("edits {} of task {}", field.as_str(), slot + 1),
        Op::Save(slot, field) => format!("opens task {}, saves {}", slot + 1, field.as_str()),
        Op::Create => "creates a task".to_owned(),
        Op::Delete(slot) => format!("deletes task {}", slot + 1),
        Op::List => "lists the tasks".to_owned(),
        Op::Start(slot) => format!("starts task {}", slot + 1),
    }
}

/// Each task with what is not as it was created.
fn describe(tasks: &[Task]) -> String {
    let words: Vec<String> = tasks.iter().map(describe_one).collect();
    if words.is_empty() { "no task".to_owned() } else { words.join(" + ") }
}

fn describe_one(task: &Task) -> String {
    let mut words = format!("{} {}", task.title, task.version);
    let notes = task.description.as_str();
    let is_started = task.status != Status::Todo;
    let parts = [
        (!notes.is_empty()).then(|| notes.to_owned()),
        is_started.then(|| task.status.to_string()),
        (task.minutes > 0).then(|| format!("{} min", task.minutes)),
    ];
    parts.into_iter().flatten().for_each(|part| words.push_str(&format!(", {part}")));
    words
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let processes = self.0.iter().map(|ops| {
            let ops: Vec<String> = ops.iter().map(ToString::to_string).collect();
            ops.join("+")
        });
        f.write_str(&processes.collect::<Vec<_>>().join("/"))
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edit(slot, field) => write!(f, "edit{}.{}", slot + 1, field.as_str()),
            Self::Save(slot, field) => write!(f, "save{}.{}", slot + 1, field.as_str()),
            Self::Create => f.write_str("create"),
            Self::Delete(slot) => write!(f, "delete{}", slot + 1),
            Self::List => f.write_str("list"),
            Self::Start(slot) => write!(f, "start{}", slot + 1),
        }
    }
}

impl FromStr for Program {
    type Err = ParseProgramError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let processes = text.split('/').map(|ops| ops.split('+').map(str::parse).collect());
        Self::new(processes.collect::<Result<_, _>>()?)
    }
}

impl FromStr for Op {
    type Err = ParseProgramError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // There are few enough to look through all of them.
        let slots = 0..TASKS_MAX;
        let of_slot = slots.flat_map(|slot| {
            let edits = Field::ALL.map(|field| Self::Edit(slot, field));
            let saves = Field::ALL.map(|field| Self::Save(slot, field));
            let others = [Self::Delete(slot), Self::Start(slot)];
            edits.into_iter().chain(saves).chain(others)
        });
        let mut all = of_slot.chain([Self::Create, Self::List]);
        let op = all.find(|op| op.to_string() == text);
        op.ok_or_else(|| ParseProgramError::NoOp(text.to_owned()))
    }
}

/// A text that is no program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseProgramError {
    /// That is no operation.
    #[error(
        "{0:?} is no operation: there are edit1.FIELD, save1.FIELD, create, delete1, list and \
         start1, for task 1 or 2; a FIELD is minutes, status, title or notes"
    )]
    NoOp(String),
    /// Too few or too many.
    #[error("a program has 2 to {PROCESSES_MAX} processes of 1 to {OPS_MAX} operations each")]
    OutOfRange,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_reads_back_as_it_was_written() {
        let text = "edit1.minutes+list/save2.title/create+delete1/start2";
        assert_eq!(text.parse::<Program>().unwrap().to_string(), text);
    }

    #[test]
    fn a_text_that_is_no_program_says_what_is_expected() {
        let error = |text: &str| text.parse::<Program>().unwrap_err().to_string();
        assert!(error("edit3.minutes/list").starts_with("\"edit3.minutes\" is no operation"));
        assert!(error("edit1.minutes").starts_with("a program has 2 to 4 processes"));
        assert!(error("list/").starts_with("\"\" is no operation"));
    }

    #[test]
    fn each_operation_writes_a_value_of_its_own() {
        let values = (0..PROCESSES_MAX)
            .flat_map(|process| (0..OPS_MAX).map(move |nth| Field::Minutes.change(process, nth)));
        let mut minutes: Vec<String> = values.map(|value| value.to_string()).collect();
        minutes.sort();
        minutes.dedup();
        assert_eq!(minutes.len(), PROCESSES_MAX * OPS_MAX);
    }

    #[test]
    fn what_is_simpler_is_smaller_and_ends() {
        let op = Op::Start(1);
        assert!(op.simpler().all(|simpler| simpler < op));
        assert_eq!(Op::Edit(0, Field::Minutes).simpler().count(), 0);
    }
}
