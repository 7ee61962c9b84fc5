//! The suites over the catalogue and over the binary, as one program: they share its servers, and
//! run side by side.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]
#![allow(clippy::print_stdout, reason = "what was not run, and why, is said")]

mod add_a_store;
mod bench;
mod check;
mod check_tasks;
mod cli;
mod conformance;
mod costs;
mod diagrams;
mod faults;
mod mutants;
mod play;
mod programs;
mod published;
mod races;
mod reduced;
mod stress;
mod there;
mod tokens;
mod transactions;
