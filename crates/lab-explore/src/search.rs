//! Exhaustive search in the order of preemptions: none, one, two, ...
//!
//! Most races need very few preemptions (Musuvathi and Qadeer, "Iterative Context Bounding for
//! Systematic Testing of Multithreaded Programs", PLDI 2007), so the first one is found early and
//! its witness is short. Each schedule is run exactly once: a run follows a prefix of choices and
//! then switches only where it must; for each other choice that it could have made after the
//! prefix, the prefix up to there with that choice waits in the queue of its number of preemptions.

use std::collections::VecDeque;

use lab_scenario::Judgement;
use lab_store::StoreError;
use lab_task::Anomaly;

use crate::arena::Arena;
use crate::outcome::outcome;
use crate::run::{Cut, Plan, Run, Step, choice};

/// What a search found.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Every schedule that ran to its end, in the order of runs.
    pub schedules: Vec<Explored>,
    /// The first schedule of each anomaly, and how many had run when it was found.
    pub found: Vec<Found>,
    /// The first schedule that failed in a way that is no anomaly.
    pub failure: Option<(Vec<u8>, String)>,
    /// How many schedules were cut because the server decides who goes on.
    pub cut_by_server: usize,
    /// Every schedule with up to so many preemptions was run; `None` where not even those without.
    pub preemptions_complete: Option<usize>,
    /// Whether every schedule was run.
    pub is_complete: bool,
}

/// A schedule that ran to its end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Explored {
    /// The schedule.
    pub schedule: Vec<u8>,
    /// How many preemptions it has.
    pub preemptions: usize,
    /// The anomaly that it shows.
    pub anomaly: Option<Anomaly>,
    /// What everybody was told, and what is stored afterwards: equal for two schedules between
    /// which nobody could tell.
    pub outcome: u64,
}

/// The first schedule that showed an anomaly.
#[derive(Clone, Debug)]
pub struct Found {
    /// Which anomaly.
    pub anomaly: Anomaly,
    /// The schedule.
    pub schedule: Vec<u8>,
    /// How many schedules had been run then, this one included.
    pub after_schedules: usize,
}

impl Search {
    /// How many schedules showed any anomaly.
    pub fn anomalous(&self) -> usize {
        self.schedules.iter().filter(|one| one.anomaly.is_some()).count()
    }

    /// The outcome of each schedule.
    pub fn outcomes(&self) -> impl Iterator<Item = &u64> {
        self.schedules.iter().map(|one| &one.outcome)
    }

    /// How many schedules have at most so many preemptions.
    pub fn within_preemptions(&self, most: usize) -> usize {
        self.schedules.iter().filter(|one| one.preemptions <= most).count()
    }

    /// Of the schedules that begin with `prefix`, how many show an anomaly, and how many there are.
    pub fn share(&self, prefix: &[u8]) -> (usize, usize) {
        let mut share = (0, 0);
        for one in self.schedules.iter().filter(|one| one.schedule.starts_with(prefix)) {
            share.0 += usize::from(one.anomaly.is_some());
            share.1 += 1;
        }
        share
    }
}

/// Runs every schedule, up to `schedules_max` of them.
///
/// # Errors
/// The store cannot be opened or seeded.
pub fn explore(arena: &mut Arena, schedules_max: usize) -> Result<Search, StoreError> {
    explore_until(arena, schedules_max, 0, |_| false)
}

/// Runs every schedule, and every schedule with up to `faults_max` faults at steps where one may
/// happen, up to `schedules_max` in all.
///
/// # Errors
/// The store cannot be opened or seeded.
pub fn explore_faults(
    arena: &mut Arena,
    schedules_max: usize,
    faults_max: usize,
) -> Result<Search, StoreError> {
    explore_until(arena, schedules_max, faults_max, |_| false)
}

/// Runs every schedule, up to `schedules_max` of them, until what was found `is_enough`.
///
/// # Errors
/// The store cannot be opened or seeded.
pub(crate) fn explore_until(
    arena: &mut Arena,
    schedules_max: usize,
    faults_max: usize,
    is_enough: impl Fn(&Search) -> bool,
) -> Result<Search, StoreError> {
    let mut ordered = Ordered { faults_max, ..Ordered::default() };
    ordered.go_on(arena, schedules_max, is_enough)?;
    Ok(ordered.search)
}

