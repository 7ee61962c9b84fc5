//! The check: parts in rotation, each by the cheapest method that decides it.

use std::collections::VecDeque;
use std::hash::Hash;

use crate::any_search::AnySearch;
use crate::limits::{Limits, Stop};
use crate::parts::{Entry, Parts};
use crate::search::Progress;
use crate::zones::{Decision, Zones};
use crate::{
    Budget, History, Limit, Linearization, Misfit, NEVER, OperationId, Proof, Specification, Tier,
    Unknown, ValueId, Verdict, Violation,
};

/// Decides whether `history` is linearizable under `specification`.
///
/// Each key is a part of its own. A part of blind writes of different values and of reads is
/// decided by its zones, every other by the search; the parts take turns with growing budgets, so
/// that one that is hard does not keep the others from being decided.
///
/// # Errors
/// An operation is none of the specified object.
pub fn check<S: Specification>(
    history: &History,
    specification: &mut S,
    budget: Budget,
) -> Result<Verdict, Misfit> {
    run(history, specification, budget, true)
}

/// [`check`] by the search alone, whatever the values are.
///
/// # Errors
/// An operation is none of the specified object.
pub fn check_by_search<S: Specification>(
    history: &History,
    specification: &mut S,
    budget: Budget,
) -> Result<Verdict, Misfit> {
    run(history, specification, budget, false)
}

fn run<S: Specification>(
    history: &History,
    specification: &mut S,
    budget: Budget,
    by_zones: bool,
) -> Result<Verdict, Misfit> {
    let limits = Limits::from_now(budget);
    let undecided = |why| Unknown { why, proved_events: 0, configurations: 0 };
    let parts = match Parts::of(history, specification, &limits) {
        Ok(parts) => parts,
        Err(Stop::Misfit(misfit)) => return Err(misfit),
        Err(Stop::Limit(why)) => return Ok(Verdict::Unknown(undecided(why))),
    };
    let mut check = Check {
        history,
        limits: limits.spend(parts.bytes()),
        found: Linearization::new(),
        turns: VecDeque::new(),
        zones: by_zones.then(Zones::default),
    };
    Ok(check.parts(&parts, specification))
}

/// Whether some order explains `entries`, which are of one key and in the order of invocations.
///
/// # Errors
/// The time or the memory is spent.
pub(crate) fn holds<S: Specification>(
    entries: &[Entry<S::Action>],
    specification: &mut S,
    limits: &Limits,
) -> Result<bool, Limit> {
    let mut zones = Zones::default();
    match zones.decide(entries, specification, limits)? {
        Decision::NotForZones => {}
        Decision::Order(_) => return Ok(true),
        _ => return Ok(false),
    }
    let mut search = AnySearch::new(entries, specification);
    let limits = limits.spend(zones.bytes());
    loop {
        match search.run(entries, specification, &limits, u64::MAX)? {
            Progress::Holds => return Ok(true),
            Progress::Died(_) => return Ok(false),
            Progress::Paused | Progress::Full => {}
        }
    }
}

struct Check<'a, A> {
    history: &'a History,
    limits: Limits,
    found: Linearization,
    turns: VecDeque<Turn<'a, A>>,
    zones: Option<Zones>,
}

/// A part whose search is not at its end.
struct Turn<'a, A> {
    key: ValueId,
    entries: &'a [Entry<A>],
    search: AnySearch<A>,
    steps: u64,
}

/// Why the parts are not gone on with.
enum End {
    Violated(Violation),
    /// What ran out, the first event of the part that is not explained, and its configurations.
    Limit(Unknown),
}

/// How many steps a search is given at first, for each operation. Most need one or two.
const STEPS_PER_OPERATION: u64 = 16;
/// How many times as many it is given with each turn.
const GROWTH: u64 = 4;

