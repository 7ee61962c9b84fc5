//! Which other orders of the steps that were run are worth a run.
//!
//! Two steps of two processes race if they do not commute and nothing that had to come between them
//! does. Their other order is reached from the state before the first: with whatever came after it
//! and did not need it, and then the second. So somebody with whom that can begin has to be tried
//! there, unless he was, or sleeps.

use crate::run::commute;
use crate::sleep::Node;

/// For each process one more than the last of its steps that had to come before, or 0.
pub(crate) type Clock = [usize; 16];

/// Wants the other order of every race in which one of the steps from `first` on is the second.
/// Of `left_out`, one bit each, the next step was left out: nobody knows with what it races.
pub(crate) fn want_reversals(path: &mut [Node], first: usize, left_out: u16) {
    for second in first..path.len() {
        let me = process(path, second);
        let before = last_step(path, second, me);
        let mut hides = before.map_or(Clock::default(), |at| path[at].clock);
        path[second].clock = hides;
        for at in (0..second).rev() {
            let other = process(path, at);
            if other == me || commute(&path[at].taken.touches, &path[second].taken.touches) {
                continue;
            }
            let clock = path[at].clock;
            join(&mut path[second].clock, &clock);
            if hides[other] > at {
                continue;
            }
            // Whom this step has let go on could not have gone before it. What he waited for began
            // earlier: so this step hides nothing.
            let has_freed = before.is_none_or(|before| before < at) && !is_enabled(path, at, me);
            if !has_freed {
                join(&mut hides, &clock);
                want_reversal(path, at, second);
            }
        }
        path[second].clock[me] = second + 1;
    }
    for process in (0..16).filter(|process| left_out & 1 << process != 0) {
        let since = last_step(path, path.len(), process).map_or(0, |at| at + 1);
        path[since..].iter_mut().for_each(|node| node.wanted |= node.enabled & 1 << process);
    }
}

/// Wants, in the state before step `at`, somebody with whom the other order of `at` and `second`
/// can begin.
fn want_reversal(path: &mut [Node], at: usize, second: usize) {
    let first = process(path, at);
    let needs_first = |step: &usize| path[*step].clock[first] > at;
    let instead: Vec<usize> =
        (at + 1..second).filter(|step| !needs_first(step)).chain([second]).collect();
    let mut begins = 0_u16;
    let mut seen = 0_u16;
    for step in &instead {
        let me = process(path, *step);
        let needs = |earlier: &&usize| path[*step].clock[process(path, **earlier)] > **earlier;
        let is_free = !instead.iter().take_while(|earlier| *earlier < step).any(|one| needs(&one));
        if seen & 1 << me == 0 && is_free {
            begins |= 1 << me;
        }
        seen |= 1 << me;
    }
    let node = &mut path[at];
    let asleep = node.asleep.iter().fold(0_u16, |set, one| set | 1 << one.process);
    if begins & (node.wanted | asleep) != 0 {
        return;
    }
    let begins = begins & node.enabled;
    let favourite = 1 << process(path, second);
    let node = &mut path[at];
    node.wanted |= match begins {
        0 => node.enabled,
        _ if begins & favourite != 0 => favourite,
        _ => 1 << begins.trailing_zeros(),
    };
}

fn process(path: &[Node], at: usize) -> usize {
    usize::from(path[at].taken.process)
}

fn is_enabled(path: &[Node], at: usize, process: usize) -> bool {
    path[at].enabled & 1 << process != 0
}

/// The last step of `process` before `end`.
fn last_step(path: &[Node], end: usize, me: usize) -> Option<usize> {
    (0..end).rev().find(|at| process(path, *at) == me)
}

fn join(into: &mut Clock, other: &Clock) {
    into.iter_mut().zip(other).for_each(|(into, other)| *into = (*into).max(*other));
}
