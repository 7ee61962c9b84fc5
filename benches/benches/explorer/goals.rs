//! What the explorer has to reach beside its speed.

use std::time::{Duration, Instant};

use anyhow::Result;
use lab_explore::{Arena, Sampler, Stepped, explore, explore_reduced};
use lab_scenario::{Scenario, Size};
use lab_sites::{SiteError, Sites};
use lab_store::{Entry, Needs, Promise, ScenarioName};
use lab_witness::Evidence;
use racelab::stand::Stand;
use racelab::study::{Effort, SCHEDULES_MAX, study};
use racelab_benches::{Goal, Reached};

use crate::numbers::{Row, median};

pub(crate) fn all(rows: &[Row], sites: &Sites) -> Result<Vec<Goal>> {
    let mut goals = speed(rows);
    goals.extend(peers(rows));
    goals.push(proven("every safe store, two processes", 2, |_| true, sites)?);
    let small = |needs| matches!(needs, Needs::Nothing | Needs::Database);
    goals.push(proven("safe stores in memory and SQLite, three processes", 3, small, sites)?);
    goals.push(sleep_sets(sites)?);
    goals.push(shrinking(sites)?);
    Ok(goals)
}

/// Schedules a second and milliseconds to the first bug, family by family.
fn speed(rows: &[Row]) -> Vec<Goal> {
    let wanted = [
        ("memory/", 60_000.0, 1.0),
        ("file/", 20_000.0, 1.0),
        ("sqlite/", 13_000.0, 1.0),
        ("postgres/", 2_000.0, 20.0),
    ];
    let ours = rows.iter().filter(|row| row.name.starts_with("racelab"));
    let of = |row: &Row| {
        let family = wanted.into_iter().find(|(family, ..)| row.name.contains(family));
        let (_, rate, ms) = family?;
        let (schedules, first_ms) = (row.first_schedules(), row.first_ms());
        Some([
            goal(
                &format!("{}: schedules a second", row.name),
                &format!("{rate:.0}"),
                row.rate() >= rate,
                format!("{:.0}", row.rate()),
            ),
            goal(
                &format!("{}: to the first lost update", row.name),
                &format!("5 schedules, {ms:.0} ms"),
                schedules <= 5 && first_ms <= ms,
                format!("{schedules} schedules, {first_ms:.2} ms"),
            ),
        ])
    };
    ours.filter_map(of).flatten().collect()
}

/// Beside isolationtester, and who needs the fewest schedules.
fn peers(rows: &[Row]) -> Vec<Goal> {
    let find = |part: &str| rows.iter().find(|row| row.name.contains(part));
    let mut goals = Vec::new();
    if let (Some(ours), Some(tester)) = (find("postgres/"), find("isolationtester")) {
        let times = ours.rate() / tester.rate();
        goals.push(goal(
            "Postgres, against isolationtester on the same permutations",
            "10 times",
            times >= 10.0,
            format!("{times:.1} times"),
        ));
    }
    let fewest = |is_ours: bool| {
        let rows = rows.iter().filter(|row| row.name.starts_with("racelab") == is_ours);
        rows.filter(|row| row.judges).map(Row::first_schedules).min().unwrap_or(usize::MAX)
    };
    let (ours, others) = (fewest(true), fewest(false));
    goals.push(goal(
        "schedules to the first lost update, of those that find it themselves",
        "the fewest of all",
        ours <= others,
        format!("{ours}, the best peer {others}"),
    ));
    goals
}

fn goal(what: &str, wanted: &str, is_met: bool, reached: String) -> Goal {
    Goal::new(what, wanted, Ok(Reached::judged(is_met, reached)))
}

