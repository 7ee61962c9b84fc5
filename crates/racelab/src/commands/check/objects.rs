//! A history of an object that `lab-check` specifies: read as a whole, then checked.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use lab_check::{Budget, History, Linearization, Misfit, Object, Proof, Tier, Verdict, Violation};
use lab_task::Anomaly;

use super::CheckError;
use super::answer::{self, Age, Answer, Certificate, Decided, Name, Reached, Told, ms, why};
use super::load::{self, Events};
use crate::output::Output;

/// A core may take so many times as long as the check, or a second, in what is left of the time.
const CORE_TIMES: u32 = 10;
const CORE_TIME_MIN: Duration = Duration::from_secs(1);

/// Reads all of it, and decides.
pub(super) fn check(
    events: &mut Events,
    object: Object,
    budget: Budget,
    output: &Output,
) -> anyhow::Result<Answer> {
    let history = events.history(object, output)?;
    let misfit = |misfit: Misfit| CheckError::Misfit {
        place: load::place(events.paths(), &history, misfit.event),
        what: misfit.what,
        expected: misfit.expected,
    };
    output.progress("checking");
    let start = Instant::now();
    let verdict = object.check(&history, budget).map_err(misfit)?;
    let took = start.elapsed();
    let of = |operation: &lab_check::Operation| operation.process;
    let mut answer = Answer {
        verdict: answer::Verdict::Holds,
        spec: object.as_str(),
        operations: history.operations().len() as u64,
        processes: history.operations().iter().map(of).collect::<BTreeSet<_>>().len(),
        left_out: events.left_out(),
        check_ms: ms(took),
        violations: Vec::new(),
        certificate: None,
        left_open: Vec::new(),
        unknown: None,
        isolation: None,
    };
    match verdict {
        Verdict::Holds(order) => answer.certificate = Some(certificate(&order)),
        Verdict::Unknown(unknown) => {
            answer.verdict = answer::Verdict::Unknown;
            answer.unknown = Some(Reached {
                why: why(unknown.why),
                proved_events: Some(unknown.proved_events.into()),
                configurations: Some(unknown.configurations),
            });
        }
        Verdict::Violated(violation) => {
            output.progress("shrinking");
            answer.verdict = answer::Verdict::Violated;
            let time = took.saturating_mul(CORE_TIMES).max(CORE_TIME_MIN);
            let time = time.min(budget.time.saturating_sub(start.elapsed()));
            let told = told(&history, object, &violation, time).map_err(misfit)?;
            answer.violations.push(told);
        }
    }
    Ok(answer)
}

/// How each part was decided, and how much there is to replay.
fn certificate(order: &Linearization) -> Certificate {
    let count = |tier| order.parts().filter(|part| part.tier == tier).count() as u64;
    let tiers = [("zones", count(Tier::Zones)), ("search", count(Tier::Search))];
    let tiers = tiers.into_iter().filter(|(_, parts)| *parts > 0);
    Certificate {
        tiers: tiers.map(|(tier, parts)| Decided { tier, parts }).collect(),
        ordered_operations: Some(order.operations() as u64),
    }
}

fn told(
    history: &History,
    object: Object,
    violation: &Violation,
    time: Duration,
) -> Result<Told, Misfit> {
    let start = Instant::now();
    let core = object.core(history, violation, time)?;
    let took = start.elapsed();
    let key = history.values().get(violation.key).into_owned();
    let name = core.name();
    let anomaly = name.map(|name| name.anomaly);
    let mut headline = format!("{}  {object}", answer::Verdict::Violated.word());
    if !key.is_null() {
        headline.push_str(&format!("  key {key}"));
    }
    headline.extend(["  ", anomaly.map_or("not linearizable", Anomaly::as_str)]);
    Ok(Told {
        key,
        anomaly: anomaly.map(Name::Anomaly),
        age: name.and_then(|name| name.age).map(Age::from),
        times: 1,
        by: by(&violation.proof),
        core_is_minimal: core.is_minimal(),
        core_is_found: core.is_found(),
        is_named_in_time: core.is_named(),
        core: core.timeline(history, headline),
        core_ms: Some(ms(took)),
    })
}

fn by(proof: &Proof) -> &'static str {
    match proof {
        Proof::Local => "by values alone: these contradict each other, whatever the others did",
        Proof::Exhausted { .. } => "by search: every order of the operations was tried",
    }
}
