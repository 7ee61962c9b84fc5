//! A store of tasks: the trait, its errors, what it can and what it promises, and the registry.

mod capability;
mod error;
mod guarantee;
mod inside;
mod registry;
mod session;
mod site;
mod table;
mod table_session;
mod weakened;

pub use capability::{Claim, Leasing, Revisions};
pub use error::StoreError;
pub use guarantee::{Capability, Guarantee, Promise, ScenarioName};
pub use inside::{Inside, Lying, nothing_inside};
pub use registry::{Blueprint, Entry, Family, Mutant, Needs, open_without};
pub use session::{Session, Store};
pub use site::Site;
pub use table::Table;
pub use table_session::{TableAccess, TableSession};

// What the `registry!` macro writes must be reachable from wherever it is used.
#[doc(hidden)]
pub use lab_runtime;
