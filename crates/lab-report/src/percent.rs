//! Shares in per cent, with as many digits as say something.

use lab_chance::{Interval, wilson};
use lab_witness::Share;

/// `33 %`, `4.2 %`, `0.95 %`.
pub(crate) fn percent(share: f64) -> String {
    format!("{} %", number(share))
}

/// `48 % (45 to 51 %)`: what was seen, and the interval at 95 %; of nothing, `-`.
pub(crate) fn estimate(seen: Share) -> String {
    if seen.of == 0 {
        return "-".to_owned();
    }
    let Interval { low, high } = wilson(seen.part, seen.of);
    format!("{} ({} to {})", percent(value(seen)), number(low), percent(high))
}

/// The share as a number; of nothing, 0.
pub(crate) fn value(share: Share) -> f64 {
    share.part as f64 / share.of.max(1) as f64
}

fn number(share: f64) -> String {
    let percent = share * 100.0;
    let digits = match percent {
        0.0 => 0,
        _ if percent < 1.0 => 2,
        _ if percent < 10.0 || (percent > 99.0 && percent < 100.0) => 1,
        _ => 0,
    };
    format!("{percent:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_share_keeps_its_digits() {
        let shares = [0.0, 1.0 / 105.0, 1.0 / 24.0, 1.0 / 3.0, 0.998, 1.0].map(percent);
        assert_eq!(shares, ["0 %", "0.95 %", "4.2 %", "33 %", "99.8 %", "100 %"]);
    }

    #[test]
    fn an_estimate_has_its_interval_and_of_nothing_there_is_none() {
        assert_eq!(estimate(Share { part: 0, of: 200 }), "0 % (0 to 1.9 %)");
        assert_eq!(estimate(Share { part: 0, of: 0 }), "-");
    }
}
