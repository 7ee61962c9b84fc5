//! Which stores can be tried on this machine, and where.
//!
//! Where a server is missing the families that need it are left out, in words, unless
//! `RACELAB_REQUIRE` names the server.

use lab_explore::Stepped;
use lab_sites::{SiteError, Sites};
use lab_store::{Entry, Family};
use racelab::stand::Stand;

/// Nobody else uses the server of a site meanwhile.
pub(crate) fn sites() -> Sites {
    Sites::fastest().alone()
}

/// A store, for scenario after scenario.
pub(crate) fn stand(entry: Entry) -> Stand {
    Stand::new(entry, &sites())
}

/// The stores whose place is there.
pub(crate) fn entries() -> Vec<Entry> {
    let families: Vec<Family> = lab_catalog::FAMILIES.into_iter().filter(is_there).collect();
    let entries = lab_catalog::entries::<Stepped>();
    entries.into_iter().filter(|entry| families.contains(&entry.family)).collect()
}

fn is_there(family: &Family) -> bool {
    match sites().make(family.needs) {
        Ok(_) => true,
        Err(SiteError::Server { server, why }) => {
            println!("{}", server.not_run(why).expect("RACELAB_REQUIRE names it"));
            false
        }
        Err(error) => panic!("{error}"),
    }
}
