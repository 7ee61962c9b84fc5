//! The explorer: runs a scenario on a real store, schedule by schedule, and says what each came to.
//!
//! [`Arena`] runs one schedule, [`explore`] runs all of them in the order of preemptions,
//! [`Witness`] makes one of them readable, and [`Token`] makes it repeatable.

mod arena;
mod engine;
mod pin;
mod run;
mod search;
mod state;
mod stepped;
mod token;
mod workers;

pub use arena::Arena;
pub use run::{Cut, Plan, Run, Step};
pub use search::{Found, Search, explore};
pub use stepped::{
    Stepped, SteppedAtomic, SteppedCondvar, SteppedGuard, SteppedMutex, SteppedRwGuard,
    SteppedRwLock, SteppedThread,
};
pub use token::{ParseTokenError, Token, letter};
