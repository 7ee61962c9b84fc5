//! The explorer: runs a scenario on a real store, schedule by schedule, and says what each came to.
//!
//! [`Arena`] runs one schedule, [`explore`] runs all of them in the order of preemptions,
//! [`explain`] makes one of them readable, and [`Token`] makes it repeatable. [`Position`] is one
//! that is still being made.

mod arena;
mod beyond;
mod cause;
mod crew;
mod digest;
mod engine;
mod folder;
mod follow;
mod generate;
mod lying;
mod outcome;
mod pct;
mod pin;
mod position;
mod process;
mod race;
mod random;
mod replay;
mod row;
mod run;
mod sample;
mod scheduler;
mod search;
mod shrink;
mod sight;
mod sleep;
mod state;
mod status;
mod stepped;
mod token;
mod waiting;
mod wire;
mod witness;
mod workers;

pub use arena::Arena;
pub use beyond::Beyond;
pub use digest::{Digest, ParseDigestError};
pub use follow::{Followed, Turn, follow, turns};
pub use generate::{Bounds, programs};
pub use lying::Places;
pub use position::{Move, Next, Position};
pub use replay::{ReplayError, replay};
pub use run::{Asleep, Cut, Plan, Run, Step, Touch, choice, fault_of, process_of};
pub use sample::{Sampler, sample};
pub use search::{Explored, Found, Ordered, Search, explore, explore_faults};
pub use shrink::{shrink, shrink_size};
pub use sleep::explore_reduced;
pub use stepped::{
    Stepped, SteppedAtomic, SteppedCondvar, SteppedGuard, SteppedMutex, SteppedRwGuard,
    SteppedRwLock, SteppedThread,
};
pub use token::{ParseTokenError, Token, letter};
pub use witness::{add_shares, explain, explain_failure, readable, retold, transcript};
