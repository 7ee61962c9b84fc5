//! Scenarios: tiny fixed programs of a few processes, small enough to explore every schedule.
//!
//! A scenario is data: what each process does, and by [`Scenario::judge`] what must hold
//! afterwards. Who runs the processes (real threads, the explorer, loom) is none of its business.
//! A [`Workload`] is the long form: a generated mix without an end.

mod background_status;
mod changes;
mod create_burst;
mod edit_delete;
mod judge;
mod list_while_editing;
mod log_time;
mod play;
mod program;
mod retried_create;
mod script;
mod serial;
mod two_editors;
mod two_instances;
mod wip_limit;
mod wire;
mod workload;

use std::fmt;
use std::str::FromStr;

use lab_store::ScenarioName;
use lab_task::{Change, Description, IdempotencyKey, NewTask, Task, Title};

pub use judge::{Execution, Judgement};
pub use play::{Answer, Told, play};
pub use program::{Field, OPS_MAX, Op, ParseProgramError, Program, TASKS_MAX, Unit};
pub use script::{ParseScriptError, Script};
pub use wire::{Reliable, Wire};
pub use workload::{Generator, Mix, ParseWorkloadError, Plan, Skew, Step, StepKind, Workload};

/// One scenario in one size.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Which, and how large.
    pub script: Script,
    /// What happens, in a sentence.
    pub story: &'static str,
    /// The tasks that are there before anybody begins.
    pub tasks: Vec<NewTask>,
    /// Who takes part.
    pub processes: Vec<Process>,
    /// How many instances of the store are open on one site; the processes take turns at them.
    pub instances: usize,
    /// The state in a few words, as far as this scenario changes it.
    pub(crate) describe: fn(&[Task]) -> String,
    /// What must hold afterwards.
    pub(crate) judge: fn(&Scenario, &Execution<'_>) -> Judgement,
}

/// One sequential client of a scenario.
#[derive(Clone, Debug)]
pub struct Process {
    /// `client A`.
    pub name: String,
    /// What it wants, in a few words.
    pub role: String,
    /// What it does, in order.
    pub actions: Vec<Action>,
}

/// One thing that a process does. Tasks are named by their position among the scenario's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Asks the store to read, change and write.
    Edit(usize, Change),
    /// Reads a task and keeps the copy; takes the lease first where the store gives leases.
    Open(usize),
    /// Changes the copy and saves it.
    SaveCopy(Change),
    /// Creates a task.
    Create(NewTask),
    /// Creates a task with a key, and once more with the same key if the answer does not arrive.
    CreateRetried(NewTask, IdempotencyKey),
    /// Removes a task.
    Delete(usize),
    /// Lists all tasks.
    List,
    /// Sets a task in progress if fewer others are than the limit says.
    Start(usize, u32),
    /// Takes away the next answer: a fault, not a client.
    CutWire,
}

impl Action {
    /// The change that it asks for, and of which task: for `SaveCopy` the one that was opened.
    pub fn change(&self) -> Option<&Change> {
        match self {
            Self::Edit(_, change) | Self::SaveCopy(change) => Some(change),
            _ => None,
        }
    }
}

impl Scenario {
    /// The scenario in the size that it usually has.
    pub fn usual(name: ScenarioName) -> Self {
        Self::sized(Size::usual(name))
    }

    /// The scenario in a size of one's choice.
    pub fn sized(size: Size) -> Self {
        match size.name {
            ScenarioName::LogTime => log_time::scenario(size),
            ScenarioName::TwoEditors => two_editors::scenario(size),
            ScenarioName::BackgroundStatus => background_status::scenario(size),
            ScenarioName::CreateBurst => create_burst::scenario(size),
            ScenarioName::EditDelete => edit_delete::scenario(size),
            ScenarioName::RetriedCreate => retried_create::scenario(size),
            ScenarioName::ListWhileEditing => list_while_editing::scenario(size),
            ScenarioName::WipLimit => wip_limit::scenario(size),
            ScenarioName::TwoInstances => two_instances::scenario(size),
        }
    }

    /// The stored tasks in a few words, as far as this scenario changes them.
    pub fn describe(&self, tasks: &[Task]) -> String {
        (self.describe)(tasks)
    }

    /// Judges one execution.
    pub fn judge(&self, execution: &Execution<'_>) -> Judgement {
        (self.judge)(self, execution)
    }
}

/// A scenario's name with the number of processes and how often each does its part. It reads
/// `log_time`, or `log_time@3x1` where it is not the usual size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Which scenario.
    pub name: ScenarioName,
    /// How many processes.
    pub processes: usize,
    /// How often each does its part.
    pub rounds: usize,
}

/// The most processes that a scenario may have: tokens name them A to D.
pub const PROCESSES_MAX: usize = 4;
/// The most rounds that a process may have.
pub const ROUNDS_MAX: usize = 4;

