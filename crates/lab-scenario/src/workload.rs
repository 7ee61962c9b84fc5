//! Workloads: long generated mixes of operations, for stress and for speed.
//!
//! A workload is data: how often each kind of step comes, which tasks it meets, how many tasks
//! there are and how long a client thinks. What a client does next it asks of a [`Generator`],
//! which draws from a seed and allocates nothing.

mod alias;
mod generator;
mod named;
mod parse;

use std::fmt;
use std::time::Duration;

pub use generator::{Generator, Plan, Step};
pub use parse::ParseWorkloadError;

/// A mix of operations over a number of tasks.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// As it was asked for: a name, and what differs from it.
    pub text: String,
    /// How often each kind of step comes.
    pub mix: Mix,
    /// Which tasks the steps meet.
    pub skew: Skew,
    /// How many tasks there are before anybody begins.
    pub tasks: usize,
    /// How long a client thinks between reading a task and saving it.
    pub think: Duration,
    /// The most tasks that may be in progress together.
    pub wip_limit: u32,
}

/// What a client can do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StepKind {
    /// Reads one task.
    Get,
    /// Lists all tasks.
    List,
    /// Adds a minute to a task, inside the store.
    Edit,
    /// Reads a task, thinks, adds a minute to the copy and saves it.
    Save,
    /// Creates a task.
    Create,
    /// Removes a task.
    Delete,
    /// Starts a task, or finishes the one that this client started.
    Start,
}

impl StepKind {
    /// Every kind, in the order of a mix.
    pub const ALL: [Self; 7] =
        [Self::Get, Self::List, Self::Edit, Self::Save, Self::Create, Self::Delete, Self::Start];

    /// The word that a workload's text has for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Edit => "edit",
            Self::Save => "save",
            Self::Create => "create",
            Self::Delete => "delete",
            Self::Start => "start",
        }
    }

    /// Whether it only looks.
    pub fn is_read(self) -> bool {
        matches!(self, Self::Get | Self::List)
    }
}

impl fmt::Display for StepKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How often each kind of step comes. The shares sum to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mix([f64; StepKind::ALL.len()]);

impl Mix {
    const NOTHING: Self = Self([0.0; StepKind::ALL.len()]);

    /// The share of `kind`, from 0 to 1.
    pub fn share(&self, kind: StepKind) -> f64 {
        self.0[kind as usize]
    }

    /// The share of all kinds that `is_meant` picks.
    pub fn share_of(&self, is_meant: impl Fn(StepKind) -> bool) -> f64 {
        StepKind::ALL.into_iter().filter(|kind| is_meant(*kind)).map(|kind| self.share(kind)).sum()
    }

    /// The kinds that come at all, with their shares.
    pub fn shares(&self) -> impl Iterator<Item = (StepKind, f64)> {
        let shares = StepKind::ALL.map(|kind| (kind, self.share(kind)));
        shares.into_iter().filter(|(_, share)| *share > 0.0)
    }

    const fn with(mut self, kind: StepKind, share: f64) -> Self {
        self.0[kind as usize] = share;
        self
    }
}

/// Which tasks are met how often.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Skew {
    /// Always the same one.
    Hot,
    /// All equally often.
    Uniform,
    /// The one in place r, counted from 1, in proportion to 1 / r^s, for the exponent s.
    Zipf(f64),
    /// As Zipf, counted from the newest task that the client knows.
    Latest(f64),
}

impl fmt::Display for Skew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hot => f.write_str("hot"),
            Self::Uniform => f.write_str("uniform"),
            Self::Zipf(exponent) => write!(f, "zipf:{exponent}"),
            Self::Latest(exponent) => write!(f, "latest:{exponent}"),
        }
    }
}

impl Workload {
    /// The names of all workloads.
    pub fn names() -> impl Iterator<Item = &'static str> {
        named::NAMED.iter().map(|named| named.name)
    }

    /// What it does, in a few words: `50 % get, 50 % edit, 1000 tasks, uniform`.
    pub fn describe(&self) -> String {
        let mut words: Vec<String> = self
            .mix
            .shares()
            .map(|(kind, share)| format!("{} % {kind}", (share * 1e4).round() / 1e2))
            .collect();
        let plural = if self.tasks == 1 { "" } else { "s" };
        words.push(format!("{} task{plural}", self.tasks));
        words.push(self.skew.to_string());
        if !self.think.is_zero() {
            words.push(format!("think {:?}", self.think));
        }
        if self.mix.share(StepKind::Start) > 0.0 {
            words.push(format!("at most {} in progress", self.wip_limit));
        }
        words.join(", ")
    }
}
