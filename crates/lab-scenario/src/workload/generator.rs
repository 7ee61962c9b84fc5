//! What a client does next.

use std::sync::Arc;

use fastrand::Rng;

use super::alias::Alias;
use super::{Skew, StepKind, Workload};

/// What all clients of a workload share: the tables that they draw from.
#[derive(Clone, Debug)]
pub struct Plan(Arc<Tables>);

#[derive(Debug)]
struct Tables {
    kinds: Alias,
    places: Places,
}

#[derive(Debug)]
enum Places {
    Hot,
    Uniform,
    Zipf(Alias),
    Latest(Alias),
}

/// One client's stream of steps.
#[derive(Clone, Debug)]
pub struct Generator {
    plan: Plan,
    rng: Rng,
}

/// One step of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it does.
    pub kind: StepKind,
    /// The position of the task among those that the client knows; 0 if it knows none.
    pub place: usize,
}

impl Workload {
    /// Computes the tables.
    pub fn plan(&self) -> Plan {
        let zipf = |exponent: f64| {
            let weights = (1..=self.tasks).map(|rank| (rank as f64).powf(-exponent));
            Alias::new(&weights.collect::<Vec<_>>())
        };
        let places = match self.skew {
            Skew::Hot => Places::Hot,
            Skew::Uniform => Places::Uniform,
            Skew::Zipf(exponent) => Places::Zipf(zipf(exponent)),
            Skew::Latest(exponent) => Places::Latest(zipf(exponent)),
        };
        let shares = StepKind::ALL.map(|kind| self.mix.share(kind));
        Plan(Arc::new(Tables { kinds: Alias::new(&shares), places }))
    }
}

impl Plan {
    /// The stream of one client: equal seeds give equal streams, and each client its own.
    pub fn client(&self, seed: u64, client: u64) -> Generator {
        let of_client = Rng::with_seed(client).u64(..);
        let mut both = Rng::with_seed(seed ^ of_client);
        Generator { plan: self.clone(), rng: Rng::with_seed(both.u64(..)) }
    }
}

impl Generator {
    /// The next step of a client that knows `known` tasks.
    #[inline]
    pub fn next_step(&mut self, known: usize) -> Step {
        let tables = &*self.plan.0;
        let kind = StepKind::ALL[tables.kinds.draw(&mut self.rng)];
        Step { kind, place: tables.places.draw(known, &mut self.rng) }
    }
}

impl Places {
    #[inline]
    fn draw(&self, known: usize, rng: &mut Rng) -> usize {
        if known == 0 {
            return 0;
        }
        match self {
            Self::Hot => 0,
            Self::Uniform => rng.usize(..known),
            Self::Zipf(ranks) => ranks.draw(rng) % known,
            Self::Latest(ranks) => known - 1 - ranks.draw(rng) % known,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STEPS: usize = 200_000;

    fn steps(text: &str, seed: u64, client: u64, known: usize) -> impl Iterator<Item = Step> {
        let workload: Workload = text.parse().unwrap();
        let mut generator = workload.plan().client(seed, client);
        std::iter::repeat_with(move || generator.next_step(known))
    }

    /// Six standard deviations of a share that is drawn `STEPS` times.
    fn tolerance(share: f64) -> f64 {
        6.0 * (share * (1.0 - share) / STEPS as f64).sqrt()
    }

    #[test]
    fn the_shares_of_every_workload_are_those_of_its_mix() {
        for name in Workload::names() {
            let mix = name.parse::<Workload>().unwrap().mix;
            let mut counts = [0.0; StepKind::ALL.len()];
            steps(name, 7, 0, 10).take(STEPS).for_each(|step| counts[step.kind as usize] += 1.0);
            for kind in StepKind::ALL {
                let (seen, share) = (counts[kind as usize] / STEPS as f64, mix.share(kind));
                assert!((seen - share).abs() <= tolerance(share), "{name} {kind}: {seen}");
            }
        }
    }

    #[test]
    fn zipf_meets_each_place_as_often_as_the_formula_says() {
        let total: f64 = (1..=100).map(|rank| f64::from(rank).powf(-0.99)).sum();
        for (text, newest_first) in [("zipf:0.99", false), ("latest:0.99", true)] {
            let mut counts = [0.0; 100];
            let text = format!("uniform,skew={text},tasks=100");
            steps(&text, 3, 1, 100).take(STEPS).for_each(|step| counts[step.place] += 1.0);
            for rank in 1..=100 {
                let place = if newest_first { 100 - rank } else { rank - 1 };
                let (seen, share) =
                    (counts[place] / STEPS as f64, (rank as f64).powf(-0.99) / total);
                assert!((seen - share).abs() <= tolerance(share), "{text} {rank}: {seen}, {share}");
            }
        }
    }

    #[test]
    fn a_hot_task_is_always_the_same() {
        assert!(steps("uniform,skew=hot", 1, 1, 1000).take(1000).all(|step| step.place == 0));
    }

    proptest! {
        #[test]
        fn equal_seeds_give_equal_streams_and_other_clients_others(
            seed: u64, client in 0_u64..100, other in 0_u64..100, known in 2_usize..2000,
        ) {
            let stream = |client| steps("office", seed, client, known).take(64).collect::<Vec<_>>();
            prop_assert_eq!(stream(client), stream(client));
            prop_assert!(client == other || stream(client) != stream(other));
        }

        #[test]
        fn a_step_meets_a_task_that_the_client_knows(
            seed: u64, known in 1_usize..50, name in prop::sample::select(
                Workload::names().collect::<Vec<_>>()),
        ) {
            prop_assert!(steps(name, seed, 0, known).take(200).all(|step| step.place < known));
        }
    }
}
