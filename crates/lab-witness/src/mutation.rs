//! Detector power: what the lab notices when a store has to do without one of its protections.

use serde::{Deserialize, Serialize};

use crate::{Cell, Evidence, Results, Share};

/// A store without one of its protections, and which suites of the lab noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mutation {
    /// The whole store, `family/mechanism`.
    pub store: String,
    /// The store that lacks the protection, `family/mechanism~protection`: it can be raced and
    /// replayed by that name.
    pub mutant: String,
    /// What it does without the protection, in a sentence.
    pub without: String,
    /// Every suite that noticed, in the order in which they were run.
    pub caught: Vec<Caught>,
    /// The suites that ran and noticed nothing.
    pub survived: Vec<String>,
    /// Why no suite can notice yet, as the store declares it; `None` where one has to.
    pub unseen: Option<String>,
}

/// How one suite noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caught {
    /// A scenario in its size, or the name of a check.
    pub suite: String,
    /// The anomaly, or how the store failed.
    pub what: String,
    /// How many schedules had been run then, the one that shows it included; `None` for a check,
    /// which has only one.
    pub found_after: Option<usize>,
    /// The schedule, to be replayed; `None` for a check.
    pub token: Option<String>,
}

impl Mutation {
    /// The protection that is lacked.
    pub fn protection(&self) -> &str {
        self.mutant.split_once('~').map_or("", |(_, protection)| protection)
    }

    /// Whether a suite noticed.
    pub fn is_caught(&self) -> bool {
        !self.caught.is_empty()
    }

    /// Whether it is as the store declares: noticed, or not to be seen yet.
    pub fn is_as_declared(&self) -> bool {
        self.is_caught() == self.unseen.is_none()
    }

    /// What came of it, in a word.
    pub fn word(&self) -> &'static str {
        match (self.is_caught(), &self.unseen) {
            (true, _) => "CAUGHT",
            (false, None) => "SURVIVES",
            (false, Some(_)) => "UNSEEN",
        }
    }
}

impl Results {
    /// How many mutants of the cell's store its scenario catches, of all that there are; `None`
    /// where none was tried: mutants run with two processes alone.
    pub fn power(&self, cell: &Cell) -> Option<Share> {
        let is_tried = |one: &&Mutation| one.store == cell.store && !cell.scenario.contains('@');
        let mutants = self.mutations.iter().filter(is_tried);
        let catches = |one: &&Mutation| one.caught.iter().any(|by| by.suite == cell.scenario);
        let share = Share { part: mutants.clone().filter(catches).count(), of: mutants.count() };
        (share.of > 0).then_some(share)
    }

    /// Whether the cell is PROVEN and each mutant of its store survives there: it holds, but nobody
    /// has shown that the lab would notice if it did not.
    pub fn is_unproven_power(&self, cell: &Cell) -> bool {
        let is_proven = matches!(cell.evidence, Evidence::Proven { .. });
        is_proven && self.power(cell).is_some_and(|share| share.part == 0)
    }

    /// How many mutants there are of each kind, in a sentence.
    pub fn mutations_counted(&self) -> String {
        let count = |word: &str| self.mutations.iter().filter(|one| one.word() == word).count();
        let (caught, survive, unseen) = (count("CAUGHT"), count("SURVIVES"), count("UNSEEN"));
        let all = self.mutations.len();
        format!(
            "{all} mutants: {caught} caught, {survive} survive, {unseen} that no suite can see yet"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutation(scenario: Option<&str>, unseen: Option<&str>) -> Mutation {
        let caught = |suite: &str| Caught {
            suite: suite.to_owned(),
            what: "lost update".to_owned(),
            found_after: Some(3),
            token: None,
        };
        Mutation {
            store: "x/y".to_owned(),
            mutant: "x/y~lock".to_owned(),
            without: "nothing is locked".to_owned(),
            caught: scenario.map(caught).into_iter().collect(),
            survived: Vec::new(),
            unseen: unseen.map(ToOwned::to_owned),
        }
    }

    fn proven(scenario: &str) -> Cell {
        let evidence = Evidence::Proven {
            schedules: 6,
            preemptions_max: None,
            is_reduced: false,
            cut_by_server: 0,
        };
        let (store, scenario) = ("x/y".to_owned(), scenario.to_owned());
        Cell { store, scenario, admits: Vec::new(), evidence, broken: None }
    }

    #[test]
    fn a_proven_cell_in_which_every_mutant_survives_is_named() {
        let scenarios = ["log_time", "create_burst", "create_burst@3x1"];
        let cells = scenarios.map(proven).to_vec();
        let mutations = vec![mutation(Some("log_time"), None), mutation(None, None)];
        let mut results = Results { cells, mutations, ..Results::default() };
        let named = |results: &Results| {
            let named = results.cells.iter().filter(|cell| results.is_unproven_power(cell));
            named.map(|cell| cell.scenario.clone()).collect::<Vec<_>>()
        };
        assert_eq!(named(&results), ["create_burst"]);
        assert_eq!(results.power(&results.cells[0]), Some(Share { part: 1, of: 2 }));
        results.mutations.clear();
        assert_eq!(named(&results), [""; 0]);
        assert_eq!(results.power(&results.cells[0]), None);
    }

    #[test]
    fn a_mutant_that_survives_is_as_declared_only_with_a_reason() {
        let of = |scenario, unseen| {
            let mutation = mutation(scenario, unseen);
            (mutation.word(), mutation.is_as_declared())
        };
        assert_eq!(of(Some("log_time"), None), ("CAUGHT", true));
        assert_eq!(of(Some("log_time"), Some("no power cut")), ("CAUGHT", false));
        assert_eq!(of(None, None), ("SURVIVES", false));
        assert_eq!(of(None, Some("no power cut")), ("UNSEEN", true));
    }
}
