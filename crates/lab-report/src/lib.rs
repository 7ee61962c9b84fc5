//! Results in, text, markdown and figures out: pure, and the same bytes for the same results.

mod bench;
mod blocks;
mod chances;
mod document;
mod grid;
mod increments_figure;
mod markdown;
mod percent;
mod plot;
mod power;
mod table;
mod window_figure;

use lab_witness::Results;

pub use bench::{bench_tables, benchmarks, setting};
pub use chances::chances_text;
pub use document::{ReadError, read_results, results_json};
pub use grid::grid;
pub use markdown::markdown;

/// The file that the report of a run is made from.
pub const RESULTS: &str = "results.json";
/// The report itself.
pub const REPORT: &str = "races.md";
const INCREMENTS: &str = "increments.svg";
const WINDOW: &str = "window.svg";

/// The files of the report, each with its name: the text, and the figures that were measured.
pub fn files(results: &Results) -> Vec<(&'static str, String)> {
    let mut files = vec![(REPORT, markdown(results))];
    let chances = &results.chances;
    if !chances.increments.is_empty() {
        files.push((INCREMENTS, increments_figure::figure(&chances.increments)));
    }
    if !chances.windows.is_empty() {
        files.push((WINDOW, window_figure::figure(&chances.windows)));
    }
    files
}
