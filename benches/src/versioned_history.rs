//! Histories of versioned tasks that a correct store could have given, and their check.
//!
//! 16 clients, 100 tasks, and of 100 operations 30 edits and 1 save. As many as asked for are lists
//! by status, of about 20 tasks each, and the rest are gets.

use anyhow::{Result, bail};
use fastrand::Rng;
use lab_history::{Ending, Function, Record};
use lab_order::OrderChecker;
use lab_task::Status;

const CLIENTS: u32 = 16;
const TASKS: u64 = 100;
/// So many records are settled at once, as a stress run does it.
const SETTLED: usize = 16_384;

/// A history of versioned tasks, as the recorder of a stress run gives it.
#[derive(Clone, Debug)]
pub struct VersionedHistory {
    /// In the order of answers, with the tasks of a list behind it.
    records: Vec<Record>,
    /// For the end of each chunk that is settled, from which place on later records are invoked.
    invoked_from: Vec<u64>,
}

impl VersionedHistory {
    /// A history of so many operations, so many of 100 being lists; always the same.
    pub fn made(operations: usize, lists_percent: u8) -> Self {
        let records = history(operations, lists_percent);
        let invoked_from = watermarks(&records);
        Self { records, invoked_from }
    }

    /// How many operations it has, with the creates of its tasks.
    pub fn operations(&self) -> usize {
        self.records.len() - self.listed()
    }

    /// How many tasks its lists have, all together.
    pub fn listed(&self) -> usize {
        self.records.iter().filter(|it| it.function == Function::Listed).count()
    }

    /// Checks it as a stress run does. Gives the most bytes that were held.
    ///
    /// # Errors
    /// The checker finds something, or does not take a record.
    pub fn check(&self) -> Result<usize> {
        let mut checker = OrderChecker::new();
        let mut bytes = 0;
        for (chunk, from) in self.records.chunks(SETTLED).zip(&self.invoked_from) {
            for record in chunk {
                checker.push(record)?;
            }
            checker.settle(*from);
            bytes = bytes.max(checker.bytes());
        }
        let (findings, _) = checker.finish();
        if !findings.is_empty() {
            bail!("a history that a correct store could have given: {findings:?}");
        }
        Ok(bytes)
    }
}

#[derive(Clone, Copy)]
struct Stored {
    version: u64,
    status: Status,
    content: u64,
}

/// Records in the order of answers.
fn history(operations: usize, lists_percent: u8) -> Vec<Record> {
    let mut random = Rng::with_seed(1);
    let stored = |version| Stored { version, status: Status::Todo, content: version };
    let mut tasks: Vec<Stored> = (0..TASKS).map(|_| stored(1)).collect();
    let mut place = 0;
    let mut next = || {
        place += 1;
        place
    };
    let mut records: Vec<Record> = (1..=TASKS)
        .map(|task| {
            let (invoked, answered) = (next(), next());
            let created = record(Function::Create, 0, invoked, task, stored(1));
            Record { answered, ..created }
        })
        .collect();
    let mut open: Vec<Option<Vec<Record>>> = vec![None; CLIENTS as usize];
    let mut begun = 0;
    while begun < operations || open.iter().any(Option::is_some) {
        let client = random.usize(..open.len());
        match open[client].take() {
            Some(mut answer) => {
                let answered = next();
                answer.iter_mut().for_each(|it| it.answered = answered);
                records.append(&mut answer);
            }
            None if begun < operations => {
                begun += 1;
                let process = u32::try_from(client).unwrap_or(0);
                let answer = perform(&mut tasks, &mut random, lists_percent, process, next());
                open[client] = Some(answer);
            }
            None => {}
        }
    }
    records
}

fn perform(
    tasks: &mut [Stored],
    random: &mut Rng,
    lists_percent: u8,
    process: u32,
    invoked: u64,
) -> Vec<Record> {
    let id = random.u64(1..=TASKS);
    let task = &mut tasks[usize::try_from(id - 1).unwrap_or(0)];
    let dice = random.u8(..100);
    if dice < lists_percent {
        let asked = random.choice(Status::ALL).unwrap_or(Status::Todo);
        let mut all = vec![record(Function::List, process, invoked, 0, *task)];
        all[0].status = Some(asked);
        for (task, id) in tasks.iter().zip(1..) {
            if task.status == asked {
                all.push(record(Function::Listed, process, invoked, id, *task));
            }
        }
        return all;
    }
    if dice < 69 {
        return vec![record(Function::Get, process, invoked, id, *task)];
    }
    let based_on = task.version;
    task.version += 1;
    task.content = random.u64(1..);
    if dice == 99 {
        let saved = record(Function::Save, process, invoked, id, *task);
        return vec![Record { based_on, ..saved }];
    }
    task.status = *random.choice(&Status::ALL).unwrap_or(&Status::Todo);
    vec![Record { content: 0, ..record(Function::Edit, process, invoked, id, *task) }]
}

fn record(function: Function, process: u32, invoked: u64, task: u64, stored: Stored) -> Record {
    Record {
        invoked,
        answered: u64::MAX,
        process,
        function,
        ending: Ending::Ok,
        status: Some(stored.status),
        task,
        based_on: 0,
        version: stored.version,
        content: stored.content,
    }
}

/// For the end of each chunk, from which place on later records are invoked.
fn watermarks(records: &[Record]) -> Vec<u64> {
    let mut from = u64::MAX;
    let mut marks = Vec::new();
    for chunk in records.chunks(SETTLED).rev() {
        marks.push(from);
        from = chunk.iter().map(|it| it.invoked).fold(from, u64::min);
    }
    marks.reverse();
    marks
}
