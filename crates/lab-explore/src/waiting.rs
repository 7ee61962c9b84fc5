//! Who waits for whom, and whether they do so as they said that they would.

use crate::process::ProcessId;
use crate::run::Touch;
use crate::state::State;
use crate::status::{Need, Status};

impl State {
    /// Notes who waits for whom, before anybody is interrupted and lets go.
    pub(crate) fn note_deadlock(&mut self) {
        let waits = (1..self.status.len()).filter_map(|process| match self.status[process] {
            Status::Ready { need: Need::Sole(lock) | Need::Shared(lock), .. } => {
                let has =
                    |held: Need| matches!(held, Need::Sole(id) | Need::Shared(id) if id == lock);
                let holder = self.held.iter().find(|(_, held)| has(*held));
                Some((process, holder.map(|(holder, _)| *holder)))
            }
            Status::Finished | Status::Absent => None,
            _ => Some((process, None)),
        });
        self.waits = waits.collect();
    }

    /// Nobody waits for `wanted` yet.
    pub(crate) fn expect_alone(&mut self, wanted: u64) {
        let waits = |status: &Status| match status {
            Status::AwaitsNotice { condvar, .. } => *condvar == wanted,
            _ => false,
        };
        if self.status.iter().any(waits) {
            self.misused = Some("two wait for a condition that one waits for alone");
        }
    }

    /// Whoever waits alone for what `me` changed in its last step was notified.
    pub(crate) fn expect_notified(&mut self, me: ProcessId) {
        let Some(last) = self.steps.iter().rev().find(|step| step.process == me) else {
            return;
        };
        let is_changed = |object| {
            let touched = |touch: &Touch| touch.object == object && touch.is_write;
            last.touches.iter().any(touched)
        };
        let waits = |status: &Status| match status {
            Status::AwaitsNotice { alone: true, mutex, .. } => is_changed(*mutex),
            _ => false,
        };
        if self.status.iter().any(waits) {
            self.misused = Some("what somebody waits for alone is changed, and nobody notified");
        }
    }
}
