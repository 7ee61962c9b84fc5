//! Where the time of an edit goes: each store with its spans and without them, in interleaved
//! rounds.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

use lab_runtime::Span;
use lab_stats::{Cost, CostPart, CostRound, Edits};
use lab_store::Session;
use lab_task::{Change, Outcome, TaskId};

use crate::client::all_tasks;
use crate::crew::{longest_warm_up, wait};
use crate::ground::Ground;
use crate::interleaved::{Measured, Rounds, Turn, interleave};
use crate::ledger::audit_total;
use crate::spent::{self, Spent};
use crate::{Contender, MeasureError};

/// What is measured together. All clients edit one task.
pub struct CostSeries {
    /// Who: each as it is, and on [`crate::Traced`].
    pub contenders: Vec<(Contender, Contender)>,
    /// With how many clients, each in turn.
    pub clients: Vec<u32>,
    /// With how many tasks.
    pub tasks: u32,
    /// How often everything is measured.
    pub rounds: u32,
    /// For how long each time, once with spans and once without.
    pub for_each: Duration,
    /// Where chance begins: the order of rounds.
    pub seed: u64,
}

/// Measures a series. What cannot be measured has its reason.
///
/// # Errors
/// Nothing can be measured here at all.
pub fn costs(
    series: &CostSeries,
    ground: &mut Ground,
    mut progress: impl FnMut(&str),
) -> Result<Vec<Cost>, MeasureError> {
    let mut cells = cells(series);
    let rounds = Rounds { count: series.rounds, seed: series.seed };
    interleave(&mut cells, rounds, ground, "costs", &mut progress)?;
    Ok(cells.into_iter().map(|cell| cell.cost).collect())
}

/// A row that is being made.
struct Cell<'a> {
    /// The store as it is, and on [`crate::Traced`].
    pair: &'a (Contender, Contender),
    for_each: Duration,
    cost: Cost,
}

fn cells(series: &CostSeries) -> Vec<Cell<'_>> {
    let cell = |clients: u32| {
        series.contenders.iter().map(move |pair| {
            let subject = pair.0.subject.clone();
            let (rounds, not_run) = (Vec::new(), None);
            let cost = Cost { subject, clients, tasks: series.tasks, rounds, not_run };
            Cell { pair, for_each: series.for_each, cost }
        })
    };
    series.clients.iter().copied().flat_map(cell).collect()
}

impl Measured for Cell<'_> {
    fn name(&self) -> &str {
        &self.cost.subject.name
    }

    fn is_out(&self) -> bool {
        self.cost.not_run.is_some()
    }

    fn take(&mut self, turn: Turn<'_>) -> Option<usize> {
        match self.round(turn.rng.bool(), turn.ground) {
            Ok(round) => {
                self.cost.rounds.push(round);
                Some(self.cost.rounds.len() - 1)
            }
            Err(error) => {
                self.cost.not_run = Some(error.to_string());
                None
            }
        }
    }

    fn mark(&mut self, place: usize, foreign_cpu_share: f64) {
        self.cost.rounds[place].foreign_cpu_share = Some(foreign_cpu_share);
    }
}

impl Cell<'_> {
    /// Both forms, one after the other, in an order that chance chose.
    fn round(&self, is_traced_first: bool, ground: &mut Ground) -> Result<CostRound, MeasureError> {
        let (plain, with_spans) = self.pair;
        let mut edit = |contender| edit(contender, &self.cost, self.for_each, ground);
        let first = if is_traced_first { Some(edit(with_spans)?) } else { None };
        let untraced = edit(plain)?;
        let traced = match first {
            Some(traced) => traced,
            None => edit(with_spans)?,
        };
        let spent = traced.spent;
        let part = |span: Span| CostPart {
            span: span.to_string(),
            count: spent.count(span),
            total_ns: spent.in_span_ns(span),
        };
        Ok(CostRound {
            untraced: untraced.edits(),
            traced: traced.edits(),
            parts: Span::ALL.map(part).into(),
            rest_ns: spent.rest_ns,
            foreign_cpu_share: None,
        })
    }
}

/// What clients did.
#[derive(Default)]
struct Done {
    count: u64,
    failed: u64,
    /// Since the warm-up began.
    acknowledged: u64,
    lost: u64,
    spent: Spent,
}

impl Done {
    fn edits(&self) -> Edits {
        let (count, failed, lost) = (self.count, self.failed, self.lost);
        Edits { count, failed, lost, total_ns: self.spent.total_ns }
    }
}

/// Lets clients warm up and then edit one task of a fresh store for a while.
fn edit(
    contender: &Contender,
    cost: &Cost,
    for_each: Duration,
    ground: &mut Ground,
) -> Result<Done, MeasureError> {
    let name = &cost.subject.name;
    let failed = |why| MeasureError::store(name, why);
    let fresh = ground.fresh(contender, cost.tasks as usize)?;
    let hot = fresh.tasks.get(fresh.tasks.len() / 2).map(|task| task.id);
    let hot = hot.ok_or_else(|| MeasureError::NotPossible(format!("{name}: it has no task")))?;
    let sessions = (0..cost.clients).map(|_| fresh.store.session().map_err(failed));
    let mut sessions: Vec<_> = sessions.collect::<Result<_, _>>()?;
    let phase = Phase::default();
    let start = Barrier::new(sessions.len());
    let mut done = thread::scope(|scope| {
        let mut clients = Vec::new();
        for session in &mut sessions {
            let (phase, start) = (&phase, &start);
            clients.push(scope.spawn(move || {
                start.wait();
                client(&mut **session, hot, phase)
            }));
        }
        wait(longest_warm_up(for_each));
        phase.is_measured.store(true, Ordering::Relaxed);
        wait(for_each);
        phase.is_over.store(true, Ordering::Relaxed);
        together(clients)
    });
    drop(sessions);
    let after = fresh.store.session().and_then(|mut session| all_tasks(&mut *session));
    // What cannot be read any more holds nothing.
    let after = after.unwrap_or_default();
    let survival = audit_total(done.acknowledged, &fresh.tasks, &after);
    done.lost = survival.acknowledged - survival.survived;
    Ok(done)
}

#[derive(Default)]
struct Phase {
    is_measured: AtomicBool,
    is_over: AtomicBool,
}

/// Edits until it is over, and at least once while it is measured.
fn client(session: &mut dyn Session, task: TaskId, phase: &Phase) -> Done {
    let mut done = Done::default();
    loop {
        let is_measured = phase.is_measured.load(Ordering::Relaxed);
        if done.count > 0 && phase.is_over.load(Ordering::Relaxed) {
            return done;
        }
        let (answer, spent) = spent::operation(|| session.edit(task, &Change::AddMinutes(1)));
        let is_applied = matches!(answer, Ok(Outcome::Applied(_)));
        done.acknowledged += u64::from(is_applied);
        if is_measured {
            done.count += 1;
            done.failed += u64::from(!is_applied);
            done.spent += spent;
        }
    }
}

fn together(clients: Vec<ScopedJoinHandle<'_, Done>>) -> Done {
    let mut all = Done::default();
    for client in clients {
        let done = client.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        all.count += done.count;
        all.failed += done.failed;
        all.acknowledged += done.acknowledged;
        all.spent += done.spent;
    }
    all
}
