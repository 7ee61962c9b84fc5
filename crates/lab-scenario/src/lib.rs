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
mod size;
mod two_editors;
mod two_instances;
mod wip_limit;
mod wire;
mod workload;

use std::fmt;

use lab_store::ScenarioName;
use lab_task::{Change, Description, IdempotencyKey, NewTask, Task, Title};

pub use judge::{Asked, Execution, Judgement};
pub use play::{Answer, Told, play};
pub use program::{Field, OPS_MAX, Op, ParseProgramError, Program, TASKS_MAX, Unit};
pub use script::{ParseScriptError, Script};
pub use size::{LeftOut, PROCESSES_MAX, ParseSizeError, ROUNDS_MAX, Size};
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

    /// The task that it opens.
    fn opens(&self) -> Option<usize> {
        match self {
            Self::Open(slot) => Some(*slot),
            _ => None,
        }
    }
}

impl Process {
    /// What it does when it was told `last`, if anything was told.
    pub fn next(&self, last: Option<&Told>) -> Option<&Action> {
        let Some(Told { action, answer }) = last else { return self.actions.first() };
        let at = self.actions.iter().position(|one| one == action)?;
        let is_half = matches!(answer, Ok(Answer::Claimed(_) | Answer::Unanswered));
        self.actions.get(if is_half { at } else { at + 1 })
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edit(slot, change) => write!(f, "{change} (task {})", slot + 1),
            Self::Open(slot) => write!(f, "opens task {}", slot + 1),
            Self::SaveCopy(change) => change.fmt(f),
            Self::Create(_) | Self::CreateRetried(..) => f.write_str("creates a task"),
            Self::Delete(slot) => write!(f, "deletes task {}", slot + 1),
            Self::List => f.write_str("lists the tasks"),
            Self::Start(slot, _) => write!(f, "starts task {}", slot + 1),
            Self::CutWire => f.write_str("loses an answer"),
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
        let mut scenario = match size.name {
            ScenarioName::LogTime => log_time::scenario(size),
            ScenarioName::TwoEditors => two_editors::scenario(size),
            ScenarioName::BackgroundStatus => background_status::scenario(size),
            ScenarioName::CreateBurst => create_burst::scenario(size),
            ScenarioName::EditDelete => edit_delete::scenario(size),
            ScenarioName::RetriedCreate => retried_create::scenario(size),
            ScenarioName::ListWhileEditing => list_while_editing::scenario(size),
            ScenarioName::WipLimit => wip_limit::scenario(size),
            ScenarioName::TwoInstances => two_instances::scenario(size),
        };
        size.left_out.take_out(&mut scenario.processes);
        scenario
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_can_be_made_in_its_usual_size() {
        for name in ScenarioName::ALL {
            assert_eq!(Scenario::usual(name).processes.len(), 2);
            assert!((2..=3).contains(
                &Scenario::sized(Size { processes: 2, ..Size::usual(name) }).processes.len()
            ));
        }
    }
}
