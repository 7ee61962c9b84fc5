//! Counts against a baseline.

use std::collections::BTreeSet;
use std::fmt;

use crate::baseline::Baseline;

/// By how much of its baseline a count may differ from it.
const BOUND: f64 = 0.005;

/// Every case of either.
pub(crate) struct Comparison(Vec<Row>);

struct Row {
    name: String,
    baseline: Option<u64>,
    now: Option<u64>,
}

impl Comparison {
    /// Holds `now` against `baseline`, as far as names contain `filter`.
    pub(crate) fn new(baseline: &Baseline, now: &Baseline, filter: &str) -> Self {
        let (baseline, now) = (&baseline.instructions, &now.instructions);
        let names: BTreeSet<&String> = baseline.keys().chain(now.keys()).collect();
        let row = |name: &String| Row {
            name: name.clone(),
            baseline: baseline.get(name).copied(),
            now: now.get(name).copied(),
        };
        Self(names.into_iter().filter(|name| name.contains(filter)).map(row).collect())
    }

    /// Whether something was compared, and all of it is within the bound.
    pub(crate) fn is_met(&self) -> bool {
        self.0.iter().any(|row| !row.is_new()) && self.0.iter().all(|row| row.fault().is_none())
    }
}

impl Row {
    /// By how much of the baseline there are more instructions now.
    fn change(&self) -> Option<f64> {
        let (baseline, now) = (self.baseline? as f64, self.now? as f64);
        Some((now - baseline) / baseline)
    }

    /// Whoever adds a store need not have the machine of the baseline.
    fn is_new(&self) -> bool {
        self.baseline.is_none()
    }

    fn fault(&self) -> Option<&'static str> {
        match (self.baseline, self.now, self.change()) {
            (None, ..) => None,
            (_, None, _) => Some("was not counted"),
            (.., Some(change)) if change > BOUND => Some("takes more"),
            (.., Some(change)) if change < -BOUND => Some("takes fewer"),
            // Also where the baseline is 0, and no change can be told.
            (.., Some(change)) if change.is_finite() => None,
            _ => Some("has an empty baseline"),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |count: Option<u64>| count.map_or("-".to_owned(), |count| count.to_string());
        for row in &self.0 {
            let change = row.change().map_or(String::new(), |it| format!("{:+.3} %", 100.0 * it));
            let (baseline, now) = (count(row.baseline), count(row.now));
            let fault = row.fault().map_or(String::new(), |fault| format!("  ✗ {fault}"));
            let fault = if row.is_new() { "  not compared: has no baseline".into() } else { fault };
            writeln!(f, "{:<34} {baseline:>12} {now:>12} {change:>10}{fault}", row.name)?;
        }
        let faults = self.0.iter().filter(|row| row.fault().is_some()).count();
        let new = self.0.iter().filter(|row| row.is_new()).count();
        if new > 0 {
            writeln!(f, "{new} without a baseline: RACELAB_BLESS=1 writes one")?;
        }
        let (cases, bound) = (self.0.len() - new, 100.0 * BOUND);
        match (cases, faults) {
            (0, _) => writeln!(f, "✗ no case has such a name: nothing was compared"),
            (_, 0) => writeln!(f, "✓ {cases} cases within {bound} % of the baseline"),
            _ => writeln!(
                f,
                "✗ {faults} of {cases} cases not within {bound} % of the baseline; where that is \
                 meant, RACELAB_BLESS=1 writes it anew"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;

    fn counts(counts: &[(&str, u64)]) -> Baseline {
        let mut baseline = Baseline::new(Machine::default());
        baseline.instructions.extend(counts.iter().map(|(name, it)| ((*name).to_owned(), *it)));
        baseline
    }

    fn is_met(baseline: &[(&str, u64)], now: &[(&str, u64)]) -> bool {
        Comparison::new(&counts(baseline), &counts(now), "").is_met()
    }

    #[test]
    fn a_count_of_one_per_cent_more_or_fewer_fails_the_gate() {
        let baseline = [("a", 100_000), ("b", 100_000)];
        assert!(is_met(&baseline, &baseline));
        assert!(is_met(&baseline, &[("a", 100_500), ("b", 99_500)]));
        assert!(!is_met(&baseline, &[("a", 101_000), ("b", 100_000)]));
        assert!(!is_met(&baseline, &[("a", 100_000), ("b", 99_000)]));
        let text = Comparison::new(&counts(&baseline), &counts(&[("a", 101_000)]), "").to_string();
        assert!(text.contains("+1.000 %  ✗ takes more"), "{text}");
        assert!(text.contains("✗ 2 of 2 cases not within 0.5 %"), "{text}");
    }

    #[test]
    fn a_new_case_passes_in_words_and_a_lost_one_or_nothing_at_all_does_not() {
        assert!(is_met(&[("a", 1)], &[("a", 1), ("b", 1)]));
        let (old, new) = (counts(&[("a", 1)]), counts(&[("a", 1), ("b", 1)]));
        let text = Comparison::new(&old, &new, "").to_string();
        assert!(text.contains("not compared: has no baseline"), "{text}");
        assert!(text.contains("✓ 1 cases within"), "{text}");
        assert!(!is_met(&[], &[("a", 1)]));
        assert!(!is_met(&[("a", 1), ("b", 1)], &[("a", 1)]));
        assert!(!is_met(&[("a", 0)], &[("a", 0)]));
        assert!(!is_met(&[], &[]));
    }

    #[test]
    fn a_filter_leaves_the_others_alone() {
        let (baseline, now) = (counts(&[("a", 100), ("b", 100)]), counts(&[("a", 100)]));
        assert!(Comparison::new(&baseline, &now, "a").is_met());
        assert!(!Comparison::new(&baseline, &now, "c").is_met());
    }
}
