//! Small histories of a task store with crashed operations, counts and keys, against brute force.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::collections::BTreeMap;

use fastrand::Rng;
use lab_check::{Budget, TaskStore, Verdict, check};
use lab_history::{Ending, Function, Record};
use lab_order::{Open, OrderChecker, left_open};
use lab_task::Status;

/// A task: its version and its status.
type Tasks = BTreeMap<u64, (u64, Status)>;

/// What an operation does to a store that nobody else uses, in plain words.
fn applied(tasks: &mut Tasks, record: &Record) -> Option<Record> {
    let mut told = Record { ending: Ending::Ok, ..*record };
    let others = |status| {
        tasks.iter().filter(|(task, it)| it.1 == status && **task != record.task).count() as u64
    };
    if record.function == Function::Summary {
        let count = |status| tasks.values().filter(|it| it.1 == status).count() as u64;
        told.task = count(Status::Todo);
        told.based_on = count(Status::InProgress);
        told.version = count(Status::Done);
        return Some(told);
    }
    if record.function == Function::Create {
        if tasks.contains_key(&record.task) {
            return None;
        }
        tasks.insert(record.task, (1, Status::Todo));
        return Some(told);
    }
    let in_progress = others(Status::InProgress);
    let Some((version, status)) = tasks.get_mut(&record.task) else {
        return Some(Record { ending: Ending::NotFound, version: 0, status: None, ..*record });
    };
    let is_stale = matches!(record.function, Function::Save | Function::Delete)
        && record.based_on != 0
        && record.based_on != *version;
    if is_stale {
        return Some(Record { ending: Ending::Stale, version: *version, ..*record });
    }
    if record.function == Function::Start && in_progress >= record.based_on {
        let ending = Ending::LimitReached;
        return Some(Record { ending, version: in_progress, ..*record });
    }
    match record.function {
        Function::Get => told.status = Some(*status),
        Function::Delete => {
            told.version = *version;
            tasks.remove(&record.task);
            return Some(told);
        }
        _ => {
            *version += 1;
            *status = record.status.unwrap_or(*status);
        }
    }
    told.version = *version;
    Some(told)
}

/// Whether some order explains every answer. `done` are bits.
fn has_order(records: &[Record], done: u32, tasks: &Tasks) -> bool {
    let open = || (0..records.len()).filter(|at| done & 1 << at == 0);
    let is_firm = |at: &usize| records[*at].ending != Ending::Info;
    if !open().any(|at| is_firm(&at)) {
        return true;
    }
    let first_end = open().filter(is_firm).map(|at| records[at].answered).min().unwrap();
    open().any(|at| {
        let record = records[at];
        if record.invoked > first_end {
            return false;
        }
        let mut after = tasks.clone();
        let asked = Record { version: 0, ..record };
        let told = match record.function {
            // What a count was asked with is none of what it was told.
            Function::Summary => applied(&mut after, &Record { task: 0, based_on: 0, ..asked }),
            _ => applied(&mut after, &asked),
        };
        let Some(told) = told else { return false };
        let is_change = told.ending == Ending::Ok && record.function.is_change();
        let is_right = match record.ending {
            Ending::Info => is_change,
            _ => {
                let seen = |it: &Record| (it.ending, it.task, it.based_on, it.version, it.status);
                seen(&told) == seen(&record)
            }
        };
        is_right && has_order(records, done | 1 << at, &after)
    })
}

fn asked(rng: &mut Rng, next: &mut u64) -> Record {
    let functions = Function::ALL.into_iter();
    let functions = functions.filter(|it| !matches!(it, Function::List | Function::Listed));
    let functions: Vec<Function> = functions.collect();
    let function = functions[rng.usize(..functions.len())];
    let task = if function == Function::Create { *next } else { rng.u64(1..=2) };
    *next += u64::from(function == Function::Create);
    let based_on = match function {
        Function::Save | Function::Delete => rng.u64(1..=2),
        Function::Start => 1,
        _ => 0,
    };
    let status = match function {
        Function::Create => Some(Status::Todo),
        Function::Start => Some(Status::InProgress),
        Function::Edit | Function::Save => Some(*rng.choice(&Status::ALL).unwrap()),
        _ => None,
    };
    Record {
        invoked: 0,
        answered: 0,
        process: 0,
        function,
        ending: Ending::Ok,
        status,
        task,
        based_on,
        version: 0,
        content: 0,
    }
}

/// The records of a store with few clients; some are never answered, and some answers are wrong.
fn history(rng: &mut Rng) -> Vec<Record> {
    let (operations, lies) = (rng.usize(3..=7), [0, 30][rng.usize(..2)]);
    let mut clients: [Option<(Record, Option<Record>)>; 3] = [None; 3];
    let (mut tasks, mut records, mut place, mut next) = (Tasks::new(), Vec::new(), 0, 1);
    while records.len() < operations {
        place += 1;
        let client = rng.usize(..clients.len());
        match clients[client].take() {
            None => {
                let process = u32::try_from(client).unwrap();
                let ask = Record { invoked: place, process, ..asked(rng, &mut next) };
                clients[client] = Some((ask, None));
            }
            Some((ask, None)) if rng.u8(..100) < 88 => {
                let told = applied(&mut tasks, &ask);
                clients[client] = Some((ask, told));
            }
            Some((ask, told)) => {
                let is_lost = told.is_none() || rng.u8(..100) < 12;
                let mut record =
                    told.filter(|_| !is_lost).unwrap_or(Record { ending: Ending::Info, ..ask });
                record.answered = place;
                // The version of a create says nothing.
                let is_told = record.ending == Ending::Ok && record.function != Function::Create;
                if is_told && rng.u8(..100) < lies {
                    record.version = (record.version + 1).saturating_sub(rng.u64(..=2)).max(1);
                }
                records.push(record);
            }
        }
    }
    for (process, (ask, _)) in (100..).zip(clients.into_iter().flatten()) {
        records.push(Record { ending: Ending::Info, answered: place, process, ..ask });
    }
    records
}

