//! A history of a task store: versions give the write order, so it is checked while it is read.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use lab_check::{Budget, Limit};
use lab_history::{Ending, Event, Function, Record, TaskEventError, TaskEvents};
use lab_order::{Core, Finding, Findings, Open, OpenWatch, OrderChecker};
use lab_witness::{Span, Timeline};

use super::CheckError;
use super::answer::{
    Age, Answer, Certificate, Decided, Name, Reached, Told, VERSIONS, Verdict, counted, ms, why,
};
use super::load::Events;
use super::search::{self, Rest};
use crate::output::Output;

/// What can no longer matter is forgotten after so many events each.
const EVENTS_SETTLED: u64 = 4096;
/// The clock is looked at after so many: of those, some may be lists of all tasks.
const EVENTS_TIMED: u64 = 16;
/// How fast memory is given back, at least.
const FREED_BYTES_PER_NS: u64 = 10;
const BY: &str = "by versions, which give the order of writes";

/// Reads all of it. The store is empty at the beginning.
pub(super) fn check(
    events: &mut Events,
    budget: Budget,
    output: &Output,
) -> anyhow::Result<Answer> {
    let start = Instant::now();
    let (mut reading, mut checker) = (TaskEvents::new(), OrderChecker::new());
    let (mut event, mut records, mut count) = (Event::default(), Vec::new(), 0);
    let (mut watch, mut kept) = (OpenWatch::new(), Kept::default());
    let (mut processes, mut tasks, mut limit) = (BTreeSet::new(), BTreeSet::new(), None);
    while limit.is_none() && events.read(&mut event)? {
        count += 1;
        processes.insert(event.process);
        let place = event.time_ns.unwrap_or(count);
        let taken = reading.take(&event, place, &mut records);
        taken.map_err(|error| misfit(events, count, &error))?;
        records.iter().for_each(|record| watch.push(record));
        kept.take(&records, budget);
        tasks.extend(records.iter().filter(|record| is_of_task(record)).map(|record| record.task));
        push(&mut checker, &mut records).map_err(|what| unfit(events.place(count), what))?;
        if count % EVENTS_SETTLED == 1 {
            output.progress(&format!("{count} events checked"));
            let invoked_from = reading.first_open().unwrap_or(place);
            checker.settle(invoked_from);
            watch.settle(invoked_from);
            // What is violated needs no search.
            if !checker.findings().is_empty() {
                kept.give_up(None);
            }
            let bytes = checker.bytes() + watch.bytes();
            limit = (bytes > budget.memory_bytes).then_some(Limit::Memory);
        }
        if count.is_multiple_of(EVENTS_TIMED) && start.elapsed() + kept.ends_in() >= budget.time {
            limit = Some(Limit::Time);
        }
    }
    records.extend(reading.finish());
    records.iter().for_each(|record| watch.push(record));
    kept.take(&records, budget);
    push(&mut checker, &mut records).map_err(|what| unfit(events.place(count), what))?;
    let (findings, operations) = checker.finish();
    let is_timed = event.time_ns.is_some();
    let told = |finding| told(finding, &findings, is_timed);
    let mut violations: Vec<Told> = findings.iter().map(told).collect();
    let open = watch.finish();
    let holds_so_far = violations.is_empty();
    let mut unknown = limit.filter(|_| holds_so_far).map(|limit| reached(limit, &open, count));
    let mut tiers = vec![Decided { tier: VERSIONS, parts: tasks.len() as u64 }];
    let mut rest = Rest::default();
    if unknown.is_some() {
        rest.left_open = open.iter().map(|open| open.as_str()).collect();
    } else if holds_so_far {
        output.progress("looking at what versions leave open");
        rest = search::decide(&kept, &open, budget, start.elapsed(), is_timed)?;
        violations.extend(rest.violation.take());
        unknown = rest.unknown.take();
    }
    let Rest { ordered_operations, left_open, .. } = rest;
    tiers.extend(ordered_operations.map(|_| Decided { tier: "search", parts: 1 }));
    let verdict = verdict(&violations, unknown.as_ref());
    Ok(Answer {
        verdict,
        spec: super::TASK,
        operations,
        processes: processes.len(),
        left_out: events.left_out(),
        check_ms: ms(start.elapsed()),
        violations,
        certificate: (verdict == Verdict::Holds)
            .then_some(Certificate { tiers, ordered_operations }),
        left_open,
        unknown,
        isolation: None,
    })
}

/// How far it came: what versions leave open may contradict the rest from anywhere on.
fn reached(limit: Limit, open: &BTreeSet<Open>, count: u64) -> Reached {
    let proved_events = Some(if search::can_decide(open) { 0 } else { count });
    Reached { why: why(limit), proved_events, configurations: None }
}

fn verdict(violations: &[Told], unknown: Option<&Reached>) -> Verdict {
    match (violations, unknown) {
        ([], None) => Verdict::Holds,
        ([], Some(_)) => Verdict::Unknown,
        _ => Verdict::Violated,
    }
}

/// Whether a record says something of one task that is, or was, there.
fn is_of_task(record: &Record) -> bool {
    let of_one = !matches!(record.function, Function::List | Function::Summary);
    of_one && matches!(record.ending, Ending::Ok | Ending::Stale)
}

