//! The results of a run as data, versioned, as `results.json` has them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::bootstrap::SEED;
use crate::{Cost, Interval, jain, median, median_interval};

/// The version of the format. It grows with every change that an older reader would misread.
pub const FORMAT: u32 = 1;

/// A round in which others used more of the processors than this says nothing about contention.
pub const FOREIGN_CPU_SHARE_MAX: f64 = 0.06;

/// Everything that one run measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// [`FORMAT`].
    pub format: u32,
    /// Where it ran.
    pub machine: Machine,
    /// How it was measured, in sentences.
    pub method: Vec<String>,
    /// What could not be measured at all, with the reason.
    pub not_run: Vec<String>,
    /// One subject in one setting each.
    pub rows: Vec<Row>,
    /// Where the time of an edit goes, where that was measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub costs: Vec<Cost>,
}

/// What a run says about its machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// The processor, as it calls itself.
    pub processor: String,
    /// How many threads can run together.
    pub cores: u32,
    /// The file system of the stores that keep files.
    pub file_system: String,
    /// The version of the SQLite that is built in.
    pub sqlite: String,
    /// The version of the server, where one was used.
    pub postgres: Option<String>,
}

/// One subject in one setting, round by round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Who was measured.
    pub subject: Subject,
    /// Doing what.
    pub setting: Setting,
    /// The rounds; empty where it was not run.
    pub samples: Vec<Sample>,
    /// The times of all rounds, in a pass that measures times.
    pub latency: Option<Latency>,
    /// Why it was not run, or not to its end.
    pub not_run: Option<String>,
}

/// Who was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// `family/mechanism`.
    pub name: String,
    /// The family, whose peer it is compared with.
    pub family: String,
    /// What protects it, in a few words.
    pub mechanism: String,
    /// Why it is there.
    pub role: Role,
}

/// Why a subject is in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A store of the catalogue.
    Store,
    /// A store a second time, under the same conditions: what differs is noise.
    Control,
    /// Something that is no store of the lab, for comparison.
    Peer,
    /// The peer that ratios of its family are taken to.
    Reference,
}

/// What the clients do, and how it is looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    /// The workload by name.
    pub workload: String,
    /// How many clients work at one time.
    pub clients: u32,
    /// How many tasks there are at the beginning.
    pub tasks: u32,
    /// Threads of one process, or processes of one thread.
    pub processes: bool,
    /// On which processors.
    pub placement: Placement,
    /// What is looked at.
    pub pass: Pass,
}

/// On which processors clients, and what works for them, may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    /// Wherever the system puts them.
    Free,
    /// All on one: a hand-off to a thread or a server wakes nobody on another processor.
    Together,
    /// The clients on one, the store's threads and servers on another.
    Apart,
}

impl Placement {
    /// The word for tables and the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Together => "together",
            Self::Apart => "apart",
        }
    }
}

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What one pass over the stores looks at: a clock that is read twice for each operation would be
/// a part of what it measures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pass {
    /// Operations a second; no clock is read by a client.
    Throughput,
    /// The time of each operation; a client begins the next when it has its answer.
    Latency,
    /// The time of each operation from when it was due, at this many a second in all, whether or
    /// not the store keeps up.
    Open(f64),
}

/// One round of one row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Which round: samples of one number are of one round.
    pub round: u32,
    /// Operations a second that got a good answer, reads included.
    pub operations_per_s: f64,
    /// Acknowledged writes a second that were there when the round was over.
    pub survived_per_s: f64,
    /// Writes that were acknowledged, warm-up included.
    pub acknowledged: u64,
    /// How many of those were there afterwards.
    pub survived: u64,
    /// Writes that were refused: a stale version, no such task.
    pub refused: u64,
    /// Operations that failed.
    pub failed: u64,
    /// How often a store began again because it had lost a race.
    pub retries: u64,
    /// How often a store found a lock taken and stepped aside.
    pub waits: u64,
    /// Good answers by client.
    pub by_client: Vec<u64>,
    /// How long it was measured, in milliseconds.
    pub window_ms: f64,
    /// How long it ran before, in milliseconds.
    pub warm_up_ms: f64,
    /// Whether the throughput had settled when it was measured.
    pub is_settled: bool,
    /// The share of all processors that others used meanwhile; `None` where nobody can say.
    pub foreign_cpu_share: Option<f64>,
    /// Appends with fdatasync a second in the same round and folder, one after the other.
    pub probe_per_s: Option<f64>,
}

