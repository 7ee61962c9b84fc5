//! What the lab may cost, and whether it does: each with what it is compared with, round by round.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use lab_catalog::entries;
use lab_history::Places;
use lab_measure::{Contender, Ground, Series, contenders_of, run};
use lab_peers::peers_of;
use lab_runtime::Threads;
use lab_sites::Sites;
use lab_stats::{Interval, Pass, Placement, Row, median_interval, paired_ratio};
use lab_store::Session;
use racelab_benches::{Goal, Reached};

use crate::json::{self, Saved};
use crate::nothing::{Nothing, edit};
use crate::rows::{Both, OPERATIONS, point, time};

pub(crate) const ROUNDS: u32 = 101;
/// How long a store is measured in each round.
const FOR_EACH: Duration = Duration::from_millis(100);
/// How often a round repeats what takes nanoseconds.
const BATCHES: u64 = 16;
/// Where resampling begins.
const SEED: u64 = 7;

/// All of them.
pub(crate) fn all() -> Result<Vec<Goal>> {
    let mut direct = || edit(black_box(&mut Nothing));
    let mut session: Box<dyn Session> = Box::new(Nothing);
    let through_the_trait = difference_ns(|| edit(black_box(&mut *session)), &mut direct);
    let nothing = || {
        black_box(());
    };
    let mut goals = vec![
        at_most("an operation through the trait, beyond a direct call", 10.0, through_the_trait),
        at_most(
            "a schedule point of production, beyond nothing",
            1.0,
            difference_ns(point, nothing),
        ),
        recording(),
        at_least(
            "postgres/single_statement, against asynchronous sqlx on the same processor",
            0.97,
            face()?,
        ),
        at_least("memory/mutex whose times are sampled, against the same without", 0.9, sampled()?),
    ];
    goals.extend(json::saved()?.into_iter().map(saves));
    Ok(goals)
}

fn saves(Saved { store, times }: Saved) -> Goal {
    let what = format!("processor time of an edit of {} tasks: the loop to {store}", json::TASKS);
    at_least(&what, 1.7, Ok(times))
}

/// Two locked instructions are the floor, and said beside what is reached.
fn recording() -> Goal {
    let mut goal = at_most("a recorded operation, beyond one that is not", 15.0, recording_ns());
    let counter = AtomicU64::new(0);
    let increments = || {
        black_box(counter.fetch_add(1, Ordering::AcqRel));
        black_box(counter.fetch_add(1, Ordering::AcqRel));
    };
    let floor = difference_ns(increments, || {
        black_box(());
    });
    if let (Reached::Met(text) | Reached::NotMet(text), Some(floor)) = (&mut goal.reached, floor) {
        *text += &format!("; two increments of a counter alone {:.1} ns", floor.middle);
    }
    goal
}

fn at_most(what: &str, ns: f64, reached: Option<Interval>) -> Goal {
    let judged = |it: Interval| {
        let text = format!("{:.1} ns ({:.1} to {:.1})", it.middle, it.low, it.high);
        Reached::judged(it.high <= ns, text)
    };
    let none = || Reached::NotRun("nothing was measured".to_owned());
    Goal::new(what, &format!("at most {ns} ns"), reached.map(judged).ok_or_else(none))
}

fn at_least(what: &str, ratio: f64, reached: Result<Interval, String>) -> Goal {
    let judged = |it: Interval| {
        let is_within = it.low < ratio && it.high >= ratio;
        let why = if is_within { "; the goal lies within the interval" } else { "" };
        let text = format!("{:.2} ({:.3} to {:.3}){why}", it.middle, it.low, it.high);
        Reached::judged(it.low >= ratio, text)
    };
    Goal::new(what, &format!("at least {ratio}"), reached.map(judged).map_err(Reached::NotRun))
}

