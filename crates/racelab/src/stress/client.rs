//! One client of a workload.

use std::time::Duration;

use lab_history::{Recorded, Track};
use lab_scenario::{Generator, StepKind, Workload};
use lab_store::{Claim, Session, StoreError};
use lab_task::{
    Change, Description, FencingToken, Filter, NewTask, Outcome, Refusal, Status, TaskId,
    TextError, Title,
};

use super::failures::Failures;
use super::stop::Stop;

/// A lease that its client cannot use any more ends by itself after the thinking and this.
const LEASE_SPARE: Duration = Duration::from_secs(30);
/// So many failures in a row, and a client gives up.
pub(super) const FAILURES_IN_A_ROW_MAX: u32 = 1000;

/// One client: it works on the tasks that it knows of, and looks again when one of them is gone.
pub(super) struct Client<'a> {
    session: Recorded,
    name: String,
    workload: &'a Workload,
    steps: Generator,
    new: NewTask,
    known: Vec<TaskId>,
    /// The task that it has started and not finished.
    started: Option<TaskId>,
    saves: u64,
    stop: &'a Stop,
}

/// What every task is at first.
pub(super) fn new_task() -> Result<NewTask, TextError> {
    Ok(NewTask {
        title: Title::new("Write the report")?,
        description: Description::new("Ten pages, with the figures of last year.")?,
    })
}

impl<'a> Client<'a> {
    /// A client that knows the tasks `known`.
    pub(super) fn new(
        session: Box<dyn Session>,
        track: Track,
        (workload, steps): (&'a Workload, Generator),
        known: Vec<TaskId>,
        stop: &'a Stop,
    ) -> Result<Self, TextError> {
        let name = format!("client {}", track.process());
        let session = Recorded::new(session, track);
        let new = new_task()?;
        Ok(Self { session, name, workload, steps, new, known, started: None, saves: 0, stop })
    }

    /// Takes one step after the other until the word comes, or until nothing succeeds any more.
    pub(super) fn run(mut self) -> Failures {
        let mut failures = Failures::default();
        let mut in_a_row = 0;
        while !self.stop.is_said() && in_a_row < FAILURES_IN_A_ROW_MAX {
            match self.step() {
                Ok(()) => {
                    failures.succeed();
                    in_a_row = 0;
                }
                Err(error) => {
                    failures.add(&error);
                    in_a_row += 1;
                }
            }
        }
        failures.gave_up = u64::from(in_a_row == FAILURES_IN_A_ROW_MAX);
        failures
    }

    fn step(&mut self) -> Result<(), StoreError> {
        let step = self.steps.next_step(self.known.len());
        let Some(id) = self.known.get(step.place).copied() else {
            return self.create();
        };
        match step.kind {
            StepKind::Get => {
                if self.session.get(id)?.is_none() {
                    self.look_again()?;
                }
                Ok(())
            }
            StepKind::List => self.look_again(),
            StepKind::Edit => {
                let outcome = self.session.edit(id, &Change::AddMinutes(1))?;
                self.hear(&outcome)
            }
            StepKind::Save => self.save(id),
            StepKind::Create => self.create(),
            StepKind::Delete => {
                let outcome = self.session.delete(id, None)?;
                self.known.swap_remove(step.place);
                self.hear(&outcome)
            }
            StepKind::Start => self.start_or_finish(id),
        }
    }

    fn create(&mut self) -> Result<(), StoreError> {
        let id = self.session.create(&self.new, None)?;
        self.known.push(id);
        Ok(())
    }

    fn look_again(&mut self) -> Result<(), StoreError> {
        let tasks = self.session.list(&Filter::ALL)?;
        self.known.clear();
        self.known.extend(tasks.iter().map(|task| task.id));
        Ok(())
    }

    /// Looks again if the task is gone.
    fn hear(&mut self, outcome: &Outcome) -> Result<(), StoreError> {
        if *outcome == Outcome::Refused(Refusal::NotFound) { self.look_again() } else { Ok(()) }
    }

    /// As a person does it: open the task, under a lease where the store has leases; think; save.
    fn save(&mut self, id: TaskId) -> Result<(), StoreError> {
        let time_to_live = self.workload.think + LEASE_SPARE;
        let lease = match self.session.leasing() {
            None => None,
            Some(leasing) => match leasing.claim(id, &self.name, time_to_live)? {
                Claim::Granted(token) => Some(token),
                Claim::Refused(refusal) => return self.hear(&Outcome::Refused(refusal)),
            },
        };
        let saved = self.save_under(id, lease);
        if let (Some(token), Some(leasing)) = (lease, self.session.leasing()) {
            leasing.release(id, token)?;
        }
        saved
    }

    fn save_under(&mut self, id: TaskId, lease: Option<FencingToken>) -> Result<(), StoreError> {
        let Some(mut copy) = self.session.get(id)? else {
            return self.look_again();
        };
        self.stop.wait(self.workload.think);
        Change::AddMinutes(1).apply_to_copy(&mut copy);
        // No two saves write the same, so that what somebody sees was written by one of them.
        self.saves += 1;
        if let Ok(words) = Description::new(format!("{}, save {}", self.name, self.saves)) {
            copy.description = words;
        }
        let outcome = match (lease, self.session.leasing()) {
            (Some(token), Some(leasing)) => leasing.save_claimed(&copy, token)?,
            _ => self.session.save(&copy)?,
        };
        self.hear(&outcome)
    }

    fn start_or_finish(&mut self, id: TaskId) -> Result<(), StoreError> {
        if let Some(started) = self.started {
            let outcome = self.session.edit(started, &Change::Status(Status::Done))?;
            // While somebody else has the lease it stays in progress, and is finished later.
            if !matches!(outcome, Outcome::Refused(Refusal::Held { .. })) {
                self.started = None;
            }
            return self.hear(&outcome);
        }
        let outcome = self.session.start(id, self.workload.wip_limit)?;
        if matches!(outcome, Outcome::Applied(_)) {
            self.started = Some(id);
        }
        self.hear(&outcome)
    }
}
