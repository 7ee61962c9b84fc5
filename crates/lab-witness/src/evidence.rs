//! How strong the evidence is, in four words.

use std::fmt;

use lab_task::Anomaly;
use serde::{Deserialize, Serialize};

use crate::{Chances, Mutation, Share, Witness};

/// The results of one run of the lab.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Results {
    /// One entry for each store and scenario.
    pub cells: Vec<Cell>,
    /// The shortest witness of each anomaly that was found.
    pub witnesses: Vec<Witness>,
    /// How likely a loss is, where that was measured.
    #[serde(default, skip_serializing_if = "Chances::is_empty")]
    pub chances: Chances,
    /// The stores without one of their protections, as far as they were tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mutations: Vec<Mutation>,
}

impl Results {
    /// Adds what was found of one more cell. A witness that is known already, from a smaller size
    /// of the scenario, is that of both.
    pub fn add(&mut self, cell: Cell, witnesses: Vec<Witness>) {
        for new in witnesses {
            let is_same = |one: &&mut Witness| !new.token.is_empty() && one.token == new.token;
            match self.witnesses.iter_mut().find(is_same) {
                Some(known) => known.found_in.extend(new.found_in),
                None => self.witnesses.push(new),
            }
        }
        self.cells.push(cell);
    }

    /// Adds all that others have.
    pub fn append(&mut self, others: Self) {
        self.cells.extend(others.cells);
        self.witnesses.extend(others.witnesses);
        self.mutations.extend(others.mutations);
    }

    /// The witnesses of one cell.
    pub fn witnesses_of<'a>(&'a self, cell: &'a Cell) -> impl Iterator<Item = &'a Witness> {
        self.witnesses
            .iter()
            .filter(|one| one.store == cell.store && one.found_in.contains(&cell.scenario))
    }
}

/// One scenario on one store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// `family/mechanism`.
    pub store: String,
    /// The scenario in its size.
    pub scenario: String,
    /// The anomalies that the store admits there; none if it promises to hold.
    pub admits: Vec<Anomaly>,
    /// What was found.
    pub evidence: Evidence,
    /// How that breaks what the store promises, if it does.
    pub broken: Option<String>,
}

/// What a search came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// No schedule within the bound shows an anomaly.
    Proven {
        /// How many schedules were run.
        schedules: usize,
        /// The bound; `None` if every schedule that there is was run.
        preemptions_max: Option<usize>,
        /// Whether each schedule that was run stands for all that differ from it only in the order
        /// of steps that commute.
        is_reduced: bool,
        /// How many more were cut because the server decides who goes on.
        cut_by_server: usize,
    },
    /// No schedule shows an anomaly, but none could: the store admits it while two steps run at the
    /// same time, and schedules consist of whole steps.
    NotSeen {
        /// How many schedules were run.
        schedules: usize,
        /// The bound; `None` if every schedule that there is was run.
        preemptions_max: Option<usize>,
        /// What may happen within them.
        within_step: Vec<Anomaly>,
    },
    /// Random schedules were drawn, and none shows an anomaly.
    NotDrawn {
        /// How many were drawn.
        schedules: usize,
        /// How.
        draw: Draw,
    },
    /// Some schedule shows an anomaly.
    Witnessed {
        /// Which ones were seen.
        anomalies: Vec<Anomaly>,
        /// After how many schedules the first one was.
        found_after: usize,
        /// How many schedules of all that were run show one.
        lose: Share,
        /// Which schedules were run.
        run: Schedules,
        /// How many more were cut because the server decides who goes on.
        #[serde(default, skip_serializing_if = "is_none")]
        cut_by_server: usize,
    },
    /// The budget ran out before anything could be said.
    Unknown {
        /// Why.
        why: String,
    },
    /// The scenario does not apply to the store, or a server is missing.
    NotRun {
        /// Why, or how to get it.
        why: String,
    },
}

/// Which schedules were run, where some show an anomaly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedules {
    /// Every one that there is.
    All,
    /// One of those that differ only in the order of steps that commute.
    OneOfEachKind,
    /// Those with the fewest preemptions, until the budget ended.
    First,
    /// Some that were drawn.
    Drawn(Draw),
}

/// How schedules were drawn: again the same ones, if they are drawn in this way again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draw {
    /// The sampler, by the name that `--sample` takes.
    pub sampler: String,
    /// Where it began.
    pub seed: u64,
}

impl fmt::Display for Draw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sampler {}, seed {}", self.sampler, self.seed)
    }
}