/// A search in the order of preemptions, as far as it has come.
#[derive(Debug)]
pub struct Ordered {
    /// What it has found.
    pub search: Search,
    /// The prefixes that are to be run, by their number of preemptions.
    queues: Vec<VecDeque<Vec<u8>>>,
    preemptions: usize,
    runs: usize,
    faults_max: usize,
}

impl Default for Ordered {
    /// Nothing has been run.
    fn default() -> Self {
        let queues = vec![VecDeque::from([Vec::new()])];
        Self { search: Search::default(), queues, preemptions: 0, runs: 0, faults_max: 0 }
    }
}

impl Ordered {
    /// Goes on until `schedules_max` schedules were run in all, or what was found `is_enough`.
    ///
    /// # Errors
    /// The store cannot be opened or seeded.
    pub fn go_on(
        &mut self,
        arena: &mut Arena,
        schedules_max: usize,
        is_enough: impl Fn(&Search) -> bool,
    ) -> Result<(), StoreError> {
        while self.preemptions < self.queues.len() {
            while let Some(prefix) = self.queues[self.preemptions].pop_front() {
                if self.runs == schedules_max || is_enough(&self.search) {
                    self.queues[self.preemptions].push_front(prefix);
                    return Ok(());
                }
                self.runs += 1;
                let fixed = prefix.len();
                let run = arena.run(Plan { choices: prefix, ..Plan::default() })?;
                branch(&run, fixed, self.faults_max, &mut self.queues);
                let outcome = outcome(arena, &run);
                self.search.take(run, outcome, self.runs);
            }
            self.search.preemptions_complete = Some(self.preemptions);
            self.preemptions += 1;
        }
        self.search.is_complete = true;
        Ok(())
    }
}

/// Queues the choices that `run` could have made otherwise after its first `fixed` steps, and at
/// the last of those that it could have gone wrong.
fn branch(run: &Run, fixed: usize, faults_max: usize, queues: &mut Vec<VecDeque<Vec<u8>>>) {
    let schedule = run.schedule();
    let (mut preemptions, mut faults) = (0, 0);
    for (at, step) in run.steps.iter().enumerate() {
        let here = usize::from(step.is_preemption());
        let mut push = |choice: u8, with: usize| {
            if queues.len() <= with {
                queues.resize_with(with + 1, VecDeque::new);
            }
            queues[with].push_back([&schedule[..at], &[choice]].concat());
        };
        if at >= fixed {
            let with = preemptions + usize::from(step.current.is_some());
            others(step).for_each(|other| push(other, with));
        }
        if at + 1 >= fixed && step.fault.is_none() && faults < faults_max {
            let gone_wrong = step.faults.iter().map(|fault| choice(step.process, Some(*fault)));
            gone_wrong.for_each(|choice| push(choice, preemptions + here));
        }
        preemptions += here;
        faults += usize::from(step.fault.is_some());
    }
}

/// Who else could have taken this step.
fn others(step: &Step) -> impl Iterator<Item = u8> + use<> {
    let (enabled, taken) = (step.enabled, step.process);
    (0..16_u8).filter(move |other| enabled & 1 << other != 0 && usize::from(*other) != taken)
}

impl Search {
    pub(crate) fn take(&mut self, run: Run, outcome: u64, runs: usize) {
        let (schedule, preemptions) = (run.schedule(), run.preemptions());
        match run.cut {
            None => {}
            Some(Cut::Asleep) => return,
            Some(Cut::ServerDecides) => {
                self.cut_by_server += 1;
                return;
            }
            Some(Cut::Deadlock) => {
                let why = match run.judgement {
                    Judgement::Failed(why) => why,
                    _ => "deadlock".to_owned(),
                };
                return self.failed(schedule, why);
            }
            Some(Cut::Panicked(message)) => {
                return self.failed(schedule, format!("the store panicked: {message}"));
            }
            Some(Cut::Diverged { step }) => {
                let text =
                    format!("the store is not deterministic: it diverged at step {}", step + 1);
                return self.failed(schedule, text);
            }
        }
        let anomaly = run.judgement.anomaly();
        if let Judgement::Failed(why) = run.judgement {
            self.failed(schedule.clone(), why);
        }
        if let Some(anomaly) = anomaly
            && self.found.iter().all(|found| found.anomaly != anomaly)
        {
            let schedule = schedule.clone();
            self.found.push(Found { anomaly, schedule, after_schedules: runs });
        }
        self.schedules.push(Explored { schedule, preemptions, anomaly, outcome });
    }

    fn failed(&mut self, schedule: Vec<u8>, why: String) {
        self.failure.get_or_insert((schedule, why));
    }
}
