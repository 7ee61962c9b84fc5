//! What the explorer does for a whole tree.

use anyhow::{Context, Result, ensure};
use lab_explore::{Arena, Stepped, explore};
use lab_scenario::Scenario;
use lab_store::{Entry, Site};

use super::Case;
use crate::only_this_is_counted;

/// Three clients, each with a read and a write: (3 * 2)! / (2!)^3 schedules.
const SCHEDULES: usize = 90;

pub(super) fn cases() -> Vec<Case> {
    vec![Case::new("explorer tree", tree)]
}

fn tree() -> Result<()> {
    let scenario = Scenario::sized("log_time@3x1".parse()?);
    let mut arena = Arena::new(naive()?, &scenario, Site::default());
    only_this_is_counted(&mut || {
        let search = explore(&mut arena, SCHEDULES + 1)?;
        let schedules = search.schedules.len();
        ensure!(search.is_complete && schedules == SCHEDULES, "{schedules} schedules");
        Ok(())
    })
}

/// The first store of the catalogue, which is the one that people write first: it loses updates.
fn naive() -> Result<Entry> {
    store_memory::entries::<Stepped>().into_iter().next().context("no store in memory")
}
