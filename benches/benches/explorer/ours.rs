//! The explorer itself, on one store of each family that loses increments in two steps.

use std::rc::Rc;
use std::time::Instant;

use anyhow::{Context, Result};
use lab_explore::{Arena, Stepped, explore};
use lab_scenario::{Scenario, Size};
use lab_sites::{SiteError, Sites};
use lab_store::{Entry, Promise, ScenarioName, Site};
use racelab_benches::Ran;

use crate::numbers::Row;

/// The tree has 6 schedules.
const SCHEDULES_MAX: usize = 100;

/// A row for each family, and why another has none.
pub(crate) fn rows(sites: &Sites) -> Result<(Vec<Row>, Vec<String>)> {
    let (mut rows, mut not_run) = (Vec::new(), Vec::new());
    for family in lab_catalog::FAMILIES {
        match sites.make(family.needs) {
            Ok(_) => {}
            Err(SiteError::Server { server, why }) => {
                not_run.push(server.not_run(why)?);
                continue;
            }
            Err(error) => return Err(error.into()),
        }
        for entry in lab_catalog::entries::<Stepped>() {
            if entry.family == family && loses(&entry) && has_two_steps(entry, sites)? {
                rows.push(row(entry, sites)?);
                break;
            }
        }
    }
    Ok((rows, not_run))
}

fn loses(entry: &Entry) -> bool {
    let promise = entry.guarantee.promise(ScenarioName::LogTime);
    promise.is_some_and(|promise| promise != Promise::Holds)
}

pub(crate) fn scenario() -> Scenario {
    Scenario::sized(Size::usual(ScenarioName::LogTime))
}

fn has_two_steps(entry: Entry, sites: &Sites) -> Result<bool> {
    let site = sites.make(entry.family.needs)?;
    let scenario = scenario();
    let search = explore(&mut Arena::new(entry, &scenario, site.clone()), SCHEDULES_MAX)?;
    Ok(search.is_complete && search.schedules.len() == 6)
}

fn row(entry: Entry, sites: &Sites) -> Result<Row> {
    // One scenario for the whole run: an arena borrows it.
    let scenario: &'static Scenario = Box::leak(Box::new(scenario()));
    let site = Rc::new(sites.make(entry.family.needs)?);
    let mut arena = Arena::new(entry, scenario, Site::clone(&site));
    let found = explore(&mut arena, SCHEDULES_MAX)?.found;
    let found_after = found.first().context("no lost update was found")?.after_schedules;
    drop(arena);
    let all_site = Rc::clone(&site);
    let all = move |time| {
        // The calling thread stays on one processor as long as an arena is there.
        let mut arena = Arena::new(entry, scenario, Site::clone(&all_site));
        explore(&mut arena, 1)?;
        let start = Instant::now();
        let mut schedules = 0;
        while start.elapsed() < time {
            schedules += explore(&mut arena, SCHEDULES_MAX)?.schedules.len();
        }
        Ok(Ran::of(schedules, start.elapsed()))
    };
    let first = move || {
        let start = Instant::now();
        let mut arena = Arena::new(entry, scenario, Site::clone(&site));
        let search = explore(&mut arena, found_after)?;
        let time = start.elapsed();
        let found = search.found.first().context("the lost update was not found again")?;
        Ok(Ran::of(found.after_schedules, time))
    };
    let name = format!("racelab, {}", entry.name);
    Ok(Row::new(
        &name,
        "the store as it is, in order of preemptions",
        Box::new(all),
        Box::new(first),
    ))
}
