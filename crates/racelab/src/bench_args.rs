//! The command line of `racelab bench` and `racelab compare`.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueEnum};
use lab_scenario::Workload;
use lab_stats::Placement;

/// What `racelab bench` measures, and how.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Stores, or families for all of their stores; all stores if none is given
    #[arg(value_name = "STORE|FAMILY")]
    pub stores: Vec<String>,

    /// What clients do: a name, and what differs, as in `uniform,tasks=100,read=0.9`
    #[arg(long, default_value = "hot_task")]
    pub workload: Workload,

    /// How many clients work at one time, each number in turn
    #[arg(long, value_name = "N,...", value_delimiter = ',', default_value = "1,4")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=256))]
    pub clients: Vec<u32>,

    /// How many tasks there are, each number in turn; as many as the workload has if not given
    #[arg(long, value_name = "N,...", value_delimiter = ',')]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub tasks: Vec<u32>,

    /// How often everything is measured; a ratio is published from 15 on
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub rounds: u32,

    /// For how long each time, as in 200ms or 1s
    #[arg(long, value_name = "TIME", default_value = "200ms", value_parser = time)]
    pub for_each: Duration,

    /// On which processors: where the system puts them, all on one, or stores apart from clients
    #[arg(long, value_name = "PLACE,...", value_delimiter = ',', default_value = "free")]
    pub placement: Vec<PlacementName>,

    /// Measure the time of each operation instead of the throughput
    #[arg(long, conflicts_with = "open")]
    pub latency: bool,

    /// Measure times with operations that are due at random, so many a second in all
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub open: Option<f64>,

    /// Let each client be a process of its own
    #[arg(long)]
    pub processes: bool,

    /// Measure where the time of an edit goes: locks, copies, text, files, syncs, statements
    #[arg(long, conflicts_with_all = ["workload", "placement", "latency", "open", "processes"])]
    pub costs: bool,

    /// Measure everything that reports/benchmarks.md shows
    #[arg(long, conflicts_with_all = ["stores", "workload", "clients", "tasks", "placement"])]
    #[arg(conflicts_with_all = ["latency", "open", "processes", "costs"])]
    pub all: bool,

    /// Where chance begins
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,

    /// Write benchmarks.json, benchmarks.md and its figures to DIR
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// The placements by name.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum PlacementName {
    /// Wherever the system puts them
    Free,
    /// All on one processor
    Together,
    /// Clients on one processor, what a store starts on another
    Apart,
}

impl From<PlacementName> for Placement {
    fn from(name: PlacementName) -> Self {
        match name {
            PlacementName::Free => Self::Free,
            PlacementName::Together => Self::Together,
            PlacementName::Apart => Self::Apart,
        }
    }
}

/// A condition under which a comparison fails: slower by more than this share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FailIf(pub f64);

impl FromStr for FailIf {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let percent = text.strip_prefix("slower:").and_then(|rest| rest.strip_suffix('%'));
        let percent = percent.and_then(|percent| percent.parse::<f64>().ok());
        let percent = percent.filter(|percent| (0.0..100.0).contains(percent));
        percent
            .map(|percent| Self(percent / 100.0))
            .ok_or("expected slower:PERCENT, as in slower:5%")
    }
}

fn time(text: &str) -> Result<Duration, &'static str> {
    let expected = "expected a time from 1ms to 60s, as in 200ms or 1s";
    let (number, unit_ms) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(number), _) => (number, 1),
        (None, Some(number)) => (number, 1000),
        (None, None) => return Err(expected),
    };
    let ms = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit_ms));
    let ms = ms.filter(|ms| (1..=60_000).contains(ms)).ok_or(expected)?;
    Ok(Duration::from_millis(ms))
}

fn rate(text: &str) -> Result<f64, &'static str> {
    let rate = text.parse::<f64>().ok().filter(|rate| (0.1..=1e8).contains(rate));
    rate.ok_or("expected operations a second, from 0.1 to 100000000")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_rates_and_conditions_are_read_or_refused() {
        assert_eq!(time("200ms"), Ok(Duration::from_millis(200)));
        assert_eq!(time("2s"), Ok(Duration::from_secs(2)));
        for wrong in ["", "200", "0ms", "61s", "-1s", "1m", "9999999999999999999s"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
        assert_eq!(rate("2.5"), Ok(2.5));
        assert!(rate("0").is_err() && rate("NaN").is_err() && rate("many").is_err());
        assert_eq!("slower:5%".parse(), Ok(FailIf(0.05)));
        for wrong in ["slower", "slower:5", "faster:5%", "slower:-1%", "slower:100%", "slower:x%"] {
            assert!(wrong.parse::<FailIf>().is_err(), "{wrong}");
        }
    }
}
