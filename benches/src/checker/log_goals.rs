//! What is to be reached on the logs of etcd, beside the peer that is best at them.

use std::time::Duration;

use super::{Checker, Compared, Run};
use crate::{Goal, Reached};

const PEER: Checker = Checker::Porcupine;
const FASTER_TIMES_MIN: f64 = 500.0;
const WORST_MAX: Duration = Duration::from_micros(100);

/// One log.
#[derive(Clone, Copy)]
struct Log<'a> {
    name: &'a str,
    ours: Duration,
    /// What happened instead, where the peer did not decide.
    peer: Result<Duration, &'static str>,
}

/// The sum, each log beside the peer, and the worst log.
pub(super) fn log_goals(run: &Run) -> Vec<Goal> {
    let logs = run.logs().and_then(|logs| logs.into_iter().map(log).collect::<Result<Vec<_>, _>>());
    let (peer, judged) = (PEER.as_str(), |judge: fn(&[Log]) -> Reached| match &logs {
        Ok(logs) => Ok(judge(logs)),
        Err(instead) => Err(instead.clone()),
    });
    let wanted = format!("at least {FASTER_TIMES_MIN:.0} times faster than {peer}");
    vec![
        Goal::new("the logs of etcd: sum of times", &wanted, judged(sum)),
        Goal::new("the logs of etcd: each", &format!("none slower than {peer}"), judged(each)),
        Goal::new("the logs of etcd: the worst", "at most 0.1 ms", judged(worst)),
    ]
}

fn log(row: &Compared) -> Result<Log<'_>, Reached> {
    let instead = |instead| Reached::NotMet(format!("{instead} on {}", row.name));
    let ours = row.decided(Checker::Racelab).map_err(instead)?.time;
    Ok(Log { name: &row.name, ours, peer: row.decided(PEER).map(|decided| decided.time) })
}

/// The logs that the peer decided; it counts by name where it did not.
fn sum(logs: &[Log]) -> Reached {
    let decided = logs.iter().filter_map(|log| Some((log.ours, log.peer.ok()?)));
    let (ours, peer) = decided.fold((Duration::ZERO, Duration::ZERO), |sums, (ours, peer)| {
        (sums.0 + ours, sums.1 + peer)
    });
    if ours.is_zero() {
        return Reached::NotRun(format!("{} decided none{}", PEER.as_str(), undecided(logs)));
    }
    let times = times(ours, peer);
    let said = format!("{times:.0} times, {ours:.1?} and {peer:.1?}{}", undecided(logs));
    Reached::judged(times >= FASTER_TIMES_MIN, said)
}

fn each(logs: &[Log]) -> Reached {
    let slower = |log: &&Log| log.peer.is_ok_and(|peer| log.ours > peer);
    let slower: Vec<&str> = logs.iter().filter(slower).map(|log| log.name).collect();
    let undecided = undecided(logs);
    if !slower.is_empty() {
        return Reached::NotMet(format!("slower on {}{undecided}", slower.join(", ")));
    }
    let faster = logs.iter().filter_map(|log| Some((times(log.ours, log.peer.ok()?), log.name)));
    let closest = faster.min_by(|one, two| one.0.total_cmp(&two.0));
    let closest = closest.map_or_else(String::new, |(times, name)| {
        format!(", {times:.1} times faster on the closest ({name})")
    });
    Reached::Met(format!("none of {}{closest}{undecided}", logs.len()))
}

fn worst(logs: &[Log]) -> Reached {
    let worst = logs.iter().max_by_key(|log| log.ours);
    worst.map_or_else(
        || Reached::NotRun("there is none".to_owned()),
        |Log { name, ours, .. }| {
            Reached::judged(*ours <= WORST_MAX, format!("{ours:.1?} ({name})"))
        },
    )
}

fn times(ours: Duration, peer: Duration) -> f64 {
    peer.as_secs_f64() / ours.as_secs_f64()
}

/// Where the peer did not decide, behind everything else.
fn undecided(logs: &[Log]) -> String {
    let one = |log: &Log| {
        let instead = log.peer.err()?;
        Some(format!("; {}: {instead} on {}", PEER.as_str(), log.name))
    };
    logs.iter().filter_map(one).collect()
}
