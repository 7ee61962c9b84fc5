//! Results in, text and markdown out: pure, and the same text for the same results.

mod blocks;
mod grid;
mod markdown;

pub use grid::grid;
pub use markdown::markdown;
