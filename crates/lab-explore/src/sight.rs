//! Which tasks a step could see. Nobody looks over a store's shoulder: this follows from what was
//! stored at the moment, and in a transaction from when its snapshot was taken (PostgreSQL 17
//! documentation, 13.2 "Transaction Isolation"; SQLite documentation, "Isolation In SQLite").

use std::collections::BTreeSet;

use lab_task::Task;

use crate::row::{is_lock, reads};
use crate::run::{Run, Step, Touch};

/// What each process can see, step after step.
pub(crate) struct Sight {
    /// The transaction that each process is in.
    transactions: Vec<Option<Transaction>>,
    /// Whether whoever has the lock sees everything: there is no other beside it.
    one_lock: bool,
    /// What was touched when the stored tasks changed, if they did. A file of leases holds none.
    written: BTreeSet<u64>,
}

struct Transaction {
    /// Whether each statement sees what was committed before it, and not only the first.
    is_by_statement: bool,
    /// When the first read was, if there was one, and what it saw: `None` if nobody could look.
    snapshot: Option<(usize, Option<Vec<Task>>)>,
    has_written: bool,
}

impl Sight {
    /// Before the first step of `run`.
    pub(crate) fn new(run: &Run) -> Self {
        let processes = run.steps.iter().map(|step| step.process).max().unwrap_or(0);
        let locks = run.steps.iter().filter(|step| is_lock(&step.label));
        let mut locks = locks.map(|step| step.touches.first().map(|touch| touch.object));
        let first = locks.next();
        let one_lock = locks.all(|lock| Some(lock) == first);
        let transactions = (0..=processes).map(|_| None).collect();
        Self { transactions, one_lock, written: written(run) }
    }

    /// Whether the step reads the tasks, as far as its object says.
    pub(crate) fn reads_tasks(&self, step: &Step) -> bool {
        let is_theirs = |touch: &Touch| self.written.contains(&touch.object);
        // Of statements only that is recorded which others could tell.
        let is_any = self.written.is_empty() || step.label.starts_with("SELECT");
        reads(step) && (is_any || step.touches.iter().any(is_theirs))
    }

    /// The step at which the snapshot was taken in which that process reads, if it does.
    pub(crate) fn snapshot(&self, process: usize) -> Option<usize> {
        self.transactions.get(process)?.as_ref()?.snapshot.as_ref().map(|(at, _)| *at)
    }

    /// The tasks that the next step, the one with the number `at`, could see; `None` if it reads
    /// none, or nobody can say.
    pub(crate) fn of(&mut self, at: usize, step: &Step) -> Option<Vec<Task>> {
        let reads_tasks = self.reads_tasks(step);
        let transaction = &mut self.transactions[step.process];
        match step.label.split_whitespace().next() {
            Some("BEGIN") => *transaction = Some(Transaction::begun(&step.label)),
            Some("COMMIT" | "ROLLBACK") => *transaction = None,
            _ if reads_tasks => {
                let stored = step.stored.clone().filter(|_| self.one_lock || !is_lock(&step.label));
                return match transaction {
                    Some(transaction) => transaction.sees(at, stored),
                    None => stored,
                };
            }
            Some("UPDATE" | "INSERT" | "DELETE" | "WITH") => {
                if let Some(transaction) = transaction {
                    transaction.has_written = true;
                }
            }
            _ => {}
        }
        None
    }
}

/// What the steps touched at which the stored tasks changed.
fn written(run: &Run) -> BTreeSet<u64> {
    let mut known = run.before.as_slice();
    let mut objects = BTreeSet::new();
    for step in &run.steps {
        let Some(now) = step.stored.as_deref() else { continue };
        if now != known {
            objects.extend(step.touches.iter().map(|touch| touch.object));
        }
        known = now;
    }
    objects
}

/// The words of a BEGIN after which one snapshot serves all reads. Without any of them it is that
/// of PostgreSQL, where READ COMMITTED is the default.
const ONE_SNAPSHOT: [&str; 4] = ["REPEATABLE READ", "SERIALIZABLE", "DEFERRED", "IMMEDIATE"];

impl Transaction {
    fn begun(label: &str) -> Self {
        let is_by_statement = !ONE_SNAPSHOT.iter().any(|words| label.ends_with(words));
        Self { is_by_statement, snapshot: None, has_written: false }
    }

    /// What a statement sees where `stored` is what was committed; what the transaction itself has
    /// written is seen by nobody else, so after that nobody can say.
    fn sees(&mut self, at: usize, stored: Option<Vec<Task>>) -> Option<Vec<Task>> {
        if self.is_by_statement {
            return stored.filter(|_| !self.has_written);
        }
        let (_, seen) = self.snapshot.get_or_insert((at, stored)).clone();
        seen.filter(|_| !self.has_written)
    }
}

#[cfg(test)]
mod tests {
    use lab_runtime::Kind;
    use lab_scenario::{Judgement, Scenario};
    use lab_store::ScenarioName;
    use lab_task::TaskId;

    use super::*;

    fn task(minutes: u32) -> Vec<Task> {
        let scenario = Scenario::usual(ScenarioName::LogTime);
        vec![Task { minutes, ..scenario.tasks[0].clone().into_task(TaskId(1)) }]
    }

    fn step(process: usize, label: &str, minutes: u32) -> Step {
        let stored = Some(task(minutes));
        Step { stored, ..Step::seen(process, true, Kind::Read, label) }
    }

    /// What the last of these steps saw.
    fn seen_last(steps: Vec<Step>) -> Option<Vec<Task>> {
        let (told, before, after) = (Vec::new(), task(0), Ok(task(0)));
        let judgement = Judgement::Kept;
        let (places, cut, left_out) = (None, None, 0);
        let run = Run { steps, told, before, after, places, judgement, cut, left_out };
        let mut sight = Sight::new(&run);
        run.steps.iter().enumerate().map(|(at, step)| sight.of(at, step)).last().unwrap()
    }

    #[test]
    fn the_second_read_of_a_snapshot_sees_what_the_first_one_saw() {
        let after = |begin: &str| {
            let others = [step(1, "SELECT a", 0), step(2, "UPDATE a", 10)];
            let steps = [vec![step(1, begin, 0)], others.to_vec(), vec![step(1, "SELECT a", 10)]];
            seen_last(steps.concat())
        };
        assert_eq!(after("BEGIN ISOLATION LEVEL REPEATABLE READ"), Some(task(0)));
        assert_eq!(after("BEGIN DEFERRED"), Some(task(0)));
        assert_eq!(after("BEGIN"), Some(task(10)));
        assert_eq!(after("BEGIN ISOLATION LEVEL READ COMMITTED"), Some(task(10)));
        assert_eq!(after("COMMIT"), Some(task(10)));
    }

    #[test]
    fn what_a_transaction_has_written_itself_is_seen_by_nobody_else() {
        let own = [step(1, "BEGIN", 0), step(1, "UPDATE a", 0), step(1, "SELECT a", 0)];
        // Its own kind is that of a write.
        let own = own.map(|step| Step {
            kind: if step.label.starts_with('U') { Kind::Write } else { step.kind },
            ..step
        });
        assert_eq!(seen_last(own.to_vec()), None);
    }
}
