//! Intervals as long as they can be, and the orders that are left.

use super::shrink::{Entry, Shrinking};
use crate::{NEVER, Specification};

/// An event of a core: the operation by its place, and whether it is the answer.
type Event = (usize, bool);

/// Moves the events apart as far as the contradiction allows.
pub(super) fn widen<S: Specification>(
    entries: &mut [Entry<S::Action>],
    shrinking: &mut Shrinking<'_, S>,
) {
    let mut events = events(entries);
    place(entries, &events);
    loop {
        let before = events.clone();
        for event in before.iter().copied() {
            while let Some((wider, overlapping)) = moved(&events, event) {
                if overlapping.iter().any(|at| shrinking.is_pinned(&entries[*at]))
                    && overlapping.iter().any(|at| shrinking.must_follow(&entries[*at]))
                {
                    break;
                }
                place(entries, &wider);
                if !shrinking.is_violated(entries) {
                    place(entries, &events);
                    break;
                }
                events = wider;
            }
        }
        if events == before {
            return;
        }
    }
}

fn events<A>(entries: &[Entry<A>]) -> Vec<Event> {
    let mut events: Vec<(u32, Event)> = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        events.push((entry.kept.weakened.invoked, (at, false)));
        events.push((entry.kept.weakened.answered, (at, true)));
    }
    // What has no answer has no event of one.
    events.retain(|(at, _)| *at != NEVER);
    events.sort_unstable();
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
fn place<A>(entries: &mut [Entry<A>], events: &[Event]) {
    for (at, (operation, is_answer)) in (0..).zip(events) {
        let weakened = &mut entries[*operation].kept.weakened;
        *(if *is_answer { &mut weakened.answered } else { &mut weakened.invoked }) = at;
    }
}

/// The pairs of which the first still ends before the second begins, without those that follow
/// from others.
pub(super) fn orders<A>(entries: &[Entry<A>]) -> Vec<(usize, usize)> {
    let is_before = |one: usize, other: usize| {
        entries[one].kept.weakened.answered < entries[other].kept.weakened.invoked
    };
    let all = 0..entries.len();
    let pairs = all.clone().flat_map(|one| all.clone().map(move |other| (one, other)));
    let follows = |one, other| all.clone().any(|by| is_before(one, by) && is_before(by, other));
    pairs.filter(|&(one, other)| is_before(one, other) && !follows(one, other)).collect()
}
