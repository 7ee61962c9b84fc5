//! An order of a whole history, or the operations that cannot be ordered: what can be verified
//! without trust in the checker.

use std::collections::{HashMap, HashSet};

use lab_history::{Ending, Function, Record};

use crate::graph::Graph;
use crate::position::{GONE, GONE_SEEN, UNBORN, seen, written};

/// Orders all operations of a history by the graph of write order, read order and real time, whole
/// and at once: each edge stands in memory. Gives the places in `records` in their order; the tasks
/// of a list stand with their list, and operations that say nothing of the order are left out.
///
/// A read that did not find a task stands before the creation or behind the deletion, and is left
/// out where it can stand at both.
///
/// # Errors
/// The records of which none can stand first: two makers of one version, or a cycle.
pub fn linearize(records: &[Record]) -> Result<Vec<usize>, Vec<usize>> {
    let nodes = Nodes::new(records);
    let mut edges = nodes.edges_of_versions(records)?;
    let count = nodes.add_time(records, &mut edges);
    let components = Graph::new(count, &edges).components();
    if let Some(cycle) = components.iter().find(|component| component.len() > 1) {
        return Err(nodes.records_of(cycle));
    }
    let order = components.into_iter().flatten().rev().collect::<Vec<u32>>();
    Ok(nodes.records_of(&order))
}

/// When tasks were surely there, and when they may have been deleted.
struct Lives {
    born: HashMap<u64, u64>,
    removed: HashMap<u64, u64>,
}

impl Lives {
    fn new(records: &[Record]) -> Self {
        let (mut born, mut removed) = (HashMap::new(), HashMap::new());
        for record in records.iter().filter(|it| it.ending == Ending::Ok) {
            let first = born.entry(record.task).or_insert(record.answered);
            *first = record.answered.min(*first);
            if record.function == Function::Delete {
                removed.insert(record.task, record.invoked);
            }
        }
        Self { born, removed }
    }

    /// Whether the task was there before it was not found. A step that was taken out of its
    /// history says so by the version that was removed.
    fn is_born(&self, missed: &Record) -> bool {
        missed.version != 0
            || self.born.get(&missed.task).is_some_and(|born| *born < missed.invoked)
    }

    /// Whether it can have been missed before its creation as well as behind its deletion.
    fn is_either(&self, missed: &Record) -> bool {
        let may_be_gone = self.removed.get(&missed.task).is_some_and(|at| *at < missed.answered);
        may_be_gone && !self.is_born(missed)
    }
}

/// What takes effect at one moment.
struct Nodes {
    /// The record of each, for a list the list itself.
    heads: Vec<usize>,
    /// The node of each record that says something of the order.
    of_record: Vec<Option<u32>>,
}

impl Nodes {
    fn new(records: &[Record]) -> Self {
        let mut heads = Vec::new();
        let mut of_record = Vec::with_capacity(records.len());
        let mut lists = HashMap::new();
        let lives = Lives::new(records);
        for (at, record) in records.iter().enumerate() {
            let operation = (record.process, record.invoked);
            let is_of_list = matches!(record.function, Function::List | Function::Listed);
            let is_unknown = record.ending == Ending::NotFound && lives.is_either(record);
            if is_unknown || matches!(record.ending, Ending::Fail | Ending::Info | Ending::NoLease)
            {
                of_record.push(None);
                continue;
            }
            let known = is_of_list.then(|| lists.get(&operation).copied()).flatten();
            let node = known.unwrap_or_else(|| {
                heads.push(at);
                u32::try_from(heads.len() - 1).unwrap_or(u32::MAX)
            });
            if is_of_list {
                lists.insert(operation, node);
            }
            of_record.push(Some(node));
        }
        Self { heads, of_record }
    }

