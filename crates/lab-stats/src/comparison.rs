//! One row against another: in one run round by round, and between two runs.

use serde::{Deserialize, Serialize};

use crate::bootstrap::SEED;
use crate::{Interval, MARGIN, Results, Role, Row, Sample, Verdict, paired_ratio, unpaired_ratio};

/// A ratio is published from this many quiet rounds on.
pub const ROUNDS_MIN: usize = 15;

/// How one row stands to another of the same run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The ratio of the headlines.
    pub ratio: Interval,
    /// What it says.
    pub verdict: Verdict,
    /// How many rounds both have in which others left the processors alone.
    pub rounds: usize,
    /// Why nobody should rely on it.
    pub reserve: Option<String>,
}

/// The row that `row` is compared with: the reference of its family in the same setting.
pub fn reference_of<'a>(results: &'a Results, row: &Row) -> Option<&'a Row> {
    find(results, row, |other| other.subject.role == Role::Reference)
}

/// The control of `row`'s family in its setting, against the store that it is.
pub fn control_of(results: &Results, row: &Row) -> Option<Interval> {
    let control = find(results, row, |other| other.subject.role == Role::Control)?;
    let is_same = |other: &Row| {
        other.subject.role == Role::Store && other.subject.name == control.subject.name
    };
    ratio(control, find(results, row, is_same)?).map(|(ratio, _)| ratio)
}

fn find<'a>(results: &'a Results, row: &Row, is_meant: impl Fn(&Row) -> bool) -> Option<&'a Row> {
    results.rows.iter().find(|other| {
        other.setting == row.setting
            && other.subject.family == row.subject.family
            && is_meant(other)
            && !other.samples.is_empty()
    })
}

/// `row` against `other`, which is of the same run. `None` if they have no quiet round together.
pub fn compare(results: &Results, row: &Row, other: &Row) -> Option<Comparison> {
    let (ratio, rounds) = ratio(row, other)?;
    let reserve = reserve(rounds, control_of(results, row));
    Some(Comparison { ratio, verdict: Verdict::of(ratio, MARGIN), rounds, reserve })
}

/// `row` against the probe of the disk in the same rounds; `None` where there is none.
pub fn to_probe(row: &Row) -> Option<Interval> {
    let pair = |sample: &Sample| Some((sample.headline_per_s(), sample.probe_per_s?));
    paired_ratio(&row.quiet().filter_map(pair).collect::<Vec<_>>(), SEED)
}

fn ratio(row: &Row, other: &Row) -> Option<(Interval, usize)> {
    let pairs = pairs(row, other);
    Some((paired_ratio(&pairs, SEED)?, pairs.len()))
}

/// The headlines of each round that was quiet for both.
fn pairs(row: &Row, other: &Row) -> Vec<(f64, f64)> {
    let pair = |sample: &Sample| {
        let partner = other.quiet().find(|partner| partner.round == sample.round)?;
        Some((sample.headline_per_s(), partner.headline_per_s()))
    };
    row.quiet().filter_map(pair).collect()
}

fn reserve(rounds: usize, control: Option<Interval>) -> Option<String> {
    if rounds < ROUNDS_MIN {
        return Some(format!("{rounds} quiet rounds, fewer than {ROUNDS_MIN}"));
    }
    match control {
        None => Some("no control in this setting".to_owned()),
        Some(control) if (control.middle - 1.0).abs() > MARGIN => {
            Some(format!("the control differs from itself: {:.2}", control.middle))
        }
        Some(_) => None,
    }
}

/// One row of two runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Between {
    /// The new over the old.
    pub ratio: Interval,
    /// What it says.
    pub verdict: Verdict,
    /// Whether each run's figure was taken relative to the reference of its family in its rounds,
    /// which cancels out how fast the machine was that day.
    pub is_relative: bool,
}