impl Schedules {
    /// So many of such schedules.
    fn counted(&self, count: usize) -> String {
        match self {
            Self::All => format!("{count} schedules"),
            Self::OneOfEachKind => format!("{count} schedules, one of each kind"),
            Self::First => format!("the first {count} schedules, more are left"),
            Self::Drawn(draw) => format!("{count} random schedules ({draw})"),
        }
    }
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

impl Evidence {
    /// The word alone.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Proven { .. } => "PROVEN",
            Self::NotSeen { .. } | Self::NotDrawn { .. } => "NOT SEEN",
            Self::Witnessed { .. } => "WITNESSED",
            Self::Unknown { .. } => "UNKNOWN",
            Self::NotRun { .. } => "NOT RUN",
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Proven { schedules, preemptions_max, is_reduced, cut_by_server } => {
                match preemptions_max {
                    None if *is_reduced => {
                        write!(f, "all schedules hold: {schedules} were run, the others differ ")?;
                        write!(f, "only in the order of steps that commute")?;
                    }
                    most => write!(f, "all {schedules} schedules{} hold", within(*most))?,
                }
                cut(f, *cut_by_server)
            }
            Self::NotSeen { schedules, preemptions_max, within_step } => {
                let (names, within) = (names(within_step), within(*preemptions_max));
                write!(
                    f,
                    "all {schedules} schedules of whole steps{within} hold (none is left out, "
                )?;
                write!(
                    f,
                    "so this is no sample and has no 3/N); the store admits a {names} while "
                )?;
                write!(f, "two steps run at the same time")
            }
            Self::NotDrawn { schedules, draw } => {
                // The rule of three: with 0 of n seen, the share is below 3/n at 95 % (Hanley and
                // Lippman-Hand, "If Nothing Goes Wrong, Is Everything All Right?", JAMA 249, 1983).
                let most = (300.0 / (*schedules).max(1) as f64).min(100.0);
                write!(f, "0 of {schedules} random schedules ({draw}) show an anomaly: at most ")?;
                write!(f, "3/{schedules} = {most:.2} % of what is drawn in this way do, at 95 %")
            }
            Self::Witnessed { anomalies, found_after, lose, run, cut_by_server } => {
                let names = names(anomalies);
                write!(f, "{names} in {} of {}", lose.part, run.counted(lose.of))?;
                write!(f, ", first in schedule {found_after}")?;
                cut(f, *cut_by_server)
            }
            Self::Unknown { why } | Self::NotRun { why } => f.write_str(why),
        }
    }
}

fn within(preemptions_max: Option<usize>) -> String {
    match preemptions_max {
        None => String::new(),
        Some(1) => " with at most 1 preemption".to_owned(),
        Some(most) => format!(" with at most {most} preemptions"),
    }
}

/// Of those schedules nothing is said.
fn cut(f: &mut fmt::Formatter<'_>, by_server: usize) -> fmt::Result {
    if by_server == 0 {
        return Ok(());
    }
    write!(f, "; {by_server} more were cut, where the server decides who goes on")
}

fn names(anomalies: &[Anomaly]) -> String {
    let names: Vec<&str> = anomalies.iter().map(|anomaly| anomaly.as_str()).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn witnessed(run: Schedules) -> String {
        let lose = Share { part: 4, of: 6 };
        let anomalies = vec![Anomaly::LostUpdate];
        Evidence::Witnessed { anomalies, found_after: 3, lose, run, cut_by_server: 0 }.to_string()
    }

    #[test]
    fn a_verdict_says_which_schedules_were_run() {
        let draw = Draw { sampler: "pct".to_owned(), seed: 7 };
        assert_eq!(
            witnessed(Schedules::All),
            "lost update in 4 of 6 schedules, first in schedule 3"
        );
        let first = witnessed(Schedules::First);
        assert!(first.contains("4 of the first 6 schedules, more are left, "), "{first}");
        let drawn = witnessed(Schedules::Drawn(draw.clone()));
        assert!(drawn.contains("4 of 6 random schedules (sampler pct, seed 7), "), "{drawn}");
        let none = |schedules| Evidence::NotDrawn { schedules, draw: draw.clone() }.to_string();
        assert!(none(200).contains(": at most 3/200 = 1.50 % of what is drawn"), "{}", none(200));
        assert!(none(2).contains("= 100.00 %"), "{}", none(2));
    }

    #[test]
    fn where_no_schedule_is_left_out_there_is_no_rule_of_three() {
        let within_step = vec![Anomaly::WriteSkew];
        let of = |preemptions_max| {
            let within_step = within_step.clone();
            Evidence::NotSeen { schedules: 6, preemptions_max, within_step }.to_string()
        };
        assert!(of(None).starts_with("all 6 schedules of whole steps hold (none is left out, "));
        assert!(
            of(Some(2)).starts_with("all 6 schedules of whole steps with at most 2 preemptions")
        );
    }
}
