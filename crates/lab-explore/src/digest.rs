//! What was observed in a run, in eight letters: by them a token notices that the code has changed
//! since it was made, and after which step.
//!
//! Each letter stands for an eighth of the steps, together with all before them. What counts is
//! what the run did and not how the code is written: who took a step, what the seam calls it, what
//! went wrong at it, what was stored after it, what the client was told; in the last letter also
//! what is stored in the end.

use std::fmt;
use std::ops::RangeInclusive;

use lab_scenario::Judgement;

use crate::arena::Arena;
use crate::outcome::with_ids_counted_anew;
use crate::run::{Run, Step};

/// What the letters mean: another number for each way to make them.
const VERSION: char = '1';

const LETTERS: usize = 8;
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LETTER_BITS: usize = 5;

/// Between the texts of two steps; no label has it.
const BETWEEN: char = '\u{1}';

/// The digest of a described run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest([u8; LETTERS]);

impl Digest {
    /// The digest of a run that was described; two of one schedule are alike.
    pub fn of(arena: &Arena, run: &Run) -> Self {
        let steps = run.steps.iter().enumerate().map(|(at, step)| observed(run, at, step));
        let ends = format!("{:?} {}", run.after, came_to(&run.judgement));
        let texts: Vec<String> = steps.chain([ends]).collect();
        let whole = arena.without_folder(&texts.join(&BETWEEN.to_string()));
        let whole = with_ids_counted_anew(&whole);
        let texts: Vec<&str> = whole.split(BETWEEN).collect();
        Self(std::array::from_fn(|letter| {
            let end = last_step(letter, run.steps.len());
            let is_last = letter + 1 == LETTERS;
            let sum = texts.iter().take(end + usize::from(is_last)).fold(0, |sum, text| {
                let mut hasher = crc32fast::Hasher::new_with_initial(sum);
                hasher.update(text.as_bytes());
                hasher.update(&[0]);
                hasher.finalize()
            });
            // Letters of the same steps show other bits of the sum.
            let bits = sum >> (letter % 6 * LETTER_BITS);
            ALPHABET[bits as usize % ALPHABET.len()]
        }))
    }

    /// Among which steps, from 1, the first is that is not what it was, in a run of so many steps;
    /// `None` if nothing has changed.
    pub fn first_change(&self, now: &Self, steps: usize) -> Option<RangeInclusive<usize>> {
        let letter = self.0.iter().zip(&now.0).position(|(was, is)| was != is)?;
        let end = last_step(letter, steps);
        let before = letter.checked_sub(1).map_or(0, |letter| last_step(letter, steps));
        Some((before + 1).min(end)..=end)
    }
}

/// The last step, from 1, for which that letter stands.
fn last_step(letter: usize, steps: usize) -> usize {
    ((letter + 1) * steps).div_ceil(LETTERS)
}

/// What was observed of a step.
fn observed(run: &Run, at: usize, step: &Step) -> String {
    let Step { process, kind, label, fault, waited, stored, .. } = step;
    let told = run.told.iter().flatten().filter(|(after, _)| *after == at);
    let told: Vec<_> = told.map(|(_, told)| told).collect();
    format!("{process} {kind:?} {label} {fault:?} {waited} {stored:?} {told:?}")
}

/// What the run came to, without the words that a person is told.
fn came_to(judgement: &Judgement) -> &str {
    match judgement {
        Judgement::Kept => "kept",
        Judgement::Anomaly { anomaly, .. } => anomaly.as_str(),
        Judgement::Failed(why) => why,
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{VERSION}{}", String::from_utf8_lossy(&self.0))
    }
}

impl std::str::FromStr for Digest {
    type Err = ParseDigestError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let letters = text.strip_prefix(VERSION).ok_or(ParseDigestError)?.as_bytes();
        let letters: [u8; LETTERS] = letters.try_into().map_err(|_| ParseDigestError)?;
        let is_known = letters.iter().all(|letter| ALPHABET.contains(letter));
        if is_known { Ok(Self(letters)) } else { Err(ParseDigestError) }
    }
}

/// A text that is no digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the last part of a token is {VERSION} and {LETTERS} letters; it was cut, or another version \
     of racelab made it: without it the schedule alone is replayed"
)]
pub struct ParseDigestError;

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(text: &str) -> Digest {
        text.parse().unwrap()
    }

    #[test]
    fn the_first_letter_that_differs_says_which_steps_may_have_changed() {
        let was = digest("1abcdefgh");
        assert_eq!(was.first_change(&was, 8), None);
        assert_eq!(was.first_change(&digest("1abxdefgh"), 8), Some(3..=3));
        assert_eq!(was.first_change(&digest("1abxdefxx"), 24), Some(7..=9));
        assert_eq!(was.first_change(&digest("1abcdefgx"), 8), Some(8..=8));
    }

    #[test]
    fn of_few_steps_each_has_letters_of_its_own() {
        let was = digest("1abcdefgh");
        assert_eq!(was.first_change(&digest("1xbcdefgh"), 4), Some(1..=1));
        // The first of two letters of one step may be the same by chance.
        assert_eq!(was.first_change(&digest("1axcdefgh"), 4), Some(1..=1));
        assert_eq!(was.first_change(&digest("1abxdefgh"), 4), Some(2..=2));
        assert_eq!(was.first_change(&digest("1abcdefxh"), 4), Some(4..=4));
    }

    #[test]
    fn a_text_that_is_no_digest_is_refused() {
        for text in ["", "1", "1abcdefg", "1abcdefghj", "2abcdefgh", "1abcdefgu", "1abcdefgä"] {
            assert_eq!(text.parse::<Digest>(), Err(ParseDigestError), "{text}");
        }
        assert_eq!(digest("1abcdefgh").to_string(), "1abcdefgh");
    }
}
