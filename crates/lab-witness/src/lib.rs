//! One schedule made readable: who did what, what it led to, and why.
//!
//! The explorer fills in a [`Witness`]; [`Witness::to_text`] is what a terminal, a test's output
//! and a report show of it, [`Witness::to_mermaid`] and [`Witness::to_svg`] are pictures of the
//! same facts. A [`Timeline`] is the same for a few operations of a history.

mod chances;
pub mod drawing;
mod evidence;
mod facts;
mod lanes;
mod lines;
mod mermaid;
mod mutation;
mod svg;
mod table;
mod timeline;

pub use chances::{Chances, Increments, Moment, Window};
pub use evidence::{Cell, Draw, Evidence, Results, Schedules};
pub use mutation::{Caught, Mutation};
pub use timeline::{Span, Timeline};

use lab_task::Anomaly;
use serde::{Deserialize, Serialize};

/// One schedule of one scenario on one store, and what it led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// `family/mechanism`.
    pub store: String,
    /// The scenario in its size.
    pub scenario: String,
    /// The scenarios in which it was found. Where its own is not among them, that is the smallest
    /// part of them that shows the same. Empty for a schedule that was only replayed.
    #[serde(default)]
    pub found_in: Vec<String>,
    /// What the scenario is about, in a sentence.
    pub story: String,
    /// What goes wrong; `None` if every acknowledged change survived, or if the store failed.
    pub anomaly: Option<Anomaly>,
    /// Whether the store failed in a way that is no anomaly.
    pub has_failed: bool,
    /// The schedule, to be replayed; empty where nobody could.
    pub token: String,
    /// How the code has changed since the token was made that was replayed, if it has.
    pub changed: Option<String>,
    /// The search that found it; `None` for a schedule that was only replayed.
    pub search: Option<Searched>,
    /// The lanes, clients first.
    pub lanes: Vec<Lane>,
    /// The task before the first step.
    pub before: String,
    /// The lines of the file, or the rows, that were there before the first step and are not there
    /// after the last, each with its place.
    #[serde(default)]
    pub lay_before: Vec<String>,
    /// The steps, in order.
    pub rows: Vec<Row>,
    /// The task after the last step.
    pub after: String,
    /// Those that are there after the last step, and were not before the first.
    #[serde(default)]
    pub lies_after: Vec<String>,
    /// What is wrong with that, in a sentence.
    pub consequence: String,
    /// Why it came to that, in a sentence; missing where nobody could look between the steps.
    pub cause: Option<String>,
    /// What helps and what does not, a sentence each.
    pub cures: Vec<String>,
}

/// The search in which a witness was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Searched {
    /// How many schedules had been run when this anomaly was first seen.
    pub found_after: usize,
    /// Of the schedules that were run, how many show an anomaly.
    pub lose: Share,
    /// Whether those were all schedules that there are.
    pub is_complete: bool,
}

/// One process of a witness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// `client A`.
    pub name: String,
    /// What it wants.
    pub role: String,
}

/// One step of a witness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Who takes it, by position among the lanes.
    pub lane: usize,
    /// Whether it takes the baton from a process that could have gone on.
    pub is_preemption: bool,
    /// What it does and what comes of it.
    pub text: String,
    /// Of the schedules that begin like this one up to here, how many show an anomaly; `None` for
    /// a schedule that was only replayed.
    pub still_lose: Option<Share>,
    /// Whether it is the first step after which none is left that does not.
    pub is_point_of_no_return: bool,
    /// The stored task after it, where somebody could look.
    pub stored: Option<String>,
}

/// So many of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Those that are meant.
    pub part: usize,
    /// All of them.
    pub of: usize,
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}
