//! What a ratio with its interval says.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Interval;

/// Ratios that differ from 1 by less than this make no difference to anybody.
pub const MARGIN: f64 = 0.05;

/// The answer to "is one faster than the other?".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The whole interval lies above 1.
    Faster,
    /// The whole interval lies below 1.
    Slower,
    /// The whole interval lies within the margin around 1.
    NoDifference,
    /// The interval is too wide to say.
    Inconclusive,
}

impl Verdict {
    /// Reads the interval of a ratio of speeds. That a difference is too small to matter is
    /// looked at first.
    pub fn of(ratio: Interval, margin: f64) -> Self {
        let Interval { low, high, .. } = ratio;
        if low >= 1.0 - margin && high <= 1.0 + margin {
            Self::NoDifference
        } else if low > 1.0 {
            Self::Faster
        } else if high < 1.0 {
            Self::Slower
        } else {
            Self::Inconclusive
        }
    }

    /// The word for tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Faster => "faster",
            Self::Slower => "slower",
            Self::NoDifference => "no difference",
            Self::Inconclusive => "inconclusive",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(low: f64, high: f64) -> Verdict {
        Verdict::of(Interval { low, middle: f64::midpoint(low, high), high }, MARGIN)
    }

    #[test]
    fn only_a_whole_interval_decides() {
        assert_eq!(of(1.01, 1.4), Verdict::Faster);
        assert_eq!(of(0.4, 0.99), Verdict::Slower);
        assert_eq!(of(0.96, 1.04), Verdict::NoDifference);
        assert_eq!(of(1.01, 1.02), Verdict::NoDifference);
        assert_eq!(of(0.9, 1.04), Verdict::Inconclusive);
        assert_eq!(of(0.5, 2.0), Verdict::Inconclusive);
    }
}
