//! One client: carries out the steps of a workload, and keeps account of what it is told.

use std::mem;
use std::thread;
use std::time::{Duration, Instant};

use lab_scenario::{Generator, Step, StepKind, Workload};
use lab_store::{Session, StoreError};
use lab_task::{
    Change, Description, Filter, NewTask, Outcome, Refusal, Status, Task, TaskId, Title,
};

use crate::Ledger;

/// One client of a store.
pub(crate) struct Client {
    session: Box<dyn Session>,
    steps: Generator,
    think: Duration,
    wip_limit: u32,
    new: NewTask,
    known: Vec<Known>,
    /// Tasks that are gone, with what was acknowledged before.
    gone: Vec<Known>,
    started: Option<TaskId>,
    ledger: Ledger,
    /// Changes that were refused.
    pub(crate) refused: u64,
    /// Operations that failed, and what the first of them said.
    pub(crate) failed: u64,
    pub(crate) failure: Option<String>,
}

/// A task that the client knows of.
#[derive(Clone, Copy)]
struct Known {
    id: TaskId,
    minutes: u64,
}

/// What every task of a measurement looks like.
pub(crate) fn new_task() -> Result<NewTask, StoreError> {
    let title = Title::new("Write the report");
    let description = Description::new("Ten pages, with the figures of last year.");
    match (title, description) {
        (Ok(title), Ok(description)) => Ok(NewTask { title, description }),
        (Err(why), _) | (_, Err(why)) => Err(StoreError::unavailable("the task of a client", why)),
    }
}

impl Client {
    pub(crate) fn new(
        session: Box<dyn Session>,
        workload: &Workload,
        steps: Generator,
        tasks: &[TaskId],
    ) -> Result<Self, StoreError> {
        Ok(Self {
            session,
            steps,
            think: workload.think,
            wip_limit: workload.wip_limit,
            new: new_task()?,
            known: tasks.iter().map(|id| Known { id: *id, minutes: 0 }).collect(),
            gone: Vec::new(),
            started: None,
            ledger: Ledger::default(),
            refused: 0,
            failed: 0,
            failure: None,
        })
    }

    /// Carries out one step; whether it got a good answer.
    #[inline]
    pub(crate) fn step(&mut self) -> bool {
        let step = self.steps.next_step(self.known.len());
        match self.take(step) {
            Ok(is_good) => {
                self.refused += u64::from(!is_good);
                is_good
            }
            Err(error) => {
                self.failed += 1;
                self.failure.get_or_insert_with(|| error.to_string());
                false
            }
        }
    }

    /// What it was told, in the end.
    pub(crate) fn into_ledger(mut self) -> Ledger {
        for Known { id, minutes } in self.known.iter().chain(&self.gone) {
            if *minutes > 0 {
                *self.ledger.minutes.entry(*id).or_default() += minutes;
            }
        }
        mem::take(&mut self.ledger)
    }

    #[inline]
    fn take(&mut self, step: Step) -> Result<bool, StoreError> {
        let Some(known) = self.known.get(step.place).copied() else { return self.create() };
        let id = known.id;
        match step.kind {
            StepKind::Get => {
                let is_there = self.session.get(id)?.is_some();
                Ok(is_there || self.forget(step.place))
            }
            StepKind::List => self.session.list(&Filter::ALL).map(|_| true),
            StepKind::Edit => {
                let outcome = self.session.edit(id, &Change::AddMinutes(1))?;
                Ok(self.account(step.place, &outcome))
            }
            StepKind::Save => self.save(step.place, id),
            StepKind::Create => self.create(),
            StepKind::Delete => self.delete(step.place, id),
            StepKind::Start => self.start_or_finish(step.place, id),
        }
    }

    /// Notes an acknowledged minute; a task that is not there is not asked for again.
    #[inline]
    fn account(&mut self, place: usize, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Applied(_) => {
                self.known[place].minutes += 1;
                true
            }
            Outcome::Refused(Refusal::NotFound) => self.forget(place),
            Outcome::Refused(_) => false,
        }
    }

    fn forget(&mut self, place: usize) -> bool {
        self.gone.push(self.known.swap_remove(place));
        false
    }

    fn save(&mut self, place: usize, id: TaskId) -> Result<bool, StoreError> {
        let Some(mut copy) = self.session.get(id)? else { return Ok(self.forget(place)) };
        pause_until(Instant::now() + self.think, self.think);
        Change::AddMinutes(1).apply_to_copy(&mut copy);
        let outcome = self.session.save(&copy)?;
        Ok(self.account(place, &outcome))
    }

    fn create(&mut self) -> Result<bool, StoreError> {
        let id = self.session.create(&self.new, None)?;
        self.known.push(Known { id, minutes: 0 });
        self.ledger.created.push(id);
        Ok(true)
    }

    fn delete(&mut self, place: usize, id: TaskId) -> Result<bool, StoreError> {
        let outcome = self.session.delete(id, None)?;
        self.forget(place);
        let is_applied = matches!(outcome, Outcome::Applied(_));
        self.ledger.deleted.extend(is_applied.then_some(id));
        Ok(is_applied)
    }

    fn start_or_finish(&mut self, place: usize, id: TaskId) -> Result<bool, StoreError> {
        let outcome = match self.started.take() {
            Some(id) => self.session.edit(id, &Change::Status(Status::Done))?,
            None => {
                let outcome = self.session.start(id, self.wip_limit)?;
                self.started = matches!(outcome, Outcome::Applied(_)).then_some(id);
                if outcome == Outcome::Refused(Refusal::NotFound) {
                    return Ok(self.forget(place));
                }
                outcome
            }
        };
        Ok(matches!(outcome, Outcome::Applied(_)))
    }
}

/// Every task that is there now.
pub(crate) fn all_tasks(session: &mut dyn Session) -> Result<Vec<Task>, StoreError> {
    session.list(&Filter::ALL)
}

/// Waits until `due`, if that is not yet. A timer is late by its slack, so the last part of the
/// wait looks at the clock, and lets others run meanwhile.
pub(crate) fn pause_until(due: Instant, longest: Duration) {
    const SLACK: Duration = Duration::from_micros(120);
    if longest.is_zero() {
        return;
    }
    loop {
        let left = due.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        match left.checked_sub(SLACK).filter(|left| !left.is_zero()) {
            Some(left) => thread::park_timeout(left),
            None => thread::yield_now(),
        }
    }
}
