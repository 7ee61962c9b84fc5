//! The operations of a finding of which none can be left out, and the orders in time that the
//! contradiction needs.
//!
//! Operations that contradict each other by their versions do so whatever others did: versions say
//! where each stands. So whatever part of them still meets the definition of the anomaly proves it,
//! and they can be left out one by one. What rests on the whole history, that nobody made what was
//! seen or that counts were never true, has no such part: leaving out an operation that was never
//! found leaves nothing to look at.

use lab_check::{Interval, NEVER, orders, widen};
use lab_history::{Ending, Record};
use lab_task::Anomaly;

use crate::finding::Finding;
use crate::verify::is_proved;

/// What is left of the operations of a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Core {
    /// The operations, in the order of the finding; a task of a list stands for its list.
    pub steps: Vec<Record>,
    /// Pairs of these, by place: the contradiction needs that the first was answered before the
    /// second was invoked. What follows from other pairs is left out.
    pub orders: Vec<(usize, usize)>,
    /// Whether they show it alone, and none of them can be left out. If not, the finding rests on
    /// the whole history and these are the operations that it is about.
    pub is_minimal: bool,
    /// Of a lost update: who made what was overwritten, where the contradiction does not need it.
    pub overwritten: Vec<Record>,
}

impl Core {
    /// The core of a finding.
    pub fn of(finding: &Finding) -> Self {
        let is_shown = |steps: &[Record]| is_proved(finding.anomaly, steps);
        let mut steps = finding.steps.clone();
        if !is_shown(&steps) {
            return Self { steps, ..Self::default() };
        }
        // From the first one again: what could not be spared beside others may be spared later.
        while let Some(fewer) = without_one(&steps, is_shown) {
            steps = fewer;
        }
        let orders = orders_of(&steps, is_shown);
        let overwritten = overwritten(finding, &steps);
        Self { steps, orders, is_minimal: true, overwritten }
    }
}

/// The changes of a lost update that are not among `steps`, which prove it.
fn overwritten(finding: &Finding, steps: &[Record]) -> Vec<Record> {
    let is_lost_update = finding.anomaly == Anomaly::LostUpdate;
    let left_out = finding.steps.iter().filter(|step| !steps.contains(step));
    left_out.filter(|step| is_lost_update && step.function.is_change()).copied().collect()
}

fn without_one(steps: &[Record], is_shown: impl Fn(&[Record]) -> bool) -> Option<Vec<Record>> {
    (0..steps.len()).find_map(|left_out| {
        let mut fewer = steps.to_vec();
        fewer.remove(left_out);
        is_shown(&fewer).then_some(fewer)
    })
}

/// What is left of real time when each operation is made as long as it can be.
fn orders_of(steps: &[Record], is_shown: impl Fn(&[Record]) -> bool) -> Vec<(usize, usize)> {
    let mut operations: Vec<(u32, u64)> = steps.iter().map(operation).collect();
    operations.sort_unstable();
    operations.dedup();
    let of: Vec<usize> = steps
        .iter()
        .map(|step| operations.binary_search(&operation(step)).unwrap_or_default())
        .collect();
    let mut intervals = intervals(steps, &of, operations.len());
    widen(&mut intervals, |intervals, _| {
        let mut wider = steps.to_vec();
        for (step, of) in wider.iter_mut().zip(&of) {
            let Interval { invoked, answered } = intervals[*of];
            let answered = if answered == NEVER { u64::MAX } else { answered.into() };
            (step.invoked, step.answered) = (invoked.into(), answered);
        }
        is_shown(&wider)
    });
    // An operation of several steps is named by the first of them.
    let first = |operation: usize| of.iter().position(|it| *it == operation).unwrap_or_default();
    orders(&intervals).into_iter().map(|(one, other)| (first(one), first(other))).collect()
}

/// A client has one operation under way, so its place tells which.
fn operation(step: &Record) -> (u32, u64) {
    (step.process, step.invoked)
}

/// When each operation took place, in places among their own.
fn intervals(steps: &[Record], of: &[usize], operations: usize) -> Vec<Interval> {
    let mut places: Vec<u64> = steps.iter().flat_map(|it| [it.invoked, it.answered]).collect();
    places.sort_unstable();
    places.dedup();
    let place = |at: u64| {
        let place = places.binary_search(&at).unwrap_or_default();
        u32::try_from(place).unwrap_or(NEVER - 1)
    };
    let mut intervals = vec![Interval { invoked: 0, answered: 0 }; operations];
    for (step, of) in steps.iter().zip(of) {
        let is_lost = step.ending == Ending::Info;
        let answered = if is_lost { NEVER } else { place(step.answered) };
        intervals[*of] = Interval { invoked: place(step.invoked), answered };
    }
    intervals
}
