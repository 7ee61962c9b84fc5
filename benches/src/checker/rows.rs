//! What the checkers are asked about.

use std::path::Path;

use anyhow::{Context, Result};
use lab_check::{History, HistoryBuilder};
use lab_history::Reader;

use super::{Plan, registers};

/// One row: a history that is made, or one that is read.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it is called on the command line.
    pub name: String,
    /// What it is.
    pub what: String,
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    Made(Plan),
    Read(String),
}

impl Row {
    /// Whether it is a log of etcd.
    pub fn is_log(&self) -> bool {
        matches!(self.source, Source::Read(_))
    }

    /// The history.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn history(&self) -> Result<History> {
        match &self.source {
            Source::Made(plan) => registers(*plan, 1),
            Source::Read(path) => read(Path::new(path)),
        }
    }
}

/// Every row that can be measured; the logs of other checkers where `peer_histories` has them.
///
/// # Errors
/// The list of the logs cannot be read.
pub fn rows(peer_histories: Option<&Path>) -> Result<Vec<Row>> {
    let mut rows = match peer_histories {
        Some(folder) => logs(folder)?,
        None => Vec::new(),
    };
    let one = Plan { operations: 100_000, clients: 8, keys: 1, unique: true, lie: true };
    let few = Plan { operations: 100, clients: 32, ..one };
    let many = Plan { operations: 1_000_000, clients: 16, keys: 1_000, unique: true, lie: false };
    let made = [
        ("register-10k", Plan { operations: 10_000, ..one }),
        ("register-100k", one),
        ("register-1m", Plan { operations: 1_000_000, ..one }),
        ("register-100k-few-values", Plan { unique: false, ..one }),
        ("clients-32", few),
        ("clients-32-few-values", Plan { unique: false, ..few }),
        ("keys-1m", many),
        ("keys-1m-few-values", Plan { unique: false, ..many }),
        ("keys-10m", Plan { operations: 10_000_000, ..many }),
    ];
    rows.extend(made.map(|(name, plan)| Row {
        name: name.to_owned(),
        what: said(plan),
        source: Source::Made(plan),
    }));
    Ok(rows)
}

fn said(plan: Plan) -> String {
    let values = if plan.unique { "each write another value" } else { "as many values as clients" };
    let end = if plan.lie { ", a stale read at the end" } else { "" };
    format!(
        "{} operations, {} clients, {} registers, {values}{end}",
        plan.operations, plan.clients, plan.keys
    )
}

fn logs(folder: &Path) -> Result<Vec<Row>> {
    let list = folder.join("expected.tsv");
    let text = std::fs::read_to_string(&list).with_context(|| list.display().to_string())?;
    let registers = text.lines().filter(|line| line.contains("etcd-cas-register"));
    let row = |line: &str| {
        let name = line.split('\t').next()?.to_owned();
        let path = folder.join(&name).display().to_string();
        let what = "a log of etcd: one register with cas, crashed operations".to_owned();
        Some(Row { name, what, source: Source::Read(path) })
    };
    Ok(registers.filter_map(row).collect())
}

fn read(path: &Path) -> Result<History> {
    let mut builder = HistoryBuilder::new();
    for event in Reader::open(path)?.read_all()? {
        builder.push(&event)?;
    }
    Ok(builder.finish())
}
