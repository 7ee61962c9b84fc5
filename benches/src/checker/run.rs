//! What one run of the bench measured.

use super::{Checker, Decided, Measured, Overrun, Shrunk, Versioned};
use crate::Reached;

/// All of it. What was not asked for is empty.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// Every history that can be asked about.
    pub compared: Vec<Compared>,
    /// Checks by versions.
    pub versioned: Vec<Versioned>,
    /// Cores.
    pub shrunk: Vec<Shrunk>,
    /// Budgets.
    pub overruns: Vec<Overrun>,
}

/// How all checkers did on one history.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The history.
    pub name: String,
    /// Whether it is a log of etcd.
    pub is_log: bool,
    /// Checker by checker; none where the history was not asked for.
    pub measured: Vec<Measured>,
}

impl Compared {
    /// How one of the checkers did.
    ///
    /// # Errors
    /// What happened instead, in words.
    pub fn decided(&self, checker: Checker) -> Result<Decided, &'static str> {
        let one = self.measured.iter().find(|one| one.checker == checker);
        one.map_or(Err("not run"), Measured::decided)
    }
}

impl Run {
    /// How one of this project's checkers did on the history `name`.
    ///
    /// # Errors
    /// It was not asked, or it did not decide and so reached nothing.
    pub fn decided(&self, name: &str, checker: Checker) -> Result<Decided, Reached> {
        let row = self.compared.iter().find(|row| row.name == name && !row.measured.is_empty());
        let row = row.ok_or_else(|| Reached::NotRun(format!("{name} was not asked for")))?;
        row.decided(checker).map_err(|instead| Reached::NotMet(format!("{instead} on {name}")))
    }

    /// Every log of etcd.
    ///
    /// # Errors
    /// There is none, or one was not asked for.
    pub fn logs(&self) -> Result<Vec<&Compared>, Reached> {
        let logs: Vec<&Compared> = self.compared.iter().filter(|row| row.is_log).collect();
        let left_out = logs.iter().filter(|log| log.measured.is_empty()).count();
        match (logs.len(), left_out) {
            (0, _) => {
                let why = "RACELAB_PEER_HISTORIES names no folder with such logs";
                Err(Reached::NotRun(why.to_owned()))
            }
            (_, 0) => Ok(logs),
            (all, _) => {
                Err(Reached::NotRun(format!("{left_out} of {all} logs were not asked for")))
            }
        }
    }
}
