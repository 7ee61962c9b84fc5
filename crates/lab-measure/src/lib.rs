//! The load driver: closed and open loop, threads and processes, in randomly interleaved rounds.
//!
//! A [`Contender`] is anything that opens as a store, or that measures itself as `pgbench` does.
//! [`run`] measures all of them in all settings of a [`Series`], each round in another order, and
//! holds afterwards what clients were told against what is there.

mod arrivals;
mod client;
mod contender;
mod costs;
mod counted;
mod cpu;
mod crew;
mod error;
mod gate;
mod ground;
mod interleaved;
mod ledger;
mod once;
mod placement;
mod probe;
mod processes;
mod rounds;
mod spent;
mod traced;
mod warm_up;
mod worker;

pub use contender::{
    Contender, External, ExternalRun, ExternalWork, How, contenders_of, with_controls,
};
pub use costs::{CostSeries, costs};
pub use counted::{Counted, Meetings};
pub use error::MeasureError;
pub use ground::Ground;
pub use ledger::{Ledger, Survival, audit};
pub use probe::file_system;
pub use processes::{ClientProgram, serve_client};
pub use rounds::{Series, machine, method, run};
pub use spent::{Spent, operation};
pub use traced::{Traced, TracedMutex, TracedRwLock};
