//! All that is allowed or proved, against brute force.

use std::collections::HashMap;

use fastrand::Rng;
use lab_check::Budget;
use lab_history::Kind;
use lab_order::{Level, Step, Transactions, Values, check_transactions, verify_serial};
use serde_json::json;

use crate::lines::{LISTS, REGISTERS, events, in_order};

/// Whether some order of all transactions gives the reads, if `is_strict` one that keeps real time.
fn has_order(transactions: &Transactions, is_strict: bool) -> bool {
    let count = transactions.all.len();
    let mut done = vec![false; count];
    order_from(transactions, is_strict, &mut done, &HashMap::new())
}

fn order_from(
    transactions: &Transactions,
    is_strict: bool,
    done: &mut [bool],
    lists: &HashMap<usize, Vec<usize>>,
) -> bool {
    let all = &transactions.all;
    if (0..all.len()).all(|at| done[at] || all[at].ending != Kind::Ok) {
        return true;
    }
    (0..all.len()).any(|next| {
        let mut others = (0..all.len()).filter(|it| !done[*it]);
        let is_late = is_strict
            && others
                .any(|it| all[it].ending == Kind::Ok && all[it].ended < Some(all[next].invoked));
        if done[next] || is_late || all[next].ending == Kind::Fail {
            return false;
        }
        let mut lists = lists.clone();
        let is_allowed = all[next].steps.iter().all(|step| match step {
            Step::Write(key, element) => {
                let list = lists.entry(*key).or_default();
                if transactions.values == Values::Registers {
                    list.clear();
                }
                list.push(*element);
                true
            }
            Step::Read(key, seen) => lists.get(key).map_or(&[][..], Vec::as_slice) == seen,
        });
        done[next] = true;
        let is_found = is_allowed && order_from(transactions, is_strict, done, &lists);
        done[next] = false;
        is_found
    })
}

type Lists = HashMap<usize, Vec<usize>>;

/// A transaction of a run in snapshots.
#[derive(Clone, PartialEq)]
enum Stage {
    Waits,
    /// What was committed when it began.
    Begun(Lists),
    Committed,
}

/// Whether some order of all beginnings and commits gives each read what was committed when its
/// transaction began, with its own writes, so that nothing that it writes was written since.
fn has_snapshots(transactions: &Transactions, stages: &mut [Stage], lists: &Lists) -> bool {
    let all = &transactions.all;
    if (0..all.len()).all(|at| stages[at] == Stage::Committed || all[at].ending != Kind::Ok) {
        return true;
    }
    (0..stages.len()).filter(|at| all[*at].ending != Kind::Fail).any(|next| {
        let before = stages[next].clone();
        let steps = &all[next].steps;
        let (stage, lists) = match &before {
            Stage::Waits if sees(steps, lists) => (Stage::Begun(lists.clone()), lists.clone()),
            Stage::Begun(snapshot) => {
                let Some(lists) = committed(steps, snapshot, lists) else { return false };
                (Stage::Committed, lists)
            }
            _ => return false,
        };
        stages[next] = stage;
        let is_found = has_snapshots(transactions, stages, &lists);
        stages[next] = before;
        is_found
    })
}

fn sees(steps: &[Step], snapshot: &Lists) -> bool {
    let mut lists = snapshot.clone();
    steps.iter().all(|step| match step {
        Step::Write(key, element) => {
            lists.entry(*key).or_default().push(*element);
            true
        }
        Step::Read(key, seen) => lists.get(key).map_or(&[][..], Vec::as_slice) == seen,
    })
}

/// The lists after a commit, unless somebody else wrote one of its keys since it began.
fn committed(steps: &[Step], snapshot: &Lists, lists: &Lists) -> Option<Lists> {
    let mut after = lists.clone();
    for step in steps {
        if let Step::Write(key, element) = step {
            if snapshot.get(key) != lists.get(key) {
                return None;
            }
            after.entry(*key).or_default().push(*element);
        }
    }
    Some(after)
}

/// One in eight aborts, and of one in eight nobody knows what became of it.
fn ending(random: &mut Rng) -> Kind {
    match random.u8(..8) {
        0 => Kind::Fail,
        1 => Kind::Info,
        _ => Kind::Ok,
    }
}

/// A few transactions with reads of some beginning of each list, and one that reads all in the end.
fn random_history(random: &mut Rng) -> Transactions {
    let count = random.usize(2..6);
    let mut lists: [Vec<u32>; 2] = [vec![], vec![]];
    let mut texts: Vec<Vec<(usize, Option<u32>)>> = Vec::new();
    for element in 1..=u32::try_from(count).unwrap() {
        let steps = (0..random.usize(1..4)).map(|at| {
            let key = random.usize(..2);
            (key, random.bool().then_some(element * 10 + at as u32))
        });
        let steps: Vec<_> = steps.collect();
        for (key, appended) in &steps {
            let place = random.usize(..=lists[*key].len());
            appended.iter().for_each(|it| lists[*key].insert(place, *it));
        }
        texts.push(steps);
    }
    let mut all = Vec::new();
    for (process, steps) in texts.iter().enumerate() {
        let mut own: [Vec<u32>; 2] = [vec![], vec![]];
        let mut seen: [Option<usize>; 2] = [None, None];
        let mut answer = Vec::new();
        for (key, appended) in steps {
            if let Some(element) = appended {
                own[*key].push(*element);
                answer.push(json!(["append", key, element]));
                continue;
            }
            let end = *seen[*key].get_or_insert_with(|| random.usize(..=lists[*key].len()));
            let list = lists[*key][..end].iter().filter(|it| !own[*key].contains(it));
            answer.push(json!(["r", key, list.chain(&own[*key]).collect::<Vec<_>>()]));
        }
        let begin = random.u64(..20);
        let times = [begin, begin + random.u64(1..12)];
        all.extend(events(process as u64, times, ending(random), answer));
    }
    let last = [0, 1].map(|key| json!(["r", key, lists[key]])).to_vec();
    all.extend(events(count as u64, [100, 101], Kind::Ok, last));
    in_order(LISTS, all).unwrap()
}

