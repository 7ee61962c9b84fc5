//! One store on a site of its own, for scenario after scenario.

use lab_explore::Arena;
use lab_scenario::Scenario;
use lab_sites::{OwnSite, SiteError, Sites};
use lab_store::Entry;

/// A store of the stepped catalogue, and the site that is made for it when a first scenario comes.
///
/// A database is opened once and emptied between two scenarios, as it is between two schedules: to
/// make a schema and to let its sessions in takes longer than most trees do.
pub struct Stand {
    entry: Entry,
    sites: Sites,
    /// The arena goes before the site that it is on.
    made: Option<(Arena, OwnSite)>,
}

impl Stand {
    /// A stand whose site will be one of `sites`.
    pub fn new(entry: Entry, sites: &Sites) -> Self {
        Self { entry, sites: sites.clone(), made: None }
    }

    /// The store.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Where sites are made.
    pub fn sites(&self) -> &Sites {
        &self.sites
    }

    /// The store, ready for schedules of `scenario`.
    ///
    /// # Errors
    /// There is no place for it.
    pub fn arena(&mut self, scenario: &Scenario) -> Result<&mut Arena, SiteError> {
        let (arena, _) = match &mut self.made {
            Some(made) => made,
            made => {
                let site = self.sites.make(self.entry.family.needs)?;
                made.insert((Arena::new(self.entry, scenario, site.clone()), site))
            }
        };
        arena.change(scenario.clone());
        Ok(arena)
    }
}
