//! Numbers for people: three digits and a unit.

use lab_stats::Interval;

/// `12.3 M`, `456 k`, `7.89`.
pub(super) fn rate(per_s: f64) -> String {
    scaled(per_s, &[(1e9, " G"), (1e6, " M"), (1e3, " k"), (1.0, "")])
}

/// `1.23 ms` of nanoseconds.
pub(super) fn time(ns: u64) -> String {
    scaled(ns as f64, &[(1e9, " s"), (1e6, " ms"), (1e3, " µs"), (1.0, " ns")])
}

/// `0.58 (0.55 to 0.61)`.
pub(super) fn ratio(ratio: Interval) -> String {
    let Interval { low, middle, high } = ratio;
    format!("{} ({} to {})", digits(middle), digits(low), digits(high))
}

/// A number to three digits, and never more than it has before the point.
pub(super) fn digits(number: f64) -> String {
    let places = match number.abs() {
        small if small < 0.1 => 3,
        small if small < 9.995 => 2,
        middle if middle < 99.95 => 1,
        _ => 0,
    };
    format!("{number:.places$}")
}

fn scaled(number: f64, units: &[(f64, &str)]) -> String {
    // What rounds up to the next unit is told in that.
    let unit = units.iter().find(|(size, _)| number >= size * 0.9995).or(units.last());
    unit.map_or_else(|| digits(number), |(size, name)| format!("{}{name}", digits(number / size)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits_and_a_unit() {
        let rates = [0.0, 0.02, 7.891, 45.67, 999.9, 12_345.0, 999_999.0, 45e6].map(rate);
        let expected = ["0.000", "0.020", "7.89", "45.7", "1.00 k", "12.3 k", "1.00 M", "45.0 M"];
        assert_eq!(rates, expected);
        let times = [12, 1_234, 56_789_000, 2_000_000_000].map(time);
        assert_eq!(times, ["12.0 ns", "1.23 µs", "56.8 ms", "2.00 s"]);
    }

    #[test]
    fn a_ratio_stands_with_its_interval() {
        let text = ratio(Interval { low: 0.5512, middle: 0.58, high: 12.0 });
        assert_eq!(text, "0.58 (0.55 to 12.0)");
    }
}
