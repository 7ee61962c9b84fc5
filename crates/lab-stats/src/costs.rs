//! Where the time of an edit goes, as data.

use serde::{Deserialize, Serialize};

use crate::bootstrap::SEED;
use crate::results::FOREIGN_CPU_SHARE_MAX;
use crate::{Interval, Subject, median_interval};

/// One store in one setting, round by round: all clients edit one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Who was measured.
    pub subject: Subject,
    /// How many clients worked at one time.
    pub clients: u32,
    /// How many tasks there were.
    pub tasks: u32,
    /// The rounds; empty where it was not run.
    pub rounds: Vec<CostRound>,
    /// Why it was not run, or not to its end.
    pub not_run: Option<String>,
}

/// One round: the store as it is, and the store with its spans.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CostRound {
    /// The edits of the store as it is.
    pub untraced: Edits,
    /// The edits whose spans were timed.
    pub traced: Edits,
    /// Where the time of those went: every kind of span, always in one order. Together with the
    /// rest it is their time.
    pub parts: Vec<CostPart>,
    /// Time of the traced edits in no span, in nanoseconds.
    pub rest_ns: u64,
    /// The share of all processors that others used meanwhile; `None` where nobody can say.
    pub foreign_cpu_share: Option<f64>,
}

/// Edits, and how long they took in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edits {
    /// How many.
    pub count: u64,
    /// How many of them failed or were refused.
    pub failed: u64,
    /// How many were acknowledged and gone afterwards.
    pub lost: u64,
    /// The sum of their times, in nanoseconds.
    pub total_ns: u64,
}

/// Time in one kind of span, and in none within it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostPart {
    /// What kind, as in `fsync`.
    pub span: String,
    /// How often it was entered.
    pub count: u64,
    /// In nanoseconds.
    pub total_ns: u64,
}

impl Edits {
    /// The mean time of one, in nanoseconds; `None` without any.
    pub fn mean_ns(&self) -> Option<f64> {
        (self.count > 0).then(|| self.total_ns as f64 / self.count as f64)
    }
}

impl CostRound {
    /// Whether others left the processors alone, as far as anybody can say.
    pub fn is_quiet(&self) -> bool {
        self.foreign_cpu_share.is_none_or(|share| share <= FOREIGN_CPU_SHARE_MAX)
    }

    /// How long a traced edit took for each unit of time of an untraced one.
    pub fn price(&self) -> Option<f64> {
        Some(self.traced.mean_ns()? / self.untraced.mean_ns()?)
    }
}

impl Cost {
    /// The rounds in which others left the processors alone; all of them if there is none.
    pub fn counted(&self) -> impl Iterator<Item = &CostRound> {
        let has_quiet = self.has_quiet();
        self.rounds.iter().filter(move |round| round.is_quiet() || !has_quiet)
    }

    /// Whether others left the processors alone in any round.
    pub fn has_quiet(&self) -> bool {
        self.rounds.iter().any(CostRound::is_quiet)
    }

    /// Those rounds as one.
    pub fn sum(&self) -> CostRound {
        let mut sum = CostRound::default();
        for round in self.counted() {
            add(&mut sum.untraced, &round.untraced);
            add(&mut sum.traced, &round.traced);
            sum.rest_ns += round.rest_ns;
            for part in &round.parts {
                match sum.parts.iter_mut().find(|known| known.span == part.span) {
                    Some(known) => {
                        known.count += part.count;
                        known.total_ns += part.total_ns;
                    }
                    None => sum.parts.push(part.clone()),
                }
            }
        }
        sum
    }

    /// How much longer an edit took because its spans were timed: the median of the rounds.
    pub fn price(&self) -> Option<Interval> {
        let prices: Vec<f64> = self.counted().filter_map(CostRound::price).collect();
        median_interval(&prices, SEED)
    }

    /// Whether any round lost an acknowledged edit.
    pub fn loses(&self) -> bool {
        self.rounds.iter().any(|round| round.untraced.lost + round.traced.lost > 0)
    }
}

fn add(sum: &mut Edits, more: &Edits) {
    sum.count += more.count;
    sum.failed += more.failed;
    sum.lost += more.lost;
    sum.total_ns += more.total_ns;
}
