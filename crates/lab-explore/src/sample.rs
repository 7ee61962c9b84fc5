//! Random schedules, for what is too large to be explored.

use lab_store::StoreError;

use crate::arena::Arena;
use crate::beyond::Beyond;
use crate::outcome::outcome;
use crate::run::Plan;
use crate::search::Search;

/// How random schedules are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampler {
    /// A random walk.
    Random,
    /// Random priorities with as many changes as a lost update needs.
    Pct,
}

impl Sampler {
    /// The name that commands have for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Pct => "pct",
        }
    }
}

/// The depth of a lost update: one order that has to be just so, and one more.
const DEPTH: usize = 2;

/// Runs `runs` random schedules, some of them perhaps more than once. Equal seeds draw equal
/// schedules.
///
/// # Errors
/// The store cannot be opened or seeded.
pub fn sample(
    arena: &mut Arena,
    sampler: Sampler,
    seed: u64,
    runs: usize,
) -> Result<Search, StoreError> {
    let mut search = Search::default();
    let mut steps = 1;
    for nth in 0..runs {
        let seed = seed.wrapping_add(nth as u64);
        let beyond = match sampler {
            Sampler::Random => Beyond::Random { seed },
            Sampler::Pct => Beyond::Pct { seed, depth: DEPTH, steps },
        };
        let run = arena.run(Plan { beyond, ..Plan::default() })?;
        steps = steps.max(run.steps.len());
        let outcome = outcome(arena, &run);
        search.take(run, outcome, nth + 1);
    }
    Ok(search)
}