/// The row of `new` against the same row of `old`. `None` if one of them has no quiet round.
pub fn between_runs(old: (&Results, &Row), new: (&Results, &Row), margin: f64) -> Option<Between> {
    let relative = |(results, row): (&Results, &Row)| -> Option<Vec<f64>> {
        let reference = reference_of(results, row)?;
        let is_other = reference.subject != row.subject;
        let pairs = if is_other { pairs(row, reference) } else { Vec::new() };
        let pairs = pairs.into_iter().filter(|(_, reference)| *reference > 0.0);
        Some(pairs.map(|(own, reference)| own / reference).collect::<Vec<_>>())
            .filter(|ratios| !ratios.is_empty())
    };
    let absolute = |row: &Row| row.quiet().map(Sample::headline_per_s).collect::<Vec<_>>();
    let (is_relative, ones, others) = match (relative(new), relative(old)) {
        (Some(ones), Some(others)) => (true, ones, others),
        _ => (false, absolute(new.1), absolute(old.1)),
    };
    let ratio = unpaired_ratio(&ones, &others, SEED)?;
    Some(Between { ratio, verdict: Verdict::of(ratio, margin), is_relative })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FORMAT, Machine, Pass, Placement, Setting, Subject};

    fn row(name: &str, role: Role, per_s: &[f64]) -> Row {
        let sample = |(round, per_s): (u32, &f64)| Sample {
            round,
            operations_per_s: *per_s,
            survived_per_s: *per_s,
            acknowledged: 1,
            survived: 1,
            foreign_cpu_share: Some(0.0),
            ..Sample::default()
        };
        Row {
            subject: Subject {
                name: name.to_owned(),
                family: "memory".to_owned(),
                mechanism: String::new(),
                role,
            },
            setting: Setting {
                workload: "hot_task".to_owned(),
                clients: 4,
                tasks: 1,
                processes: false,
                placement: Placement::Free,
                pass: Pass::Throughput,
            },
            samples: (0..).zip(per_s).map(sample).collect(),
            latency: None,
            not_run: None,
        }
    }

    fn results(rows: Vec<Row>) -> Results {
        let (machine, method, not_run) = (Machine::default(), Vec::new(), Vec::new());
        Results { format: FORMAT, machine, method, not_run, rows, costs: Vec::new() }
    }

    /// A store at half the speed of its reference, and its control at `control` times its speed.
    fn run(rounds: usize, control: f64) -> Results {
        let speed: Vec<f64> = (1..=rounds).map(|round| 10.0 * round as f64).collect();
        let times = |factor: f64| speed.iter().map(|one| one * factor).collect::<Vec<_>>();
        results(vec![
            row("peer/limit", Role::Reference, &times(1.0)),
            row("memory/x", Role::Store, &times(0.5)),
            row("memory/x", Role::Control, &times(0.5 * control)),
        ])
    }

    fn of_store(results: &Results) -> Comparison {
        let row = &results.rows[1];
        compare(results, row, reference_of(results, row).unwrap()).unwrap()
    }

    #[test]
    fn a_ratio_is_published_with_fifteen_rounds_and_a_control_that_is_like_itself() {
        let comparison = of_store(&run(15, 1.02));
        assert_eq!((comparison.ratio.middle, comparison.rounds), (0.5, 15));
        assert_eq!((comparison.verdict, comparison.reserve), (Verdict::Slower, None));
        let few = of_store(&run(14, 1.0)).reserve.unwrap();
        assert_eq!(few, "14 quiet rounds, fewer than 15");
        let noisy = of_store(&run(15, 1.2)).reserve.unwrap();
        assert_eq!(noisy, "the control differs from itself: 1.20");
    }

    #[test]
    fn a_round_with_foreign_load_counts_for_neither_of_a_pair() {
        let mut noisy = run(16, 1.0);
        noisy.rows[0].samples[3].foreign_cpu_share = Some(0.2);
        assert_eq!(of_store(&noisy).rounds, 15);
    }

    #[test]
    fn a_faster_day_is_no_faster_store() {
        let mut new = run(15, 1.0);
        let samples = new.rows.iter_mut().flat_map(|row| &mut row.samples);
        samples.for_each(|sample| sample.survived_per_s *= 3.0);
        let old = run(15, 1.0);
        let between = between_runs((&old, &old.rows[1]), (&new, &new.rows[1]), MARGIN).unwrap();
        assert!(between.is_relative);
        assert_eq!(between.verdict, Verdict::NoDifference);
        let limit = between_runs((&old, &old.rows[0]), (&new, &new.rows[0]), MARGIN).unwrap();
        assert!(!limit.is_relative && limit.verdict == Verdict::Faster);
    }

    #[test]
    fn the_probe_of_the_same_round_is_what_a_durable_figure_stands_beside() {
        let mut row = row("file/x", Role::Store, &[100.0, 300.0]);
        assert_eq!(to_probe(&row), None);
        row.samples[0].probe_per_s = Some(50.0);
        row.samples[1].probe_per_s = Some(150.0);
        assert_eq!(to_probe(&row).unwrap().middle, 2.0);
    }
}
