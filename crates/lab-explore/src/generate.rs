//! Programs made up by proptest; which of their schedules go wrong is the explorer's business.

use lab_scenario::{Field, OPS_MAX, Op, PROCESSES_MAX, Program, TASKS_MAX};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy};
use proptest::prop_oneof;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// How large the programs are.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The most processes; there are at least two.
    pub processes_max: usize,
    /// The most operations of each; each has at least one.
    pub ops_max: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { processes_max: PROCESSES_MAX, ops_max: 2 }
    }
}

/// Programs without end. Equal seeds make equal programs.
pub fn programs(seed: u64, bounds: Bounds) -> impl Iterator<Item = Program> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = program(bounds);
    std::iter::from_fn(move || strategy.new_tree(&mut runner).ok().map(|tree| tree.current()))
}

fn program(bounds: Bounds) -> impl Strategy<Value = Program> {
    let processes_max = bounds.processes_max.clamp(2, PROCESSES_MAX);
    let ops_max = bounds.ops_max.clamp(1, OPS_MAX);
    let processes = vec(vec(op(), 1..=ops_max), 2..=processes_max);
    processes.prop_filter_map("no program of these", |ops| Program::new(ops).ok())
}

fn op() -> impl Strategy<Value = Op> {
    let field = || select(Field::ALL.to_vec());
    // The first task twice as often as the second: what never meets never races.
    let slot = || (0..=TASKS_MAX).prop_map(|slot| slot % TASKS_MAX);
    prop_oneof![
        3 => (slot(), field()).prop_map(|(slot, field)| Op::Edit(slot, field)),
        2 => (slot(), field()).prop_map(|(slot, field)| Op::Save(slot, field)),
        1 => Just(Op::Create),
        1 => slot().prop_map(Op::Delete),
        1 => Just(Op::List),
        1 => slot().prop_map(Op::Start),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn equal_seeds_make_equal_programs_within_the_bounds() {
        let bounds = Bounds { processes_max: 3, ops_max: 2 };
        let [one, same, other] =
            [1, 1, 2].map(|seed| programs(seed, bounds).take(50).collect::<Vec<_>>());
        assert_eq!(one, same);
        assert_ne!(one, other);
        assert!(one.iter().all(|program| (2..=3).contains(&program.processes().len())));
        assert!(one.iter().flat_map(Program::processes).all(|ops| (1..=2).contains(&ops.len())));
    }

    #[test]
    fn every_operation_comes_up() {
        let words: BTreeSet<String> = programs(1, Bounds::default())
            .take(200)
            .flat_map(|program| program.processes().concat())
            .map(|op| op.to_string().chars().filter(|letter| letter.is_alphabetic()).collect())
            .collect();
        // Four fields each to edit and to save, and four operations more.
        assert_eq!(words.len(), 12, "{words:?}");
    }
}
