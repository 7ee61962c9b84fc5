//! Intervals as long as they can be, and the orders that are left.

use crate::NEVER;

/// When an operation of a core begins and ends: places among the events of the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Where it begins.
    pub invoked: u32,
    /// Where it ends, [`NEVER`] for one that does not.
    pub answered: u32,
}

/// An event of a core: the operation by its place, and whether it is the answer.
type Event = (usize, bool);

/// Moves beginnings and ends apart as far as `is_shown` allows: it is asked whether intervals still
/// show the contradiction of which they are, and told which two operations overlap now.
pub fn widen(
    intervals: &mut [Interval],
    mut is_shown: impl FnMut(&[Interval], [usize; 2]) -> bool,
) {
    widen_while(intervals, |intervals, overlapping| Some(is_shown(intervals, overlapping)));
}

/// The same until nothing is answered, from when on nothing is moved.
pub(crate) fn widen_while(
    intervals: &mut [Interval],
    mut is_shown: impl FnMut(&[Interval], [usize; 2]) -> Option<bool>,
) {
    let mut events = events(intervals);
    place(intervals, &events);
    loop {
        let before = events.clone();
        for event in before.iter().copied() {
            while let Some((wider, overlapping)) = moved(&events, event) {
                place(intervals, &wider);
                let answer = is_shown(intervals, overlapping);
                if answer != Some(true) {
                    place(intervals, &events);
                }
                match answer {
                    None => return,
                    Some(false) => break,
                    Some(true) => events = wider,
                }
            }
        }
        if events == before {
            return;
        }
    }
}

fn events(intervals: &[Interval]) -> Vec<Event> {
    let mut events: Vec<(u32, Event)> = Vec::new();
    for (at, interval) in intervals.iter().enumerate() {
        events.push((interval.invoked, (at, false)));
        events.push((interval.answered, (at, true)));
    }
    // What has no answer has no event of one.
    events.retain(|(at, _)| *at != NEVER);
    events.sort_unstable_by_key(|(place, (at, is_answer))| (*place, *is_answer, *at));
    events.into_iter().map(|(_, event)| event).collect()
}

/// The events with an invocation just before the answer that it follows, or an answer just after
/// the invocation that follows it; and the operations that now overlap.
fn moved(events: &[Event], event: Event) -> Option<(Vec<Event>, [usize; 2])> {
    let from = events.iter().position(|other| *other == event)?;
    let mut events = events.to_vec();
    let to = if event.1 {
        let to = from + events[from..].iter().position(|(_, is_answer)| !is_answer)?;
        events[from..=to].rotate_left(1);
        to - 1
    } else {
        let to = events[..from].iter().rposition(|(_, is_answer)| *is_answer)?;
        events[to..=from].rotate_right(1);
        to + 1
    };
    Some((events.clone(), [event.0, events[to].0]))
}

/// Gives the operations the places of their events.
fn place(intervals: &mut [Interval], events: &[Event]) {
    for (at, (operation, is_answer)) in (0..).zip(events) {
        let interval = &mut intervals[*operation];
        *(if *is_answer { &mut interval.answered } else { &mut interval.invoked }) = at;
    }
}

/// The pairs of which the first still ends before the second begins, without those that follow
/// from others.
pub fn orders(intervals: &[Interval]) -> Vec<(usize, usize)> {
    let mut begun: Vec<usize> = (0..intervals.len()).collect();
    begun.sort_by_key(|at| intervals[*at].invoked);
    // Of each operation and those that begin after it, where the first of them ends.
    let mut ends: Vec<u32> = begun.iter().map(|at| intervals[*at].answered).collect();
    for at in (1..ends.len()).rev() {
        ends[at - 1] = ends[at - 1].min(ends[at]);
    }
    let mut orders = Vec::new();
    for (one, interval) in intervals.iter().enumerate() {
        let after = begun.partition_point(|at| intervals[*at].invoked <= interval.answered);
        let Some(first_end) = ends.get(after) else { continue };
        let next = begun[after..].iter().take_while(|at| intervals[**at].invoked <= *first_end);
        let from = orders.len();
        orders.extend(next.map(|other| (one, *other)));
        orders[from..].sort_unstable();
    }
    orders
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn orders_by_triples(intervals: &[Interval]) -> Vec<(usize, usize)> {
        let is_before =
            |one: usize, other: usize| intervals[one].answered < intervals[other].invoked;
        let all = 0..intervals.len();
        let pairs = all.clone().flat_map(|one| all.clone().map(move |other| (one, other)));
        let follows = |one, other| all.clone().any(|by| is_before(one, by) && is_before(by, other));
        pairs.filter(|&(one, other)| is_before(one, other) && !follows(one, other)).collect()
    }

    proptest! {
        #[test]
        fn orders_leave_out_exactly_what_follows_from_others(
            drawn in prop::collection::vec((0..30_u32, 0..12_u32), 0..9),
        ) {
            let interval = |(place, (invoked, length)): (usize, &(u32, u32))| {
                // Every event has a place of its own, and some are not answered.
                let place = 2 * place as u32;
                let end = 64 * (invoked + length) + place + 1;
                let answered = if *length == 11 { NEVER } else { end };
                Interval { invoked: 64 * invoked + place, answered }
            };
            let intervals: Vec<Interval> = drawn.iter().enumerate().map(interval).collect();
            prop_assert_eq!(orders(&intervals), orders_by_triples(&intervals));
        }
    }
}