#[test]
fn what_is_allowed_is_what_brute_force_can_order() {
    let mut random = Rng::with_seed(7);
    let mut counts = [0; 3];
    for case in 0..20_000 {
        let transactions = random_history(&mut random);
        let isolation = check_transactions(&transactions, Budget::default());
        let allowed: Vec<String> = isolation.allowed.iter().map(ToString::to_string).collect();
        let is_serializable = allowed.iter().any(|it| it.ends_with("serializable"));
        let is_strict = allowed == ["strict serializable"];
        let about = || format!("case {case}: {isolation:#?} {transactions:#?}");
        assert_eq!(is_serializable, has_order(&transactions, false), "{}", about());
        assert_eq!(is_strict, has_order(&transactions, true), "{}", about());
        let order = isolation.order.as_deref();
        let proof = order.map(|order| verify_serial(&transactions, order));
        assert_eq!(proof, is_strict.then_some(Ok(())), "{}", about());
        counts[usize::from(is_serializable) + usize::from(is_strict)] += 1;
    }
    assert!(counts.iter().all(|count| *count > 100), "{counts:?}");
}

#[test]
fn snapshots_are_allowed_if_and_only_if_brute_force_finds_some() {
    let mut random = Rng::with_seed(9);
    let mut counts = [0; 3];
    for case in 0..16_000 {
        let transactions = random_history(&mut random);
        let isolation = check_transactions(&transactions, Budget::default());
        let mut levels = isolation.allowed.iter().map(|promise| promise.level);
        let is_allowed =
            levels.any(|it| matches!(it, Level::SnapshotIsolation | Level::Serializable));
        let mut stages = vec![Stage::Waits; transactions.all.len()];
        let has_snapshots = has_snapshots(&transactions, &mut stages, &Lists::new());
        assert_eq!(is_allowed, has_snapshots, "case {case}: {isolation:#?} {transactions:#?}");
        let is_serializable = has_order(&transactions, false);
        assert!(has_snapshots || !is_serializable, "case {case}: {transactions:#?}");
        counts[usize::from(has_snapshots) + usize::from(is_serializable)] += 1;
    }
    assert!(counts.iter().all(|count| *count > 50), "{counts:?}");
}

/// A few transactions that write and read two registers; a read gives what any of them may have
/// written.
fn random_registers(random: &mut Rng) -> Transactions {
    let count = random.usize(2..6);
    let mut all = Vec::new();
    for process in 0..count {
        let mut answer = Vec::new();
        for key in 0..2 {
            let other = random.usize(..count);
            match random.u8(..6) {
                0 => answer.push(json!(["r", key, null])),
                1 | 2 => answer.push(json!(["r", key, other * 10 + key])),
                _ => {}
            }
            if random.bool() {
                answer.push(json!(["w", key, process * 10 + key]));
            }
        }
        let begin = random.u64(..20);
        let times = [begin, begin + random.u64(1..12)];
        all.extend(events(process as u64, times, ending(random), answer));
    }
    in_order(REGISTERS, all).unwrap()
}

#[test]
fn registers_hold_if_and_only_if_brute_force_finds_an_order() {
    let mut random = Rng::with_seed(8);
    let mut counts = [0; 3];
    for case in 0..50_000 {
        let transactions = random_registers(&mut random);
        let isolation = check_transactions(&transactions, Budget::default());
        let about = || format!("case {case}: {isolation:#?} {transactions:#?}");
        let is_strict = has_order(&transactions, true);
        assert_eq!(isolation.found.is_empty(), is_strict, "{}", about());
        let order = isolation.order.as_deref();
        let proof = order.map(|order| verify_serial(&transactions, order));
        assert_eq!(proof, is_strict.then_some(Ok(())), "{}", about());
        let is_named = isolation.found.keys().any(|it| it.kind != lab_order::Kind::NoOrder);
        let allowed: Vec<String> = isolation.allowed.iter().map(ToString::to_string).collect();
        let is_serializable = allowed.iter().any(|it| it.ends_with("serializable"));
        assert!(is_serializable || !has_order(&transactions, false), "{}", about());
        counts[usize::from(is_strict) + usize::from(!is_named)] += 1;
    }
    assert!(counts.iter().all(|count| *count > 100), "{counts:?}");
}
