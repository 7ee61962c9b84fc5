//! A history of transactions over keys, checked as Elle does: by the dependencies between them.

use std::time::Instant;

use lab_check::Budget;
use lab_history::{Event, Kind as Ending};
use lab_order::{
    Dependency, Instance, Isolation, Kind, Phenomenon, Promise, Step, Transaction, Transactions,
    TransactionsBuilder, Values, check_transactions, explain,
};
use lab_witness::{Span, Timeline};
use serde_json::Value;

use super::CheckError;
use super::answer::{Allowed, Answer, Name, Reached, Told, Verdict, counted, ms, why};
use super::load::{EVENTS_SHOWN, Events};
use crate::output::Output;

/// So many of the last elements of a list are shown.
const ELEMENTS_SHOWN: usize = 3;
const BY: &str = "by dependencies: who read and overwrote what whom wrote";
const BY_SEARCH: &str = "by search: every order of the transactions was tried";

/// Reads all of it, and decides.
pub(super) fn check(
    events: &mut Events,
    values: Values,
    budget: Budget,
    output: &Output,
) -> anyhow::Result<Answer> {
    let (transactions, is_timed) = read(events, values, output)?;
    output.progress("checking");
    let start = Instant::now();
    let isolation = check_transactions(&transactions, budget);
    let check_ms = ms(start.elapsed());
    let told = |(phenomenon, instance): (&Phenomenon, _)| {
        told(&transactions, *phenomenon, instance, is_timed)
    };
    let violations: Vec<Told> = isolation.found.iter().map(told).collect();
    let reached = |limit| Reached { why: why(limit), proved_events: None, configurations: None };
    let (verdict, unknown) = match isolation.cut {
        _ if !violations.is_empty() => (Verdict::Violated, None),
        Some(limit) => (Verdict::Unknown, Some(reached(limit))),
        None => (Verdict::Holds, None),
    };
    let mut processes: Vec<u64> = transactions.all.iter().map(|it| it.process).collect();
    processes.sort_unstable();
    processes.dedup();
    Ok(Answer {
        verdict,
        spec: match values {
            Values::Lists => super::LIST_APPEND,
            Values::Registers => super::RW_REGISTER,
        },
        operations: transactions.all.len() as u64,
        processes: processes.len(),
        left_out: events.left_out(),
        check_ms,
        violations,
        certificate: None,
        left_open: Vec::new(),
        unknown,
        isolation: Some(allowed(&isolation, values)),
    })
}

/// The transactions, and whether their places are times.
fn read(
    events: &mut Events,
    values: Values,
    output: &Output,
) -> anyhow::Result<(Transactions, bool)> {
    let mut builder = TransactionsBuilder::new(values);
    let (mut event, mut count) = (Event::default(), 0_u64);
    while events.read(&mut event)? {
        count += 1;
        builder.push(&event).map_err(|error| CheckError::Misfit {
            place: events.place(count),
            what: error.what,
            expected: error.expected,
        })?;
        if count.is_multiple_of(EVENTS_SHOWN) {
            output.progress(&format!("{count} events read"));
        }
    }
    Ok((builder.finish(), event.time_ns.is_some()))
}

/// Of registers the order of writes is known in part: what is not broken there may still be.
fn allowed(isolation: &Isolation, values: Values) -> Allowed {
    let names = |promises: &[Promise]| promises.iter().map(ToString::to_string).collect();
    let is_known = values == Values::Lists || isolation.order.is_some();
    Allowed {
        strongest_allowed: names(&isolation.allowed),
        weakest_broken: names(&isolation.broken),
        is_complete: is_known && isolation.cut.is_none(),
    }
}

/// The first instance of a phenomenon, and how many there are.
fn told(
    transactions: &Transactions,
    phenomenon: Phenomenon,
    instance: &Instance,
    is_timed: bool,
) -> Told {
    let times = counted(instance.count as u64, "time", "times");
    let is_search = phenomenon.kind == Kind::NoOrder;
    let headline = format!("{phenomenon}  {}    found {times}", phenomenon.meaning());
    Told {
        key: Value::Null,
        anomaly: Some(Name::Phenomenon(phenomenon.to_string())),
        age: None,
        times: instance.count as u64,
        by: if is_search { BY_SEARCH } else { BY },
        core: timeline(transactions, instance, headline, is_timed),
        core_is_minimal: !is_search,
        core_is_found: true,
        is_named_in_time: true,
        core_ms: None,
    }
}

fn timeline(
    transactions: &Transactions,
    instance: &Instance,
    headline: String,
    is_timed: bool,
) -> Timeline {
    let mut places = shown(instance);
    places.sort_by_key(|at| (transactions.all[*at].invoked, *at));
    let mut processes: Vec<u64> = places.iter().map(|at| transactions.all[*at].process).collect();
    processes.sort_unstable();
    processes.dedup();
    let keys: Vec<usize> = instance.links.iter().filter_map(|it| Some(it.about?.key)).collect();
    let span = |at: &usize| {
        let transaction = &transactions.all[*at];
        // Without times, places are the numbers of events, from 0.
        let event = |place: u64| place + u64::from(!is_timed);
        let (from, until) = (event(transaction.invoked), transaction.ended.map(event));
        Span {
            lane: processes.binary_search(&transaction.process).unwrap_or_default(),
            label: format!("T{at}: {}", label(transactions, transaction, &keys)),
            from,
            until,
            times_ns: is_timed.then_some((from, until)),
            has_failed: transaction.ending == Ending::Fail,
            is_blamed: false,
            is_maybe: false,
        }
    };
    let place = |at: usize| places.iter().position(|it| *it == at);
    let in_time = instance.links.iter().filter(|link| link.kind == Dependency::Realtime);
    let link = |link| explain(transactions, link);
    Timeline {
        headline,
        lanes: processes.iter().map(|process| format!("process {process}")).collect(),
        spans: places.iter().map(span).collect(),
        orders: in_time.filter_map(|link| Some((place(link.from)?, place(link.to)?))).collect(),
        sentence: instance.sentence.clone(),
        notes: instance.links.iter().map(link).collect(),
    }
}

/// The transactions of an instance, and those that show the order of writes.
fn shown(instance: &Instance) -> Vec<usize> {
    let by = instance.links.iter().filter_map(|link| link.about?.shown_by);
    let mut places: Vec<usize> = instance.transactions.iter().copied().chain(by).collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// `append x 1, r y [1 2]`: the steps on these keys, all if there are none.
fn label(transactions: &Transactions, transaction: &Transaction, keys: &[usize]) -> String {
    let element = |element: &usize| transactions.elements[*element].as_str();
    let step = |step: &Step| {
        let (Step::Read(key, _) | Step::Write(key, _)) = step;
        let name = &transactions.keys[*key];
        let is_shown = keys.is_empty() || keys.contains(key);
        is_shown.then(|| match (step, transactions.values) {
            (Step::Write(_, it), Values::Lists) => format!("append {name} {}", element(it)),
            (Step::Write(_, it), Values::Registers) => format!("w {name} {}", element(it)),
            (Step::Read(_, seen), Values::Registers) => {
                format!("r {name} {}", seen.first().map_or("nil", element))
            }
            (Step::Read(_, seen), Values::Lists) => {
                let left_out = seen.len().saturating_sub(ELEMENTS_SHOWN);
                let dots = (left_out > 0).then_some("…");
                let last = dots.into_iter().chain(seen[left_out..].iter().map(element));
                format!("r {name} [{}]", last.collect::<Vec<_>>().join(" "))
            }
        })
    };
    let steps: Vec<String> = transaction.steps.iter().filter_map(step).collect();
    steps.join(", ")
}