/// By how much one operation takes longer than another, in nanoseconds.
fn difference_ns(mut one: impl FnMut(), mut other: impl FnMut()) -> Option<Interval> {
    beyond_ns(|| {
        let (mut with, mut without) = (Duration::ZERO, Duration::ZERO);
        for _ in 0..BATCHES {
            with += time(OPERATIONS, &mut one);
            without += time(OPERATIONS, &mut other);
        }
        (with, without)
    })
}

fn recording_ns() -> Option<Interval> {
    let mut both = Both::new(Places::sequence());
    beyond_ns(|| both.time(BATCHES * OPERATIONS))
}

/// By how much the first time of a round is longer than the second, for each operation.
fn beyond_ns(mut round: impl FnMut() -> (Duration, Duration)) -> Option<Interval> {
    let mut difference = || {
        let (with, without) = round();
        nanoseconds(with) - nanoseconds(without)
    };
    median_interval(&(0..ROUNDS).map(|_| difference()).collect::<Vec<_>>(), SEED)
}

/// Of one operation, where a round has taken `time`.
fn nanoseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9 / (BATCHES * OPERATIONS) as f64
}

/// The synchronous face of a store against asynchronous code with the same statement. Both have
/// the server on their own processor: otherwise where it is decides.
fn face() -> Result<Result<Interval, String>> {
    if let Err(why) = lab_servers::postgres() {
        return Ok(Err(why.to_string()));
    }
    let mut sides = [store("postgres/single_statement")?, peer("peer/sqlx_async")?]
        .map(|contender| (contender, Placement::Together, Pass::Throughput));
    paired(&mut sides)
}

/// The same store with and without times.
fn sampled() -> Result<Result<Interval, String>> {
    let of = |pass| Ok::<_, anyhow::Error>((store("memory/mutex")?, Placement::Free, pass));
    paired(&mut [of(Pass::Latency)?, of(Pass::Throughput)?])
}

type Side = (Contender, Placement, Pass);

/// The ratio of what both do in a second, in rounds of their own; or why there is none.
fn paired(sides: &mut [Side; 2]) -> Result<Result<Interval, String>> {
    let mut ground = Ground::new(Sites::fastest());
    let mut pairs = Vec::new();
    for round in 0..ROUNDS {
        // Who comes first takes turns.
        sides.reverse();
        let mut speeds = [0.0; 2];
        for (speed, side) in speeds.iter_mut().zip(&*sides) {
            let row = once(side, round, &mut ground)?;
            match (row.samples.first(), row.not_run) {
                (Some(sample), None) => *speed = sample.operations_per_s,
                (_, why) => return Ok(Err(why.unwrap_or_default())),
            }
        }
        if round % 2 == 0 {
            speeds.reverse();
        }
        pairs.push((speeds[0], speeds[1]));
    }
    Ok(paired_ratio(&pairs, SEED).ok_or_else(|| "nothing was measured".to_owned()))
}

fn once((contender, placement, pass): &Side, round: u32, ground: &mut Ground) -> Result<Row> {
    let series = Series {
        workload: "hot_task".parse()?,
        contenders: vec![contender.clone()],
        clients: vec![1],
        tasks: Vec::new(),
        placements: vec![*placement],
        pass: *pass,
        program: None,
        rounds: 1,
        for_each: FOR_EACH,
        seed: round.into(),
    };
    run(&series, ground, |_| {})?.pop().context("a series of one has a row")
}

fn store(name: &str) -> Result<Contender> {
    let stores = contenders_of(&entries::<Threads>());
    let store = stores.into_iter().find(|store| store.subject.name == name);
    store.with_context(|| format!("no store is called {name}"))
}

/// A peer of whatever family.
pub(crate) fn peer(name: &str) -> Result<Contender> {
    let mut peers = lab_catalog::FAMILIES.iter().flat_map(|family| peers_of(*family));
    let peer = peers.find(|peer| peer.subject.name == name);
    peer.with_context(|| format!("no peer is called {name}"))
}