/// The records of the whole history, as long as the memory allows it and somebody may need them.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) records: Vec<Record>,
    is_given_up: bool,
    /// Why they were given up, where that was for want of something.
    pub(super) cut: Option<Limit>,
}

impl Kept {
    fn take(&mut self, records: &[Record], budget: Budget) {
        let bytes = (self.records.len() + records.len()) * size_of::<Record>();
        if bytes > budget.memory_bytes / 2 {
            self.give_up(Some(Limit::Memory));
        }
        if !self.is_given_up {
            self.records.extend_from_slice(records);
        }
    }

    /// How long it takes to let it go.
    fn ends_in(&self) -> Duration {
        let bytes = self.records.len() * size_of::<Record>();
        Duration::from_nanos(bytes as u64 / FREED_BYTES_PER_NS)
    }

    fn give_up(&mut self, cut: Option<Limit>) {
        *self = Self { records: Vec::new(), is_given_up: true, cut };
    }
}

fn push(checker: &mut OrderChecker, records: &mut Vec<Record>) -> Result<(), String> {
    let mut pushed = records.drain(..).map(|record| checker.push(&record));
    pushed.try_for_each(|pushed| pushed.map_err(|malformed| malformed.to_string()))
}

fn misfit(events: &Events, count: u64, error: &TaskEventError) -> CheckError {
    let TaskEventError { what, expected } = error;
    CheckError::Misfit { place: events.place(count), what: what.clone(), expected }
}

fn unfit(place: String, what: String) -> CheckError {
    CheckError::Misfit { place, what, expected: "what a task store can answer" }
}

/// The first instance of an anomaly, and how many there are.
fn told(finding: &Finding, findings: &Findings, is_timed: bool) -> Told {
    let (anomaly, times) = (finding.anomaly, findings.count(finding.anomaly));
    let times_told = counted(times, "time", "times");
    let headline = format!("{anomaly}  {}    found {times_told}", finding.task);
    let Core { mut steps, orders, is_minimal, overwritten } = Core::of(finding);
    steps.extend(overwritten);
    Told {
        key: finding.task.0.into(),
        anomaly: Some(Name::Anomaly(anomaly)),
        age: age(finding, is_timed),
        times,
        by: BY,
        core: lanes(&steps, &orders, finding.sentence.clone(), headline, is_timed),
        core_is_minimal: is_minimal,
        core_is_found: true,
        is_named_in_time: true,
        core_ms: None,
    }
}

/// How old what was read is, of an old read.
fn age(finding: &Finding, is_timed: bool) -> Option<Age> {
    let lab_order::Age { versions, places } = finding.age;
    (versions > 0).then_some(Age { versions, time_ns: is_timed.then_some(places) })
}

/// Operations in real time, with pairs of them of which one has to end before the other.
pub(super) fn lanes(
    unsorted: &[Record],
    orders: &[(usize, usize)],
    sentence: String,
    headline: String,
    is_timed: bool,
) -> Timeline {
    let mut places: Vec<usize> = (0..unsorted.len()).collect();
    places.sort_by_key(|at| (unsorted[*at].invoked, unsorted[*at].answered));
    let steps: Vec<Record> = places.iter().map(|at| unsorted[*at]).collect();
    let sorted = |at: usize| places.iter().position(|place| *place == at).unwrap_or_default();
    let mut processes: Vec<u32> = steps.iter().map(|step| step.process).collect();
    processes.sort_unstable();
    processes.dedup();
    let span = |step: &Record| {
        let answered = (step.ending != Ending::Info).then_some(step.answered);
        Span {
            lane: processes.binary_search(&step.process).unwrap_or_default(),
            label: label(step),
            from: step.invoked,
            until: answered,
            times_ns: is_timed.then_some((step.invoked, answered)),
            has_failed: step.ending == Ending::Fail,
            is_blamed: false,
            is_maybe: false,
        }
    };
    Timeline {
        headline,
        lanes: processes.iter().map(|process| format!("client {process}")).collect(),
        spans: steps.iter().map(span).collect(),
        orders: orders.iter().map(|(one, other)| (sorted(*one), sorted(*other))).collect(),
        sentence,
        notes: Vec::new(),
    }
}

/// `save task 3 on v1 -> v2`.
fn label(step: &Record) -> String {
    let function = step.function.as_str();
    let (task, version) = (step.task, step.version);
    let on = match step.function {
        Function::Save | Function::Delete if step.based_on > 0 => format!(" on v{}", step.based_on),
        _ => String::new(),
    };
    let about = match step.function {
        Function::List | Function::Summary | Function::Create => String::new(),
        _ => format!(" task {task}"),
    };
    let answer = match (step.function, step.ending) {
        (Function::Create, Ending::Ok) => format!("task {task}"),
        (Function::List, Ending::Ok) => counted(task, "task", "tasks"),
        (Function::Summary, Ending::Ok) => {
            format!("{task} todo, {} in progress, {version} done", step.based_on)
        }
        (_, Ending::Ok) => format!("v{version}"),
        (_, Ending::NotFound) => "no such task".to_owned(),
        (_, Ending::Stale) => format!("stale, now v{version}"),
        (_, Ending::LimitReached) => format!("{version} in progress"),
        (_, Ending::NoLease) => "no lease".to_owned(),
        (_, Ending::Fail | Ending::Info) => return format!("{function}{about}{on}"),
    };
    format!("{function}{about}{on} -> {answer}")
}
