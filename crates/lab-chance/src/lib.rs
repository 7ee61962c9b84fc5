//! How likely a loss is: what can be counted, what a random walk makes of it, and what so many
//! trials say. Numbers in, numbers out.

mod fraction;
mod increments;
mod interval;
mod walk;

pub use fraction::Fraction;
pub use increments::serial_schedules;
pub use interval::{Interval, wilson};
pub use walk::walk_chance;