/// Lost looks say nothing, and creates know their ids here.
fn said(records: &[Record]) -> Vec<Record> {
    let says = |it: &&Record| it.ending != Ending::Info || it.function.is_change();
    records.iter().filter(says).copied().collect()
}

/// Whether somebody asked for a task that nobody can know of.
fn is_odd(records: &[Record]) -> bool {
    let lost = records.iter().filter(|it| it.ending == Ending::Info);
    lost.clone().filter(|it| it.function == Function::Create).any(|create| {
        records.iter().any(|it| it.task == create.task && it.function != Function::Create)
    })
}

fn findings(records: &[Record]) -> usize {
    let mut checker = OrderChecker::new();
    records.iter().for_each(|record| checker.push(record).unwrap());
    checker.finish().0.counts().count()
}

#[test]
fn the_search_says_what_brute_force_says_and_versions_decide_what_they_do_not_leave_open() {
    let mut seen = BTreeMap::new();
    for seed in 0..20_000 {
        let mut rng = Rng::with_seed(seed);
        let records = history(&mut rng);
        let expected = has_order(&said(&records), 0, &Tasks::new());
        let (mut store, history) = TaskStore::new(&records).unwrap();
        let verdict = check(&history, &mut store, Budget::default()).unwrap();
        let holds = matches!(verdict, Verdict::Holds(_));
        let what = || format!("seed {seed}, expected {expected}: {verdict:?} {records:#?}");
        assert_eq!(holds, expected, "{}", what());
        // Clients do not know which task it would have been.
        let mut unnamed = records.clone();
        let is_lost =
            |it: &&mut Record| (it.function, it.ending) == (Function::Create, Ending::Info);
        unnamed.iter_mut().filter(is_lost).for_each(|it| it.task = 0);
        let (mut store, history) = TaskStore::new(&unnamed).unwrap();
        let verdict = check(&history, &mut store, Budget::default()).unwrap();
        let is_sure = matches!(verdict, Verdict::Violated(_)) && !store.has_assumed();
        assert!(!is_sure || !expected || is_odd(&records), "unnamed: {verdict:?} {}", what());
        let open = left_open(&records);
        let found = findings(&records);
        if found > 0 {
            assert!(!expected, "versions found {found}: {}", what());
        } else if open.is_empty() {
            assert!(expected, "versions found nothing: {}", what());
        }
        *seen.entry((expected, found > 0, open.first().copied())).or_insert(0) += 1;
    }
    // Both verdicts, and violations that versions alone do not see; statuses they do.
    assert!(seen.contains_key(&(false, false, Some(Open::Unknown))), "{seen:?}");
    assert!(seen.contains_key(&(false, true, Some(Open::Statuses))), "{seen:?}");
    assert!(!seen.contains_key(&(false, false, Some(Open::Statuses))), "{seen:?}");
    assert!(seen.contains_key(&(true, false, None)), "{seen:?}");
}

/// Whether an order explains a list of these tasks, each with its version, after tasks 1 and 2 were
/// made and 2 was set done.
fn lists(status: Option<Status>, listed: &[(u64, u64, Status)]) -> bool {
    let step = |function, task, version, [invoked, answered]: [u64; 2]| Record {
        invoked,
        answered,
        process: 0,
        function,
        ending: Ending::Ok,
        status: None,
        task,
        based_on: 0,
        version,
        content: 0,
    };
    let mut records: Vec<Record> =
        [1, 2].map(|task| step(Function::Create, task, 0, [2 * task, 2 * task + 1])).into();
    records.push(Record { status: Some(Status::Done), ..step(Function::Edit, 2, 2, [6, 7]) });
    let count = listed.len() as u64;
    records.push(Record { status, ..step(Function::List, count, 0, [8, 9]) });
    records.extend(listed.iter().map(|(task, version, status)| Record {
        status: Some(*status),
        ..step(Function::Listed, *task, *version, [8, 9])
    }));
    let (mut store, history) = TaskStore::new(&records).unwrap();
    matches!(check(&history, &mut store, Budget::default()).unwrap(), Verdict::Holds(_))
}

#[test]
fn a_list_shows_each_task_that_is_there_once_in_any_order_and_no_other() {
    let [todo, done] = [(1, 1, Status::Todo), (2, 2, Status::Done)];
    assert!(lists(None, &[todo, done]));
    assert!(lists(None, &[done, todo]));
    assert!(lists(Some(Status::Todo), &[todo]));
    assert!(lists(Some(Status::Done), &[done]));
    let third = (3, 1, Status::Todo);
    for wrong in [&[][..], &[todo], &[done], &[todo, done, third], &[todo, todo, done]] {
        assert!(!lists(None, wrong), "{wrong:?}");
    }
    assert!(!lists(None, &[todo, (2, 1, Status::Done)]), "an old version");
    for wrong in [&[][..], &[done], &[todo, done], &[todo, third], &[todo, todo]] {
        assert!(!lists(Some(Status::Todo), wrong), "{wrong:?}");
    }
}