    /// Edges from each position of a task to the next.
    fn edges_of_versions(&self, records: &[Record]) -> Result<Vec<(u32, u32)>, Vec<usize>> {
        let mut places = self.places(records);
        places.sort_unstable();
        let mut edges = Vec::new();
        let mut before: Vec<u32> = Vec::new();
        let mut last_task = None;
        for group in places.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let (task, position, _) = group[0];
            if last_task.replace(task) != Some(task) {
                before.clear();
            }
            if position % 2 == 0 && group.len() > 1 {
                return Err(group.iter().map(|(_, _, record)| *record).collect());
            }
            let nodes = group.iter().filter_map(|(_, _, record)| self.of_record[*record]);
            let nodes: Vec<u32> = nodes.collect();
            let pairs = before.iter().flat_map(|from| nodes.iter().map(|to| (*from, *to)));
            // A delete stands at two positions in a row.
            edges.extend(pairs.filter(|(from, to)| from != to));
            // What was read is behind its writer only; readers wait for no other reader.
            before = nodes;
        }
        Ok(edges)
    }

    /// Where each record stands in the life of its task.
    fn places(&self, records: &[Record]) -> Vec<(u64, u64, usize)> {
        let lives = Lives::new(records);
        let mut places = Vec::new();
        for (at, record) in records.iter().enumerate() {
            if self.of_record[at].is_none() {
                continue;
            }
            match (record.function, record.ending) {
                (Function::List | Function::Summary, _) | (_, Ending::LimitReached) => {}
                (_, Ending::NotFound) if lives.is_born(record) => {
                    places.push((record.task, GONE_SEEN, at));
                }
                (_, Ending::NotFound) => places.push((record.task, UNBORN, at)),
                (Function::Create, _) => places.push((record.task, written(1), at)),
                (Function::Get | Function::Listed, _) | (_, Ending::Stale) => {
                    places.push((record.task, seen(record.version), at));
                }
                (Function::Delete, _) => {
                    places.push((record.task, seen(record.version), at));
                    places.push((record.task, GONE, at));
                }
                _ => places.push((record.task, written(record.version), at)),
            }
        }
        places
    }

    /// Real time as a chain of answers: two edges an operation. Gives the number of all nodes.
    fn add_time(&self, records: &[Record], edges: &mut Vec<(u32, u32)>) -> usize {
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let mut answers: Vec<(u64, u32)> =
            (0u32..).zip(&self.heads).map(|(node, head)| (records[*head].answered, node)).collect();
        answers.sort_unstable();
        let first = self.heads.len();
        for (at, (_, node)) in answers.iter().enumerate() {
            edges.push((*node, number(first + at)));
            if at > 0 {
                edges.push((number(first + at - 1), number(first + at)));
            }
        }
        for (node, head) in (0u32..).zip(&self.heads) {
            let invoked = records[*head].invoked;
            let before = answers.partition_point(|(answered, _)| *answered < invoked);
            if let Some(before) = before.checked_sub(1) {
                edges.push((number(first + before), node));
            }
        }
        first + answers.len()
    }

    fn records_of(&self, nodes: &[u32]) -> Vec<usize> {
        nodes.iter().filter_map(|node| self.heads.get(*node as usize).copied()).collect()
    }
}

/// Replays an order from [`linearize`]: no operation stands behind one that was invoked after its
/// answer, every change makes the next version of its task, and every read sees the last one.
/// Changes of which nobody knows whether they happened may stand for missing versions.
///
/// # Errors
/// Says what is wrong first.
pub fn verify_order(records: &[Record], order: &[usize]) -> Result<(), String> {
    let mut listed: HashMap<(u32, u64), Vec<&Record>> = HashMap::new();
    let mut spare: HashMap<u64, u64> = HashMap::new();
    for record in records {
        if record.function == Function::Listed {
            listed.entry((record.process, record.invoked)).or_default().push(record);
        }
        if record.ending == Ending::Info {
            *spare.entry(record.task).or_default() += 1;
        }
    }
    let mut tasks: HashMap<u64, Option<u64>> = HashMap::new();
    let mut invoked = 0;
    let mut done = HashSet::new();
    for at in order {
        let record = &records[*at];
        if record.answered < invoked || !done.insert(*at) {
            return Err(format!("record {at} stands against real time, or twice"));
        }
        invoked = invoked.max(record.invoked);
        let seen = listed.get(&(record.process, record.invoked)).into_iter().flatten();
        let seen = seen.filter(|_| record.function == Function::List).copied();
        for step in std::iter::once(record).chain(seen) {
            replay(step, &mut tasks, &mut spare).map_err(|why| format!("record {at}: {why}"))?;
        }
    }
    Ok(())
}

fn replay(
    record: &Record,
    tasks: &mut HashMap<u64, Option<u64>>,
    spare: &mut HashMap<u64, u64>,
) -> Result<(), String> {
    if matches!(record.function, Function::List | Function::Summary)
        || record.ending == Ending::LimitReached
    {
        return Ok(());
    }
    let current = tasks.entry(record.task).or_insert(Some(0));
    let is_change = record.function.is_change() && record.ending == Ending::Ok;
    let needs = match (record.function, record.ending) {
        (Function::Create, _) => 0,
        (_, Ending::NotFound) if *current == Some(0) => return Ok(()),
        (_, Ending::NotFound) => u64::MAX,
        (Function::Delete, _) => record.version,
        _ if is_change => record.version - 1,
        _ => record.version,
    };
    let missing = match *current {
        None if needs == u64::MAX => return Ok(()),
        Some(current) if needs != u64::MAX => needs.checked_sub(current),
        _ => None,
    };
    let spare = spare.entry(record.task).or_default();
    let Some(left) = missing.and_then(|missing| spare.checked_sub(missing)) else {
        return Err(format!("{} is at {current:?}, and it says {record:?}", record.task));
    };
    *spare = left;
    *current = match record.function {
        Function::Delete if is_change => None,
        Function::Create => Some(1),
        _ if is_change => Some(record.version),
        _ => Some(needs),
    };
    Ok(())
}
