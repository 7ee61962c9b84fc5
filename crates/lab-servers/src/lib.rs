//! Private, throw-away database servers: found, started, and gone when the process that asked for
//! them is gone, however it went.

mod account;
mod alone;
mod binaries;
mod error;
mod place;
mod postgres;
mod required;
mod supervisor;
mod url;

pub use alone::{Alone, postgres_alone};
pub use binaries::postgres_program;
pub use error::ServerError;
pub use postgres::{Origin, PostgresServer, end, is_postgres_given, postgres, postgres_if_started};
pub use required::{Prerequisite, required};
