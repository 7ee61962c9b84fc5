//! A wire whose cut is a step of the schedule.

use std::sync::atomic::{AtomicBool, Ordering};

use lab_runtime::{Access, Runtime};
use lab_scenario::Wire;

use crate::stepped::Stepped;

/// Answers arrive unless the wire was cut before; one cut loses one answer.
#[derive(Default)]
pub(crate) struct SteppedWire {
    is_cut: AtomicBool,
}

/// The wire is an object of its own: its steps meet no step of a store.
const OBJECT: u64 = u64::MAX;

impl Wire for SteppedWire {
    fn answer_arrives(&self) -> bool {
        Stepped::point(Access::write(OBJECT, "receive the answer"));
        !self.is_cut.swap(false, Ordering::Relaxed)
    }

    fn cut(&self) {
        Stepped::point(Access::write(OBJECT, "lose the next answer"));
        self.is_cut.store(true, Ordering::Relaxed);
    }
}
