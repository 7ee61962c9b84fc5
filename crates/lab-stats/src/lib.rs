//! Results of measurements as data, and the statistics over them: no clock, no thread, no file.

mod bootstrap;
mod comparison;
mod costs;
mod fairness;
mod results;
mod scaling;
mod verdict;

pub use bootstrap::{Interval, median, median_interval, paired_ratio, unpaired_ratio};
pub use comparison::{
    Between, Comparison, ROUNDS_MIN, between_runs, compare, control_of, reference_of, to_probe,
};
pub use costs::{Cost, CostPart, CostRound, Edits};
pub use fairness::jain;
pub use results::{
    FOREIGN_CPU_SHARE_MAX, FORMAT, Latency, Machine, Pass, Placement, Results, Role, Row, Sample,
    Setting, Subject,
};
pub use scaling::{Scaling, fit, fit_with_band};
pub use verdict::{MARGIN, Verdict};