impl<'a, A: Copy + Eq + Hash> Check<'a, A> {
    fn parts<S: Specification<Action = A>>(
        &mut self,
        parts: &'a Parts<A>,
        specification: &mut S,
    ) -> Verdict {
        let mut rest = parts.iter();
        let mut end = Ok(());
        while end.is_ok() {
            end = match rest.next() {
                Some((key, entries)) => self.part(key, entries, specification),
                None => match self.turns.pop_front() {
                    Some(turn) => self.turn(turn, specification),
                    None => return Verdict::Holds(std::mem::take(&mut self.found)),
                },
            };
        }
        match end {
            Err(End::Violated(violation)) => Verdict::Violated(violation),
            Err(End::Limit(unknown)) => Verdict::Unknown(self.with_others(unknown, rest)),
            Ok(()) => Verdict::Holds(Linearization::new()),
        }
    }

    /// What is known when a part has met a limit, and `rest` was not begun with.
    fn with_others(
        &self,
        mut unknown: Unknown,
        rest: impl Iterator<Item = (ValueId, &'a [Entry<A>])>,
    ) -> Unknown {
        for turn in &self.turns {
            let upcoming = turn.search.upcoming(turn.entries);
            unknown.proved_events = unknown.proved_events.min(upcoming);
            unknown.configurations += turn.search.configurations();
        }
        let firsts = rest.filter_map(|(_, entries)| Some(entries.first()?.invoked));
        unknown.proved_events = firsts.fold(unknown.proved_events, u32::min);
        unknown
    }

    fn part<S: Specification<Action = A>>(
        &mut self,
        key: ValueId,
        entries: &'a [Entry<A>],
        specification: &mut S,
    ) -> Result<(), End> {
        let limits = self.limits.spend(self.bytes());
        let decision = match &mut self.zones {
            Some(zones) => zones.decide(entries, specification, &limits),
            None => Ok(Decision::NotForZones),
        };
        let proved_events = entries.first().map_or(NEVER, |first| first.invoked);
        let at_limit = |why| End::Limit(Unknown { why, proved_events, configurations: 0 });
        match decision.map_err(at_limit)? {
            Decision::NotForZones => {
                let search = AnySearch::new(entries, specification);
                let steps = STEPS_PER_OPERATION.saturating_mul(entries.len() as u64 + 1);
                self.turn(Turn { key, entries, search, steps }, specification)
            }
            Decision::Order(order) => {
                self.found.push(key, Tier::Zones, order);
                Ok(())
            }
            contradiction => {
                let violation = contradiction.violation(self.history, key, entries);
                Err(End::Violated(violation))
            }
        }
    }

    fn turn<S: Specification<Action = A>>(
        &mut self,
        mut turn: Turn<'a, A>,
        specification: &mut S,
    ) -> Result<(), End> {
        let Turn { key, entries, .. } = turn;
        let bytes_of_zones = self.zones.as_ref().map_or(0, Zones::bytes);
        let limits = self.limits.spend(self.bytes() + bytes_of_zones);
        match turn.search.run(entries, specification, &limits, turn.steps) {
            Ok(Progress::Holds) => {
                let order = turn.search.order(entries, specification);
                self.found.push(key, Tier::Search, order);
                Ok(())
            }
            Ok(Progress::Died(place)) => {
                let order = turn.search.order(entries, specification);
                let entry = &entries[place as usize];
                Err(End::Violated(exhausted(self.history, key, entry, order)))
            }
            Ok(Progress::Paused | Progress::Full) => {
                turn.steps = turn.steps.saturating_mul(GROWTH);
                self.turns.push_back(turn);
                Ok(())
            }
            Err(why) => Err(End::Limit(Unknown {
                why,
                proved_events: turn.search.upcoming(entries),
                configurations: turn.search.configurations(),
            })),
        }
    }

    /// How much memory is held beside the parts themselves, the zones and the search that runs.
    fn bytes(&self) -> usize {
        let turns: usize = self.turns.iter().map(|turn| turn.search.bytes()).sum();
        self.found.bytes() + turns
    }
}

/// What is said where every order was tried in vain.
fn exhausted<A>(
    history: &History,
    key: ValueId,
    entry: &Entry<A>,
    order: Vec<OperationId>,
) -> Violation {
    let operation = &history.operations()[entry.id as usize];
    let sentence = format!(
        "process {} was answered {} to `{}`, which no order of the operations explains",
        history.process(operation),
        history.values().get(operation.result),
        history.function(operation),
    );
    let proof = Proof::Exhausted { event: entry.answered, order };
    Violation { key, operations: vec![entry.id], sentence, proof }
}
