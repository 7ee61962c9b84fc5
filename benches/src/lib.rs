//! What every bench needs: the stores that can run here, and a store with tasks in it.

pub mod checker;
mod filled;
mod goal;
mod peer;
mod versioned_history;

use std::env;

use anyhow::Result;
use lab_runtime::Threads;
use lab_sites::{SiteError, Sites};
use lab_store::Entry;

pub use filled::{Filled, new_task};
pub use goal::{Goal, Reached, goal_table};
pub use peer::Ran;
pub use versioned_history::VersionedHistory;

/// Sites where temporary files go, not where they are fastest: a synced write has its price.
pub fn sites() -> Sites {
    Sites::in_folder(env::temp_dir())
}

/// Every store whose server is there, and for each missing server the line that says so.
///
/// # Errors
/// `RACELAB_REQUIRE` names a missing server, or there is no room for a site.
pub fn runnable(sites: &Sites) -> Result<(Vec<Entry>, Vec<String>)> {
    let mut families = Vec::new();
    let mut not_run = Vec::new();
    for family in lab_catalog::FAMILIES {
        match sites.make(family.needs) {
            Ok(_) => families.push(family),
            Err(SiteError::Server { server, why }) => not_run.push(server.not_run(why)?),
            Err(error) => return Err(error.into()),
        }
    }
    let mut entries = lab_catalog::entries::<Threads>();
    entries.retain(|entry| families.contains(&entry.family));
    Ok((entries, not_run))
}
