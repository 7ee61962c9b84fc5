//! A budget holds by the clock, whatever a call of the specification costs.

use std::time::Duration;

use super::*;
use crate::bits::ManyWords;
use crate::worked::{OVERRUN_MAX, begin, clock, work, worked};
use crate::{Budget, History, Misfit, Operation};

const BUDGET: Duration = Duration::from_millis(40);

/// An object of which each call takes its time.
struct Slow {
    call: Duration,
    effect: fn(u32) -> Effect,
}

impl Slow {
    fn work(&self) {
        work(self.call);
    }
}

impl Specification for Slow {
    type Action = u32;

    const BY_KEY: bool = false;

    fn action(&mut self, _: &History, _: &Operation) -> Result<Option<u32>, Misfit> {
        Ok(None)
    }

    fn initial(&self) -> State {
        0
    }

    /// Each order leads to another state.
    fn step(&mut self, state: State, action: u32) -> Option<State> {
        self.work();
        let is_look = self.effect(action) == Effect::Observes;
        Some(if is_look { state } else { state.wrapping_mul(0x9E37_79B1) ^ (action + 1) })
    }

    fn effect(&self, action: u32) -> Effect {
        (self.effect)(action)
    }

    /// So that which orders matter takes as many looks as there are pairs.
    fn commutes(&self, one: u32, other: u32) -> bool {
        self.work();
        one.abs_diff(other) > 1
    }
}

/// So many operations begin, and then end: no budget suffices to try all orders.
fn at_once(count: u32) -> Vec<Entry<u32>> {
    let entry = |at| Entry { action: at, id: at, invoked: at, answered: count + at };
    (0..count).map(entry).collect()
}

/// By how much a search with sets of any width overruns a budget.
fn overrun(count: u32, mut slow: Slow) -> Duration {
    begin();
    let limits = Limits::by_clock(Budget { time: BUDGET, memory_bytes: 1 << 28 }, clock);
    let entries = at_once(count);
    let mut search = Search::<u32, ManyWords>::new(&entries, &slow);
    let ended = search.run(&entries, &mut slow, &limits, u64::MAX);
    assert_eq!(ended, Err(Limit::Time));
    worked().saturating_sub(BUDGET)
}

#[test]
fn a_budget_holds_with_hundreds_of_operations_at_once() {
    let some_look = |action| if action % 4 == 0 { Effect::Changes } else { Effect::Observes };
    for effect in [|_| Effect::Changes, some_look] {
        for call_ns in [1_000, 10_000, 50_000] {
            for count in [130, 600] {
                let slow = Slow { call: Duration::from_nanos(call_ns), effect };
                let overrun = overrun(count, slow);
                assert!(overrun <= OVERRUN_MAX, "{count} at once, {call_ns} ns: {overrun:?}");
            }
        }
    }
}
