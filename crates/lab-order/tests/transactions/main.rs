//! Histories of transactions: what is wrong with them has its name, and what holds its proof.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod brute;
mod lines;
mod links;
mod litmus;
mod planted;
mod serial;
mod story;
