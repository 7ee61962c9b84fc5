//! What a store promises, scenario by scenario, and what it can do: data that suites ask.

use std::fmt;

use lab_task::{Anomaly, Rules};

/// The promises and abilities of one store.
#[derive(Clone, Copy, Debug)]
pub struct Guarantee {
    /// The mechanism in a few words, for lists.
    pub mechanism: &'static str,
    /// What it can do beyond the operations that all stores have.
    pub capabilities: &'static [Capability],
    /// What it promises in each scenario; a scenario that is not named does not apply to it.
    pub promises: &'static [(ScenarioName, Promise)],
}

impl Guarantee {
    /// Whether the store has `capability`.
    pub fn has(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }

    /// What the store promises in `scenario`, `None` where that does not apply.
    pub fn promise(&self, scenario: ScenarioName) -> Option<Promise> {
        self.promises.iter().find(|(name, _)| *name == scenario).map(|(_, promise)| *promise)
    }

    /// The store's sequential meaning.
    pub fn rules(&self) -> Rules {
        Rules {
            refuses_stale: self.has(Capability::VersionChecks),
            idempotent_creates: self.has(Capability::IdempotentCreates),
        }
    }
}

/// Something that a store can do and others cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Capability {
    /// `save` and `delete` refuse what is based on an old version.
    VersionChecks,
    /// A create that is retried with its key makes no second task.
    IdempotentCreates,
    /// `Session::leasing` gives leases.
    Leases,
    /// `Session::revisions` gives old versions.
    Revisions,
    /// The tasks are there again when the store is closed and opened.
    Persistent,
    /// Several instances may have the same site open at one time.
    SharedSite,
}

impl Capability {
    /// The word for lists.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VersionChecks => "version checks",
            Self::IdempotentCreates => "idempotent creates",
            Self::Leases => "leases",
            Self::Revisions => "revisions",
            Self::Persistent => "persistent",
            Self::SharedSite => "shared site",
        }
    }
}

/// What a store promises in one scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// No schedule shows an anomaly.
    Holds,
    /// Some schedule shows one of these, and no schedule any other.
    Admits(&'static [Anomaly]),
}

impl Promise {
    /// The anomalies that may be seen.
    pub fn admitted(self) -> &'static [Anomaly] {
        match self {
            Self::Holds => &[],
            Self::Admits(anomalies) => anomalies,
        }
    }
}

/// The scenarios by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScenarioName {
    /// Processes add minutes to one task with `edit`.
    LogTime,
    /// Two people open one task, each saves another field.
    TwoEditors,
}

impl ScenarioName {
    /// Every scenario.
    pub const ALL: [Self; 2] = [Self::LogTime, Self::TwoEditors];

    /// The name as commands and tokens have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LogTime => "log_time",
            Self::TwoEditors => "two_editors",
        }
    }
}

impl fmt::Display for ScenarioName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
