//! One execution: the plan that it follows and what came of it.

use std::collections::BTreeSet;
use std::fmt::Write;

use lab_runtime::{Fault, Kind};
use lab_scenario::{Answer, Judgement, Told};
use lab_store::StoreError;
use lab_task::{Task, TaskId};

use crate::beyond::Beyond;
use crate::lying::Places;
use crate::scheduler::Scheduler;

/// Which process takes each step: the choices first, and after them whoever the scheduler says.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// One choice for each step, from the first.
    pub choices: Vec<u8>,
    /// Who takes the steps after them.
    pub beyond: Beyond,
    /// Whether the choices are all: a step beyond them is a divergence.
    pub is_complete: bool,
    /// Who need not take the step after the choices, because another plan runs what would follow.
    pub asleep: Vec<Asleep>,
    /// Whether to keep what a person wants to see: labels, and the stored tasks after each step.
    pub describe: bool,
    /// Whether to look at what lies in the store's place before the first step and after the last.
    pub look_inside: bool,
}

/// A process whose next step was run from the same state by another plan. Until somebody takes a
/// step that does not commute with it, letting it go leads to nothing new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asleep {
    /// Which process; clients count from 1.
    pub process: u8,
    /// What its next step touches.
    pub touches: Vec<Touch>,
}

/// One object that a step touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Touch {
    /// Which object: a lock, a condition, or what an access names.
    pub object: u64,
    /// Whether it may have been changed.
    pub is_write: bool,
}

/// Whether the order of two steps that touch these objects makes a difference.
pub(crate) fn commute(one: &[Touch], other: &[Touch]) -> bool {
    let meet = |a: &Touch, b: &Touch| a.object == b.object && (a.is_write || b.is_write);
    !one.iter().any(|a| other.iter().any(|b| meet(a, b)))
}

/// Who takes a step, and what goes wrong at it, in one number: the process in the lower four bits
/// (clients count from 1), above them 0, or 1 and more for a fault by its place among all.
pub fn choice(process: usize, fault: Option<Fault>) -> u8 {
    let place = |fault| Fault::ALL.iter().position(|one| *one == fault).map_or(0, |at| at + 1);
    u8::try_from(process | fault.map_or(0, place) << 4).unwrap_or(u8::MAX)
}

/// Who takes the step of that choice.
pub fn process_of(choice: u8) -> usize {
    usize::from(choice & 0xf)
}

/// What goes wrong at the step of that choice.
pub fn fault_of(choice: u8) -> Option<Fault> {
    Fault::ALL.get(usize::from(choice >> 4).checked_sub(1)?).copied()
}

impl Plan {
    /// What shall go wrong at that step.
    pub(crate) fn fault(&self, step: usize) -> Option<Fault> {
        self.choices.get(step).and_then(|choice| fault_of(*choice))
    }

    pub(crate) fn next(
        &self,
        step: usize,
        enabled: u16,
        awake: u16,
        current: Option<usize>,
        scheduler: &mut dyn Scheduler,
    ) -> Result<usize, Cut> {
        let Some(choice) = self.choices.get(step) else {
            if self.is_complete {
                return Err(Cut::Diverged { step });
            }
            if awake == 0 {
                return Err(Cut::Asleep);
            }
            return Ok(scheduler.choose(awake, current));
        };
        let process = process_of(*choice);
        if enabled & 1 << process != 0 { Ok(process) } else { Err(Cut::Diverged { step }) }
    }
}

/// One step of an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Who took it; clients count from 1, threads of the store come after them.
    pub process: usize,
    /// Whether that is a client of the scenario.
    pub is_client: bool,
    /// Who could have, one bit each.
    pub enabled: u16,
    /// Who took the step before, if it could have gone on.
    pub current: Option<usize>,
    /// What it does.
    pub kind: Kind,
    /// What a person calls it; empty unless the plan asks to describe.
    pub label: String,
    /// What it touched.
    pub touches: Vec<Touch>,
    /// The faults that could have happened at it.
    pub faults: &'static [Fault],
    /// The one that did.
    pub fault: Option<Fault>,
    /// Whether the process then had to wait for another.
    pub waited: bool,
    /// The tasks as they were stored after this step, if somebody looked and could see them.
    pub stored: Option<Vec<Task>>,
    pub(crate) looked: bool,
}

impl Step {
    /// A step of an execution that somebody else schedules. What is known of it beyond this is for
    /// the caller to fill in.
    pub fn seen(process: usize, is_client: bool, kind: Kind, label: &str) -> Self {
        Self {
            process,
            is_client,
            enabled: 1 << process,
            current: None,
            kind,
            label: label.to_owned(),
            touches: Vec::new(),
            faults: &[],
            fault: None,
            waited: false,
            stored: None,
            looked: false,
        }
    }

    /// Whether it takes the baton from a process that could have gone on.
    pub fn is_preemption(&self) -> bool {
        self.current.is_some_and(|current| current != self.process)
    }
}

/// Why an execution was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Several sessions wait in the server for one thing: which of them goes on is its choice.
    ServerDecides,
    /// Every process waits for another.
    Deadlock,
    /// The plan names a process that could not take this step, or ends before the execution.
    Diverged {
        /// The step, from 0.
        step: usize,
    },
    /// Everybody who could go on is asleep: another plan runs what would follow.
    Asleep,
    /// A thread panicked.
    Panicked(String),
}

/// One execution and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// For each client what it was told, each with the number of the step after which.
    pub told: Vec<Vec<(usize, Told)>>,
    /// The tasks before, in the order of the scenario.
    pub before: Vec<Task>,
    /// The tasks after.
    pub after: Result<Vec<Task>, StoreError>,
    /// What lay in the place of the store, if the plan asked for it.
    pub places: Option<Places>,
    /// What it came to; for an execution that was cut, of no meaning.
    pub judgement: Judgement,
    /// Why it was given up, if it was.
    pub cut: Option<Cut>,
    /// Threads of the store that could have gone on when the last client ended, one bit each.
    pub left_out: u16,
}

impl Run {
    /// The choice of each step.
    pub fn schedule(&self) -> Vec<u8> {
        self.steps.iter().map(|step| choice(step.process, step.fault)).collect()
    }

    /// What everybody was told and what is stored afterwards, in words.
    pub(crate) fn outcome(&self) -> String {
        let mut text = String::with_capacity(1024);
        for told in &self.told {
            // What it did is the same each time, as far as it came.
            for (_, told) in told {
                let _ = write!(text, "{:?} ", told.answer);
            }
            text.push('/');
        }
        let _ = write!(text, "{:?}", self.after);
        text
    }

    /// Every task that was stored before or after, or lay in the place, or that a client was told
    /// to have made.
    pub(crate) fn ids(&self) -> BTreeSet<TaskId> {
        let stored = self.before.iter().chain(self.after.iter().flatten()).map(|task| task.id);
        let told = self.told.iter().flatten().filter_map(|(_, told)| match told.answer {
            Ok(Answer::Created(id)) => Some(id),
            _ => None,
        });
        let lying = self.places.iter().flat_map(Places::ids);
        stored.chain(told).chain(lying).collect()
    }

    /// How often the baton was taken from a process that could have gone on.
    pub fn preemptions(&self) -> usize {
        self.steps.iter().filter(|step| step.is_preemption()).count()
    }
}
