//! What versions leave open of a task store's history, decided by the search over all tasks.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::Result;
use lab_check::{Budget, Core, History, Limit, TaskStore, Verdict, Violation, check};
use lab_history::{Function, Record};
use lab_order::Open;

use super::answer::{self, Reached, Told, ms, why};
use super::tasks::{Kept, lanes};

/// How fast a history is made of records, at least; meanwhile nobody looks at the clock.
const MADE_BYTES_PER_NS: u64 = 1;
/// How long shrinking may take, in what is left of the time.
const CORE_TIME: Duration = Duration::from_secs(5);

/// What came of it.
#[derive(Default)]
pub(super) struct Rest {
    /// What nothing decides, or what is undecided where the budget ran out.
    pub(super) left_open: Vec<&'static str>,
    pub(super) violation: Option<Told>,
    pub(super) unknown: Option<Reached>,
    pub(super) ordered_operations: Option<u64>,
}

/// Decides what versions, which contradict nothing, leave open.
pub(super) fn decide(
    kept: &Kept,
    open: &BTreeSet<Open>,
    budget: Budget,
    spent: Duration,
    is_timed: bool,
) -> Result<Rest> {
    // No search knows titles.
    let undecided = |is_known: bool| {
        let all = open.iter().filter(|it| is_known || **it == Open::Titles);
        all.map(|it| it.as_str()).collect::<Vec<_>>()
    };
    if !can_decide(open) {
        return Ok(Rest { left_open: undecided(false), ..Rest::default() });
    }
    let time = budget.time.saturating_sub(spent);
    let bytes = size_of_val(kept.records.as_slice()) as u64;
    let is_late = time <= Duration::from_nanos(bytes / MADE_BYTES_PER_NS);
    if let Some(limit) = kept.cut.or(is_late.then_some(Limit::Time)) {
        let left_open = undecided(true);
        return Ok(Rest { left_open, unknown: Some(reached(limit)), ..Rest::default() });
    }
    let start = Instant::now();
    let left = || time.saturating_sub(start.elapsed());
    let (mut store, history) = TaskStore::new(&kept.records)?;
    let mut rest = Rest { left_open: undecided(false), ..Rest::default() };
    match check(&history, &mut store, Budget { time: left(), ..budget })? {
        Verdict::Holds(order) => rest.ordered_operations = Some(order.operations() as u64),
        Verdict::Violated(violation) if !store.has_assumed() => {
            let (records, time) = ((&kept.records[..], is_timed), CORE_TIME.min(left()));
            let told = told(&history, &mut store, &violation, records, time)?;
            rest.violation = Some(told);
        }
        Verdict::Violated(_) => {
            rest.left_open = undecided(true);
            let why = "which lost create made which task is assumed, and so no order was found";
            rest.unknown = Some(Reached { why, proved_events: Some(0), configurations: None });
        }
        Verdict::Unknown(unknown) => {
            rest.left_open = undecided(true);
            rest.unknown = Some(Reached {
                why: why(unknown.why),
                proved_events: Some(unknown.proved_events.into()),
                configurations: Some(unknown.configurations),
            });
        }
    }
    Ok(rest)
}

/// Whether something is open that a search may decide.
pub(super) fn can_decide(open: &BTreeSet<Open>) -> bool {
    open.iter().any(|it| *it != Open::Titles)
}

fn reached(limit: Limit) -> Reached {
    Reached { why: why(limit), proved_events: Some(0), configurations: None }
}

fn told(
    history: &History,
    store: &mut TaskStore,
    violation: &Violation,
    (records, is_timed): (&[Record], bool),
    time: Duration,
) -> Result<Told> {
    let start = Instant::now();
    let core = Core::of(history, store, violation, time)?;
    let (mut steps, mut firsts) = (Vec::new(), Vec::new());
    for kept in core.kept() {
        firsts.push(steps.len());
        let at = store.record(history, kept.id);
        steps.push(records[at]);
        if records[at].function == Function::List {
            let listed = records[at + 1..].iter();
            steps.extend(listed.take_while(|it| it.function == Function::Listed));
        }
    }
    let orders: Vec<_> =
        core.orders().iter().map(|(one, other)| (firsts[*one], firsts[*other])).collect();
    let headline = format!("{}  task  not linearizable", answer::Verdict::Violated.word());
    let sentence = "no order of the operations gives each of these its answer".to_owned();
    Ok(Told {
        key: serde_json::Value::Null,
        anomaly: None,
        age: None,
        times: 1,
        by: "by search: every order of the operations was tried",
        core: lanes(&steps, &orders, sentence, headline, is_timed),
        core_is_minimal: core.is_minimal(),
        core_is_found: core.is_found(),
        is_named_in_time: true,
        core_ms: Some(ms(start.elapsed())),
    })
}
