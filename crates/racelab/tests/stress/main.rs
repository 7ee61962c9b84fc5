//! Stress over the catalogue: what a store admits is caught, what it promises holds; in threads and
//! in processes of the operating system.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod command;
mod stores;
