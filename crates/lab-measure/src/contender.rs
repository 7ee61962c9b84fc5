//! Who is measured.

use std::time::Duration;

use lab_stats::{Role, Subject};
use lab_store::{Capability, Entry, Needs, Promise, ScenarioName, Site, Store, StoreError};

/// Somebody who can be measured.
#[derive(Clone)]
pub struct Contender {
    /// What results call it.
    pub subject: Subject,
    /// What it needs of a site.
    pub needs: Needs,
    /// Whether several processes may have one site open.
    pub shares_site: bool,
    /// Whether it promises to lose no `edit`.
    pub keeps_edits: bool,
    /// How it is measured.
    pub how: How,
}

/// How a contender is measured.
#[derive(Clone, Copy)]
pub enum How {
    /// By our clients, in sessions of the store that this opens.
    Sessions(Open),
    /// By a program of its own.
    External(External),
}

/// Opens a store.
pub(crate) type Open = fn(&Site) -> Result<Box<dyn Store>, StoreError>;

/// A load driver that is not ours.
#[derive(Clone, Copy)]
pub struct External {
    /// Opens the store whose tasks it works on, to make them and to count them afterwards.
    pub open: Open,
    /// Lets clients add minutes, one at a time.
    pub run: fn(&Site, &ExternalWork) -> Result<ExternalRun, StoreError>,
}

/// What a driver that is not ours shall do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExternalWork {
    /// How many clients work at one time.
    pub clients: u32,
    /// Each edit meets one of the first so many tasks, all equally often.
    pub tasks: u64,
    /// For about how long.
    pub about: Duration,
}

/// What a driver that is not ours says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExternalRun {
    /// How many changes it was told are done.
    pub acknowledged: u64,
    /// How many that is a second, as it measures itself.
    pub per_s: f64,
}

/// The stores of a catalogue.
pub fn contenders_of(entries: &[Entry]) -> Vec<Contender> {
    let contender = |entry: &Entry| Contender {
        subject: Subject {
            name: entry.name.to_owned(),
            family: entry.family.name.to_owned(),
            mechanism: entry.guarantee.mechanism.to_owned(),
            role: Role::Store,
        },
        needs: entry.family.needs,
        shares_site: entry.guarantee.has(Capability::SharedSite),
        keeps_edits: entry.guarantee.promise(ScenarioName::LogTime) == Some(Promise::Holds),
        how: How::Sessions(entry.open),
    };
    entries.iter().map(contender).collect()
}

/// The contenders, and of each family the last store that loses nothing a second time: what it
/// differs by from itself is the noise of the run.
pub fn with_controls(contenders: Vec<Contender>) -> Vec<Contender> {
    let mut all = contenders;
    let stores = all.iter().filter(|one| one.subject.role == Role::Store && one.keeps_edits);
    let mut controls: Vec<Contender> = Vec::new();
    for store in stores {
        controls.retain(|control| control.subject.family != store.subject.family);
        let mut control = store.clone();
        control.subject.role = Role::Control;
        controls.push(control);
    }
    all.extend(controls);
    all
}
