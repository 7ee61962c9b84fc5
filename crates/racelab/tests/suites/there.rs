//! Which stores can be tried on this machine, and where.
//!
//! Where a server is missing the families that need it are left out, in words, unless
//! `RACELAB_REQUIRE` names the server.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Mutex;

use lab_explore::Stepped;
use lab_servers::{Prerequisite, ServerError};
use lab_sites::{OwnSite, SiteError, Sites};
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
    let families = lab_catalog::FAMILIES.into_iter().filter(is_there).collect::<Vec<Family>>();
    let entries = lab_catalog::entries::<Stepped>();
    entries.into_iter().filter(|entry| families.contains(&entry.family)).collect()
}

/// Whether the stores of `family` have a place here.
pub(crate) fn is_there(family: &Family) -> bool {
    site(family, &sites()).is_some()
}

/// A new, empty site for `family`; none if its server is missing and may be.
pub(crate) fn site(family: &Family, sites: &Sites) -> Option<OwnSite> {
    match sites.make(family.needs) {
        Ok(site) => Some(site),
        Err(SiteError::Server { server, why }) => {
            not_run(server, why);
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// Says, once, that what needs `server` is left out.
pub(crate) fn not_run(server: Prerequisite, why: ServerError) {
    say_once(server.not_run(why).expect("RACELAB_REQUIRE names it"));
}

/// A line past the capture of the test harness: what did not run must be seen.
pub(crate) fn say_once(line: String) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut said = SAID.lock().unwrap();
    if !said.contains(&line) {
        std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
        said.insert(line);
    }
}
