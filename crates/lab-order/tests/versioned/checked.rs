//! A check as the tests make it, while a history goes on or at its end; its findings are verified.

use lab_history::{Ending, Record};
use lab_order::{Core, Finding, Findings, OrderChecker, verify_finding};

/// Checks, and settles after each `every` records as far as that can be known.
pub(crate) fn check(records: &[Record], every: usize) -> Findings {
    let mut from = u64::MAX;
    let mut settled = vec![u64::MAX; records.len()];
    for (at, record) in records.iter().enumerate().rev() {
        settled[at] = from;
        from = from.min(record.invoked);
    }
    let mut checker = OrderChecker::new();
    for (at, record) in records.iter().enumerate() {
        checker.push(record).unwrap();
        let is_within_list =
            records.get(at + 1).is_some_and(|next| next.answered == record.answered);
        if at % every == every - 1 && !is_within_list {
            checker.settle(settled[at]);
        }
    }
    checker.finish().0
}

/// Checks, and verifies each finding by its own steps.
pub(crate) fn check_and_verify(records: &[Record], every: usize) -> Findings {
    let findings = check(records, every);
    for finding in findings.iter() {
        if let Err(e) = verify_finding(finding) {
            panic!("{e} {records:#?}")
        }
        verify_core(finding);
    }
    findings
}

/// A core is a finding itself, and is none any more if any of its operations is left out.
pub(crate) fn verify_core(finding: &Finding) {
    let core = Core::of(finding);
    let of = |steps: Vec<Record>| Finding { steps, ..finding.clone() };
    assert_eq!(verify_finding(&of(core.steps.clone())), Ok(()), "{finding:#?}");
    assert!(core.steps.iter().all(|step| finding.steps.contains(step)), "{finding:#?}");
    if !core.is_minimal {
        // It says of one operation, and of the failed write it may come from, what only all the
        // others show.
        let (_, failed) = core.steps.split_last().unwrap();
        assert!(failed.iter().all(|step| step.ending != Ending::Ok), "{finding:#?}");
        assert!(failed.len() < 2, "{finding:#?}");
        return;
    }
    for left_out in 0..core.steps.len() {
        let mut fewer = core.steps.clone();
        fewer.remove(left_out);
        assert!(!Core::of(&of(fewer)).is_minimal, "{left_out} of {core:#?}");
    }
    let steps = &core.steps;
    assert!(core.orders.iter().all(|(a, b)| steps[*a].answered < steps[*b].invoked), "{core:#?}");
}
