//! The decisions of the checker: by zones, by search, by versions, and of transactions.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use lab_check::{Budget, History, HistoryBuilder, Register, Verdict, check};
use lab_order::{OrderChecker, TransactionsBuilder, Values, check_transactions};

use super::{Case, histories};
use crate::only_this_is_counted;

/// No check may look at what time is left.
const BUDGET: Budget = Budget { time: Duration::from_secs(3_600), memory_bytes: 1 << 30 };

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new("checker zones", || linearizable(5_000, true)),
        Case::new("checker frontier search", || linearizable(2_000, false)),
        Case::new("checker versions of tasks", versions),
        Case::new("checker transactions", transactions),
    ]
}

fn linearizable(operations: u32, is_unique: bool) -> Result<()> {
    let history = history(operations, is_unique)?;
    only_this_is_counted(&mut || match check(&history, &mut Register::default(), BUDGET)? {
        Verdict::Holds(_) => Ok(()),
        other => bail!("a register that is one: {other:?}"),
    })
}

fn history(operations: u32, is_unique: bool) -> Result<History> {
    let mut builder = HistoryBuilder::new();
    for event in histories::register(operations, is_unique) {
        builder.push(&event)?;
    }
    Ok(builder.finish())
}

fn versions() -> Result<()> {
    let records = histories::tasks(5_000);
    only_this_is_counted(&mut || {
        let mut checker = OrderChecker::new();
        for record in &records {
            checker.push(record)?;
        }
        checker.settle(u64::MAX);
        let (findings, _) = checker.finish();
        ensure!(findings.is_empty(), "a store that is one: {findings:?}");
        Ok(())
    })
}

fn transactions() -> Result<()> {
    let events = histories::transactions(300);
    only_this_is_counted(&mut || {
        let mut builder = TransactionsBuilder::new(Values::Lists);
        for event in &events {
            builder.push(event)?;
        }
        let isolation = check_transactions(&builder.finish(), BUDGET);
        ensure!(isolation.found.is_empty(), "in order: {:?}", isolation.found);
        Ok(())
    })
}