impl Size {
    /// Two processes that do their part once.
    pub fn usual(name: ScenarioName) -> Self {
        Self { name, processes: 2, rounds: 1 }
    }

    fn checked(self) -> Result<Self, ParseSizeError> {
        let most = match self.name {
            ScenarioName::LogTime | ScenarioName::TwoInstances => (PROCESSES_MAX, ROUNDS_MAX),
            ScenarioName::CreateBurst => (PROCESSES_MAX, 2),
            ScenarioName::WipLimit => (PROCESSES_MAX, 1),
            ScenarioName::TwoEditors | ScenarioName::BackgroundStatus => (3, 1),
            ScenarioName::EditDelete | ScenarioName::ListWhileEditing => (3, 1),
            ScenarioName::RetriedCreate => (2, 1),
        };
        if (2..=most.0).contains(&self.processes) && (1..=most.1).contains(&self.rounds) {
            return Ok(self);
        }
        Err(ParseSizeError::OutOfRange { name: self.name, processes: most.0, rounds: most.1 })
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::usual(self.name) {
            return self.name.fmt(f);
        }
        write!(f, "{}@{}x{}", self.name, self.processes, self.rounds)
    }
}

impl FromStr for Size {
    type Err = ParseSizeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (word, size) = text.split_once('@').map_or((text, None), |(w, s)| (w, Some(s)));
        let name = ScenarioName::ALL.into_iter().find(|name| name.as_str() == word);
        let name = name.ok_or_else(|| ParseSizeError::NoSuchScenario(word.to_owned()))?;
        let Some(size) = size else {
            return Ok(Self::usual(name));
        };
        let numbers = size
            .split_once('x')
            .and_then(|(processes, rounds)| Some((processes.parse().ok()?, rounds.parse().ok()?)));
        let (processes, rounds) = numbers.ok_or_else(|| ParseSizeError::NoSize(size.to_owned()))?;
        Self { name, processes, rounds }.checked()
    }
}

/// A text that names no scenario.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseSizeError {
    /// The name is not known.
    #[error("no scenario is called {0:?}: there are {names}", names = names())]
    NoSuchScenario(String),
    /// What follows the name is no size.
    #[error("{0:?} is no size: expected processes x rounds, as in 3x1")]
    NoSize(String),
    /// The scenario does not come that large.
    #[error("{name} takes 2 to {processes} processes and 1 to {rounds} rounds")]
    OutOfRange {
        /// Which scenario.
        name: ScenarioName,
        /// The most processes that it takes.
        processes: usize,
        /// The most rounds that it takes.
        rounds: usize,
    },
}

#[expect(clippy::expect_used, reason = "the texts are written in this crate, and a test makes all")]
fn new_task(title: &str, description: &str) -> NewTask {
    NewTask {
        title: Title::new(title).expect("a title"),
        description: Description::new(description).expect("a description"),
    }
}

/// One task's state in the words that `words` finds for it.
fn only(tasks: &[Task], words: impl Fn(&Task) -> String) -> String {
    tasks.first().map_or("no task".to_owned(), words)
}

/// The titles of all tasks.
fn titles(tasks: &[Task]) -> String {
    let titles: Vec<&str> = tasks.iter().map(|task| task.title.as_str()).collect();
    if titles.is_empty() { "no task".to_owned() } else { titles.join(" + ") }
}

fn names() -> String {
    ScenarioName::ALL.map(ScenarioName::as_str).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_reads_back_as_it_was_written() {
        for text in ["log_time", "two_editors", "log_time@3x1", "log_time@2x2"] {
            assert_eq!(text.parse::<Size>().unwrap().to_string(), text);
        }
        assert_eq!("log_time@2x1".parse::<Size>().unwrap().to_string(), "log_time");
    }

    #[test]
    fn every_scenario_can_be_made_in_its_usual_size() {
        for name in ScenarioName::ALL {
            assert_eq!(Scenario::usual(name).processes.len(), 2);
            assert!((2..=3).contains(
                &Scenario::sized(Size { processes: 2, ..Size::usual(name) }).processes.len()
            ));
        }
    }

    #[test]
    fn a_size_that_is_none_says_what_is_expected() {
        let error = |text: &str| text.parse::<Size>().unwrap_err().to_string();
        assert!(
            error("x").starts_with("no scenario is called \"x\": there are log_time, two_editors")
        );
        assert_eq!(error("log_time@3"), "\"3\" is no size: expected processes x rounds, as in 3x1");
        assert_eq!(error("log_time@0x1"), "log_time takes 2 to 4 processes and 1 to 4 rounds");
        assert_eq!(
            error("two_editors@4x1"),
            "two_editors takes 2 to 3 processes and 1 to 1 rounds"
        );
    }
}
