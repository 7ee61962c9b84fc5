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
    /// What it promises, scenario by scenario; in each scenario that is not named it holds.
    pub promises: &'static [(ScenarioName, Promise)],
}

impl Guarantee {
    /// Whether the store has `capability`.
    pub fn has(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }

    /// What the store promises in `scenario`; `None` where that does not apply: a store whose site
    /// belongs to one instance has no two of them.
    pub fn promise(&self, scenario: ScenarioName) -> Option<Promise> {
        let is_sole = self.has(Capability::Persistent) && !self.has(Capability::SharedSite);
        if scenario == ScenarioName::TwoInstances && is_sole {
            return None;
        }
        let promise = self.promises.iter().find(|(name, _)| *name == scenario);
        Some(promise.map_or(Promise::Holds, |(_, promise)| *promise))
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
    /// One of these can happen, but only while two steps run at the same time: no schedule of
    /// whole steps shows it.
    AdmitsWithinStep(&'static [Anomaly]),
}

impl Promise {
    /// The anomalies that some schedule of whole steps must show.
    pub fn admitted(self) -> &'static [Anomaly] {
        match self {
            Self::Holds | Self::AdmitsWithinStep(_) => &[],
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
    /// A job sets the status while a person saves an old copy.
    BackgroundStatus,
    /// Concurrent creates.
    CreateBurst,
    /// A delete between a read and a save.
    EditDelete,
    /// The answer to a create is lost, the client tries again.
    RetriedCreate,
    /// A reader lists while tasks change.
    ListWhileEditing,
    /// Two people start different tasks at a limit.
    WipLimit,
    /// Two instances of the backend on one site.
    TwoInstances,
}

impl ScenarioName {
    /// Every scenario.
    pub const ALL: [Self; 9] = [
        Self::LogTime,
        Self::TwoEditors,
        Self::BackgroundStatus,
        Self::CreateBurst,
        Self::EditDelete,
        Self::RetriedCreate,
        Self::ListWhileEditing,
        Self::WipLimit,
        Self::TwoInstances,
    ];

    /// The name as commands and tokens have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LogTime => "log_time",
            Self::TwoEditors => "two_editors",
            Self::BackgroundStatus => "background_status",
            Self::CreateBurst => "create_burst",
            Self::EditDelete => "edit_delete",
            Self::RetriedCreate => "retried_create",
            Self::ListWhileEditing => "list_while_editing",
            Self::WipLimit => "wip_limit",
            Self::TwoInstances => "two_instances",
        }
    }
}

impl fmt::Display for ScenarioName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
