//! Results in, text and markdown out: pure, and the same text for the same results.

mod bench;
mod blocks;
mod grid;
mod markdown;

pub use bench::{bench_tables, benchmarks, setting};
pub use grid::grid;
pub use markdown::markdown;
