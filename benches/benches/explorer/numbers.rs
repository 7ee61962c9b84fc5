//! What is measured of one peer, turn by turn.

use std::time::Duration;

use anyhow::Result;
use racelab_benches::Ran;

type Turn = Box<dyn FnMut(Duration) -> Result<Ran>>;
type First = Box<dyn FnMut() -> Result<Ran>>;

/// One peer on one store.
pub(crate) struct Row {
    pub(crate) name: String,
    /// What runs the schedules.
    pub(crate) what: &'static str,
    /// Whether it says itself that an update is lost.
    pub(crate) judges: bool,
    /// Runs schedules for so long.
    all: Turn,
    /// Looks for the first lost update, in the order that the peer has.
    first: First,
    pub(crate) rates: Vec<f64>,
    pub(crate) firsts: Vec<Ran>,
}

impl Row {
    pub(crate) fn new(name: &str, what: &'static str, all: Turn, first: First) -> Self {
        let name = name.to_owned();
        Self { name, what, judges: true, all, first, rates: Vec::new(), firsts: Vec::new() }
    }

    /// One that says only what is left.
    pub(crate) fn without_judgement(self) -> Self {
        Self { judges: false, ..self }
    }

    pub(crate) fn take_turn(&mut self, time: Duration) -> Result<()> {
        self.rates.push((self.all)(time)?.per_second());
        self.firsts.push((self.first)()?);
        Ok(())
    }

    /// Schedules a second: the median of the turns.
    pub(crate) fn rate(&self) -> f64 {
        median(self.rates.iter().copied())
    }

    /// The time to the first lost update in milliseconds: the median of the turns.
    pub(crate) fn first_ms(&self) -> f64 {
        median(self.firsts.iter().map(|first| first.ns as f64 / 1e6))
    }

    /// The schedules to the first lost update, which are the same in each turn.
    pub(crate) fn first_schedules(&self) -> usize {
        self.firsts.iter().map(|first| first.schedules).max().unwrap_or(0)
    }
}

/// The middle one; of none, 0.
pub(crate) fn median(all: impl Iterator<Item = f64>) -> f64 {
    let mut all: Vec<f64> = all.collect();
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(0.0)
}
