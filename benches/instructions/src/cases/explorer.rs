//! What the explorer does at each step, as far as one thread does it. A whole search is none of the
//! cases: how often the controller looks whether it is its turn differs from run to run, by 0.9 %.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use lab_explore::{Arena, Plan, Stepped};
use lab_runtime::{Access, Runtime};
use lab_scenario::Scenario;
use lab_store::{
    Entry, Session, Site, Store, StoreError, Table, TableAccess, TableSession, nothing_inside,
};
use lab_task::{Filter, Rules};

use super::Case;
use crate::only_this_is_counted;

/// How many schedule points a write has.
const POINTS: usize = 200;

pub(super) fn cases() -> Vec<Case> {
    vec![Case::new("explorer schedule points", points)]
}

/// Two clients, each of which goes on at every point of its edit: what is counted is the choice,
/// without a hand-over.
fn points() -> Result<()> {
    let entry = Entry { open: pointed, inside: nothing_inside, ..any_entry()? };
    let scenario = Scenario::sized("log_time@2x1".parse()?);
    let run = Arena::new(entry, &scenario, Site::default()).run(Plan::default())?;
    ensure!(run.cut.is_none() && run.steps.len() == 2 * POINTS, "{} steps", run.steps.len());
    Ok(())
}

/// The first store of the catalogue, which is the one that people write first: it loses updates.
fn any_entry() -> Result<Entry> {
    store_memory::entries::<Stepped>().into_iter().next().context("no store in memory")
}

/// A table whose every change takes many steps.
struct Pointed(Arc<Mutex<Table>>);

fn pointed(_site: &Site) -> Result<Box<dyn Store>, StoreError> {
    Ok(Box::new(Pointed(Arc::default())))
}

impl Store for Pointed {
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        Ok(Box::new(TableSession(Self(Arc::clone(&self.0)))))
    }
}

impl TableAccess for Pointed {
    const RULES: Rules = Rules { refuses_stale: false, idempotent_creates: false };

    fn read<T>(&mut self, look: impl FnOnce(&Table) -> T) -> Result<T, StoreError> {
        Ok(look(&self.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    fn write<T>(&mut self, mut change: impl FnMut(&mut Table) -> T) -> Result<T, StoreError> {
        // The first task is made before anybody takes a step.
        if self.read(|table| !table.list(&Filter::ALL).is_empty())? {
            let counted = only_this_is_counted(&mut || {
                (0..POINTS).for_each(|_| Stepped::point(Access::write(1, "write")));
                Ok(())
            });
            counted.map_err(|why| StoreError::unavailable("a schedule point", why))?;
        }
        Ok(change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}
