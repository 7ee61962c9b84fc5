//! So many of so many, exactly.

use std::fmt;

/// So many of so many; `of` is never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fraction {
    /// Those that are meant.
    pub part: u128,
    /// All of them.
    pub of: u128,
}

impl Fraction {
    pub(crate) const ZERO: Self = Self { part: 0, of: 1 };
    pub(crate) const ONE: Self = Self { part: 1, of: 1 };

    /// The same number in its lowest terms.
    pub fn reduced(self) -> Self {
        let divisor = greatest_common_divisor(self.part, self.of);
        Self { part: self.part / divisor, of: self.of / divisor }
    }

    /// The sum in its lowest terms; `None` where it has too many digits.
    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        let one = self.part.checked_mul(other.of)?;
        let part = one.checked_add(other.part.checked_mul(self.of)?)?;
        Some(Self { part, of: self.of.checked_mul(other.of)? }.reduced())
    }

    /// One `divisor`th of it; `None` where that has too many digits.
    pub(crate) fn over(self, divisor: usize) -> Option<Self> {
        let divisor = u128::try_from(divisor).ok()?;
        Some(Self { part: self.part, of: self.of.checked_mul(divisor)? }.reduced())
    }
}

fn greatest_common_divisor(one: u128, other: u128) -> u128 {
    if other == 0 { one } else { greatest_common_divisor(other, one % other) }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_and_thirds_add_up() {
        let [half, third] = [2, 3].map(|of| Fraction { part: 1, of });
        assert_eq!(half.plus(third), Some(Fraction { part: 5, of: 6 }));
        assert_eq!(half.over(3), Some(Fraction { part: 1, of: 6 }));
        assert_eq!(Fraction { part: 24, of: 2_520 }.reduced().to_string(), "1/105");
    }

    #[test]
    fn what_has_too_many_digits_is_no_number_rather_than_a_wrong_one() {
        let tiny = Fraction { part: 1, of: u128::MAX };
        assert_eq!(tiny.over(2), None);
        assert_eq!(tiny.plus(Fraction { part: 1, of: u128::MAX - 1 }), None);
    }
}
