//! What a store promises of a script, as a study asks it.

use lab_scenario::{Program, Script, Unit};
use lab_store::{Guarantee, Promise};
use lab_task::Anomaly;

/// Which anomalies may be seen, and which must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    /// Those that some schedule of whole steps may show.
    pub(crate) admits: Vec<Anomaly>,
    /// Those that may be seen too, and need not be: of a scenario that is played within this one.
    also: Vec<Anomaly>,
    /// Whether each of them must be found.
    pub(crate) finds_all: bool,
    /// Those that can happen only while two steps run at the same time.
    pub(crate) within_step: Vec<Anomaly>,
}

/// Why a script may not apply to a store.
pub(crate) const DOES_NOT_APPLY: &str = "does not apply: the site belongs to one instance";

impl Expected {
    /// `None` where the script does not apply to the store.
    pub(crate) fn of(guarantee: &Guarantee, script: &Script) -> Option<Self> {
        match script {
            Script::Named(size) => {
                let inner = size.inner().and_then(|name| guarantee.promise(name));
                guarantee.promise(size.name).map(|promise| Self::promised(promise, inner))
            }
            Script::Program(program) => Some(Self::of_program(guarantee, program, Unit::Op)),
        }
    }

    fn promised(promise: Promise, inner: Option<Promise>) -> Self {
        let within_step = match promise {
            Promise::AdmitsWithinStep(anomalies) => anomalies.to_vec(),
            Promise::Holds | Promise::Admits(_) => Vec::new(),
        };
        let also = inner.map_or(Vec::new(), |inner| inner.admitted().to_vec());
        Self { admits: promise.admitted().to_vec(), also, finds_all: true, within_step }
    }

    /// A program may show what its operations show in the scenarios that are about them, and does
    /// not have to.
    pub(crate) fn of_program(guarantee: &Guarantee, program: &Program, unit: Unit) -> Self {
        let admits = program.admits(guarantee, unit);
        Self { admits, also: Vec::new(), finds_all: false, within_step: Vec::new() }
    }

    /// Whether some schedule may show `anomaly`. What follows from an anomaly has other names in a
    /// larger program: a lost update may be listed before it is lost. So a program of operations
    /// that admit one may show any.
    pub(crate) fn allows(&self, anomaly: Anomaly) -> bool {
        self.admits.contains(&anomaly)
            || self.also.contains(&anomaly)
            || (!self.finds_all && !self.admits.is_empty())
    }

    /// Whether no schedule of whole steps may show an anomaly.
    pub(crate) fn holds(&self) -> bool {
        self.admits.is_empty() && self.within_step.is_empty()
    }
}
