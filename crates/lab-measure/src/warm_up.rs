//! When a measurement may begin.

use std::time::Duration;

/// How often the throughput is looked at.
pub(crate) const WINDOW: Duration = Duration::from_millis(5);

const WINDOWS: usize = 4;
const SPREAD_MAX: f64 = 0.1;

/// The rule in a sentence, for reports.
pub(crate) fn rule(longest: Duration) -> String {
    format!(
        "A warm-up ends when the throughputs of {WINDOWS} windows of {} ms in a row differ by at \
         most {:.0} % from their mean, and after {} ms in any case; a sample says which it was.",
        WINDOW.as_millis(),
        100.0 * SPREAD_MAX,
        longest.as_millis(),
    )
}

/// Whether the throughput has settled: the last windows do not differ much.
pub(crate) fn is_settled(per_window: &[f64]) -> bool {
    let Some(last) = per_window.last_chunk::<WINDOWS>() else { return false };
    let mean = last.iter().sum::<f64>() / WINDOWS as f64;
    mean > 0.0 && last.iter().all(|one| (one / mean - 1.0).abs() <= SPREAD_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_windows_in_a_row_that_are_alike_end_a_warm_up() {
        assert!(!is_settled(&[100.0, 100.0, 100.0]));
        assert!(!is_settled(&[10.0, 60.0, 95.0, 100.0]));
        assert!(is_settled(&[10.0, 60.0, 95.0, 100.0, 104.0, 101.0]));
        assert!(!is_settled(&[100.0, 100.0, 100.0, 140.0]));
        assert!(!is_settled(&[0.0; 8]));
    }

    #[test]
    fn the_rule_is_told_with_its_numbers() {
        let rule = rule(Duration::from_millis(100));
        assert!(rule.contains("4 windows of 5 ms") && rule.contains("after 100 ms"), "{rule}");
    }
}