/// The scenarios that a store promises to hold, each explored and timed.
fn proven(
    what: &str,
    processes: usize,
    is_meant: fn(Needs) -> bool,
    sites: &Sites,
) -> Result<Goal> {
    let mut slowest = (Duration::ZERO, String::new());
    let (mut all, mut late) = (0, Vec::new());
    for entry in lab_catalog::entries::<Stepped>() {
        if !is_meant(entry.family.needs) {
            continue;
        }
        for size in sizes(&entry, processes) {
            let start = Instant::now();
            let mut stand = Stand::new(entry, sites);
            let study = match study(&mut stand, size, Effort::exhaustive(SCHEDULES_MAX)) {
                Err(racelab::study::StudyError::Site(SiteError::Server { .. })) => break,
                study => study?,
            };
            let (time, cell) = (start.elapsed(), format!("{} {size}", entry.name));
            all += 1;
            let is_proven = matches!(study.cell.evidence, Evidence::Proven { .. });
            if !is_proven || time > Duration::from_secs(1) {
                late.push(format!(
                    "{cell} {} in {:.2} s",
                    study.cell.evidence.word(),
                    time.as_secs_f64()
                ));
            }
            slowest = slowest.max((time, cell));
        }
    }
    let (time, cell) = slowest;
    let longest = format!("{all} cells, the slowest {cell} in {:.2} s", time.as_secs_f64());
    let reached = if late.is_empty() {
        longest
    } else {
        format!("{longest}; not within it: {}", late.join(", "))
    };
    Ok(goal(what, "PROVEN in 1 s each", late.is_empty() && all > 0, reached))
}

/// The scenarios that the store promises to hold, where they come with so many processes.
fn sizes(entry: &Entry, processes: usize) -> impl Iterator<Item = Size> + use<> {
    let guarantee = entry.guarantee;
    let holds = move |name: &ScenarioName| guarantee.promise(*name) == Some(Promise::Holds);
    let size = move |name| Size { processes, ..Size::usual(name) }.to_string().parse().ok();
    ScenarioName::ALL.into_iter().filter(holds).filter_map(size)
}

fn sleep_sets(sites: &Sites) -> Result<Goal> {
    let size = Size { processes: 3, ..Size::usual(ScenarioName::LogTime) };
    let scenario = Scenario::sized(size);
    let entry = lab_catalog::entries::<Stepped>()[0];
    let site = sites.make(entry.family.needs)?;
    let mut arena = Arena::new(entry, &scenario, site.clone());
    let all = explore(&mut arena, SCHEDULES_MAX)?;
    let reduced = explore_reduced(&mut arena, SCHEDULES_MAX)?;
    let outcomes = |search: &lab_explore::Search| {
        let mut outcomes: Vec<u64> = search.outcomes().copied().collect();
        outcomes.sort_unstable();
        outcomes.dedup();
        outcomes
    };
    let keeps_all = outcomes(&all) == outcomes(&reduced);
    let (from, to) = (all.schedules.len(), reduced.schedules.len());
    let count = outcomes(&all).len();
    let lost = if keeps_all { "none lost" } else { "some lost" };
    Ok(goal(
        &format!("sleep sets on {} {size}", entry.name),
        "from 90 to 36 schedules, no outcome lost",
        from == 90 && to <= 36 && keeps_all,
        format!("from {from} to {to}, {count} outcomes, {lost}"),
    ))
}

/// One random run of four processes with two operations each, and its smallest witness.
fn shrinking(sites: &Sites) -> Result<Goal> {
    const RUNS: u64 = 50;
    let size = Size { processes: 4, rounds: 2, ..Size::usual(ScenarioName::LogTime) };
    let entry = lab_catalog::entries::<Stepped>()[0];
    let mut times_ms = Vec::new();
    for seed in 1..=RUNS {
        let effort =
            Effort { schedules_max: 1, faults_max: 0, sample: Some((Sampler::Random, seed)) };
        let start = Instant::now();
        let study = study(&mut Stand::new(entry, sites), size, effort)?;
        if !study.witnesses.is_empty() {
            times_ms.push(start.elapsed().as_secs_f64() * 1e3);
        }
    }
    let most = times_ms.iter().copied().fold(0.0, f64::max);
    let half = median(times_ms.iter().copied());
    Ok(goal(
        &format!("a failing random run of {} {size}, shrunk", entry.name),
        "50 ms",
        most <= 50.0 && !times_ms.is_empty(),
        format!("{half:.1} ms, at most {most:.1} ms, of {} runs", times_ms.len()),
    ))
}
