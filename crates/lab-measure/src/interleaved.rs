//! Rounds: everything once, each round in another order, so that whatever changes on the machine
//! meets all of it alike.

use fastrand::Rng;

use crate::gate::Gate;
use crate::ground::Ground;
use crate::{MeasureError, cpu};

/// What is measured once in each round.
pub(crate) trait Measured {
    fn name(&self) -> &str;

    /// Whether it cannot be measured, so that nobody tries again.
    fn is_out(&self) -> bool;

    /// Takes one sample and gives its place, or keeps the reason why there is none.
    fn take(&mut self, turn: Turn<'_>) -> Option<usize>;

    /// Others used this share of the processors while the sample at `place` was taken.
    fn mark(&mut self, place: usize, foreign_cpu_share: f64);
}

/// One measurement of one round.
pub(crate) struct Turn<'a> {
    /// Counted from 0.
    pub(crate) round: u32,
    /// The process of the server, if ours runs.
    pub(crate) server: Option<u32>,
    pub(crate) ground: &'a mut Ground,
    pub(crate) rng: &'a mut Rng,
}

/// How often, and where chance begins.
#[derive(Clone, Copy)]
pub(crate) struct Rounds {
    pub(crate) count: u32,
    pub(crate) seed: u64,
}

/// Measures all of `cells` in rounds; `progress` hears of each, by `about` and its name.
///
/// # Errors
/// The system does not say how many threads can run together.
pub(crate) fn interleave<M: Measured>(
    cells: &mut [M],
    rounds: Rounds,
    ground: &mut Ground,
    about: &str,
    mut progress: impl FnMut(&str),
) -> Result<(), MeasureError> {
    let server = lab_servers::postgres_if_started().and_then(lab_servers::PostgresServer::pid);
    let mut gate = Gate::new(cpu::cores()?, server);
    let mut rng = Rng::with_seed(rounds.seed);
    for round in 0..rounds.count {
        let mut order: Vec<usize> = (0..cells.len()).collect();
        rng.shuffle(&mut order);
        for (count, at) in (1..).zip(&order) {
            let cell = &mut cells[*at];
            if !cell.is_out() {
                let (nth, of, all) = (round + 1, rounds.count, order.len());
                progress(&format!(
                    "{about}: round {nth} of {of}, {count} of {all}: {}",
                    cell.name()
                ));
                let turn = Turn { round, server, ground: &mut *ground, rng: &mut rng };
                if let Some(place) = cell.take(turn) {
                    gate.taken(*at, place);
                }
            }
            let is_last = round + 1 == rounds.count && count == order.len();
            if let Some((share, taken)) = gate.close(is_last) {
                taken.into_iter().for_each(|(at, place)| cells[at].mark(place, share));
            }
        }
    }
    Ok(())
}