/// Times of operations, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latency {
    /// How many were measured.
    pub count: u64,
    /// Half were as fast.
    pub ns_p50: u64,
    /// 90 of 100 were as fast.
    pub ns_p90: u64,
    /// 99 of 100 were as fast.
    pub ns_p99: u64,
    /// 999 of 1,000 were as fast.
    pub ns_p999: u64,
    /// The longest wait.
    pub ns_max: u64,
}

impl Sample {
    /// Whether others left the processors alone, as far as anybody can say.
    pub fn is_quiet(&self) -> bool {
        self.foreign_cpu_share.is_none_or(|share| share <= FOREIGN_CPU_SHARE_MAX)
    }

    /// The headline: acknowledged writes that survived, a second; operations a second where nobody
    /// wrote.
    pub fn headline_per_s(&self) -> f64 {
        if self.acknowledged > 0 { self.survived_per_s } else { self.operations_per_s }
    }

    /// Acknowledged writes that were gone, of 1,000.
    pub fn lies_per_1000(&self) -> f64 {
        let lost = self.acknowledged.saturating_sub(self.survived);
        1000.0 * ratio(lost, self.acknowledged)
    }

    /// Attempts for each write that was acknowledged.
    pub fn attempts_per_success(&self) -> f64 {
        1.0 + ratio(self.retries + self.refused, self.acknowledged)
    }

    /// Jain's index of the clients' good answers.
    pub fn fairness(&self) -> f64 {
        jain(&self.by_client.iter().map(|count| float(*count)).collect::<Vec<_>>()).unwrap_or(1.0)
    }

    /// The fewest and the most good answers of a client, as shares of all.
    pub fn share_min_max(&self) -> (f64, f64) {
        let all = self.by_client.iter().sum();
        let least = self.by_client.iter().copied().min().unwrap_or_default();
        let most = self.by_client.iter().copied().max().unwrap_or_default();
        (ratio(least, all), ratio(most, all))
    }
}

impl Row {
    /// The rounds in which others left the processors alone.
    pub fn quiet(&self) -> impl Iterator<Item = &Sample> {
        self.samples.iter().filter(|sample| sample.is_quiet())
    }

    /// The headline over the rounds in which others left the processors alone.
    pub fn headline_per_s(&self) -> Option<Interval> {
        let quiet: Vec<f64> = self.quiet().map(Sample::headline_per_s).collect();
        median_interval(&quiet, SEED)
    }

    /// The median of a figure over the quiet rounds.
    pub fn median_of(&self, figure: impl Fn(&Sample) -> f64) -> Option<f64> {
        median(&self.quiet().map(figure).collect::<Vec<_>>())
    }

    /// Acknowledged writes that were gone, of 1,000, over all rounds.
    pub fn lies_per_1000(&self) -> f64 {
        let lost = |one: &Sample| one.acknowledged.saturating_sub(one.survived);
        let lost = self.samples.iter().map(lost).sum();
        1000.0 * ratio(lost, self.samples.iter().map(|one| one.acknowledged).sum())
    }
}

impl Results {
    /// The settings, each once, in the order of the rows.
    pub fn settings(&self) -> Vec<&Setting> {
        let mut known: Vec<&Setting> = Vec::new();
        for row in &self.rows {
            if !known.contains(&&row.setting) {
                known.push(&row.setting);
            }
        }
        known
    }
}

fn ratio(part: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { float(part) / float(of) }
}

fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_write_is_a_lie_and_a_refused_one_an_attempt() {
        let sample = Sample {
            acknowledged: 1000,
            survived: 990,
            refused: 300,
            retries: 200,
            by_client: vec![750, 250],
            ..Sample::default()
        };
        assert_eq!(sample.lies_per_1000(), 10.0);
        assert_eq!(sample.attempts_per_success(), 1.5);
        assert_eq!(sample.share_min_max(), (0.25, 0.75));
        assert_eq!(sample.fairness(), 0.8);
    }

    #[test]
    fn a_round_without_writes_has_no_lies() {
        let sample = Sample { survived: 3, ..Sample::default() };
        assert_eq!((sample.lies_per_1000(), sample.attempts_per_success()), (0.0, 1.0));
    }
}
