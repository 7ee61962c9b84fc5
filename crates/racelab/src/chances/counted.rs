//! What the explorer counts, and where its random walks end.

use anyhow::Context;
use lab_chance::{Fraction, walk_chance};
use lab_explore::{Arena, Sampler, Search, explore, sample};
use lab_scenario::{Scenario, Size};
use lab_sites::Sites;
use lab_store::{Entry, ScenarioName};
use lab_witness::{Increments, Share};

use crate::stand::Stand;
use crate::study::SCHEDULES_MAX;

/// Where random walks begin; equal seeds take equal walks.
const SEED: u64 = 1;

/// Counts of so many clients, each of which adds once. The threads are left for others to try.
pub(super) fn count(
    entry: Entry,
    clients: usize,
    sites: &Sites,
    walks: usize,
) -> anyhow::Result<Increments> {
    let (search, walked) = in_arena(entry, clients, sites, |arena| {
        Ok((explore(arena, SCHEDULES_MAX)?, sample(arena, Sampler::Random, SEED, walks)?))
    })?;
    let is_whole = search.is_complete && search.cut_by_server == 0 && search.failure.is_none();
    Ok(Increments {
        store: entry.name.to_owned(),
        clients,
        explored: is_whole.then(|| kept(&search)),
        walk: if is_whole { walk(&search).and_then(share) } else { None },
        walked: kept(&walked),
        threads: Share { part: 0, of: 0 },
    })
}

/// The most steps that two edits take that others can see.
pub(super) fn steps_of_two_edits(entry: Entry, sites: &Sites) -> anyhow::Result<usize> {
    let search = in_arena(entry, 2, sites, |arena| Ok(explore(arena, SCHEDULES_MAX)?))?;
    Ok(search.schedules.iter().map(|one| one.schedule.len()).max().unwrap_or(0))
}

fn in_arena<T>(
    entry: Entry,
    clients: usize,
    sites: &Sites,
    body: impl FnOnce(&mut Arena) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let mut stand = Stand::new(entry, sites);
    body(stand.arena(&Scenario::sized(size(clients)))?).context(entry.name)
}

/// Each client adds once.
pub(super) fn size(clients: usize) -> Size {
    Size { processes: clients, ..Size::usual(ScenarioName::LogTime) }
}

fn kept(search: &Search) -> Share {
    Share { part: search.schedules.len() - search.anomalous(), of: search.schedules.len() }
}

fn walk(search: &Search) -> Option<Fraction> {
    let marked = |one: &'_ lab_explore::Explored| one.anomaly.is_none();
    walk_chance(search.schedules.iter().map(|one| (one.schedule.as_slice(), marked(one))))
}

fn share(fraction: Fraction) -> Option<Share> {
    Some(Share { part: fraction.part.try_into().ok()?, of: fraction.of.try_into().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_what_theory_says_and_walks_end_about_as_often_as_they_must() {
        let naive = lab_catalog::entries::<lab_explore::Stepped>()[0];
        for (clients, all, walk) in [(2, 6, 2), (3, 90, 6), (4, 2_520, 24)] {
            let counted = count(naive, clients, &Sites::fastest(), 1_000).unwrap();
            let theory = lab_chance::serial_schedules(clients.try_into().unwrap()).unwrap();
            assert_eq!(counted.explored, share(theory));
            assert_eq!(counted.explored.unwrap().of, all);
            assert_eq!(counted.walk, Some(Share { part: 1, of: walk }));
            // The seed is fixed, so that this is no matter of luck.
            let interval = lab_chance::wilson(counted.walked.part, counted.walked.of);
            let exact = 1.0 / walk as f64;
            assert!((interval.low..=interval.high).contains(&exact), "{clients}: {interval:?}");
        }
    }
}
