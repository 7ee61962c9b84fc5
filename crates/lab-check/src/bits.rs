//! Sets of slots: one word, two, or as many as it takes.

use std::hash::Hash;

/// A set of small numbers.
pub(crate) trait Bits: Clone + Eq + Hash + Default {
    /// How many numbers fit, from 0; `None` where there is no limit.
    const SLOTS_MAX: Option<usize>;

    fn contains(&self, slot: usize) -> bool;
    fn insert(&mut self, slot: usize);
    fn remove(&mut self, slot: usize);
    /// Every member that is in none of `others`, in no particular order of cost.
    fn without(&self, others: &Self) -> Self;
    fn and(&self, other: &Self) -> Self;
    fn or(&self, other: &Self) -> Self;
    fn intersects(&self, other: &Self) -> bool;
    /// Whether some member is in neither of two sets.
    fn exceeds(&self, one: &Self, other: &Self) -> bool;
    /// Whether some member is in neither of `unless` and in one of `either`.
    fn meets(&self, unless: [&Self; 2], either: [&Self; 2]) -> bool;
    /// How many words there are to go through.
    fn words(&self) -> u64;
    /// The members, smallest first.
    fn ones(&self) -> impl Iterator<Item = usize>;
    /// The same set in a wider form.
    fn widen<W: Bits>(&self) -> W {
        let mut wide = W::default();
        self.ones().for_each(|slot| wide.insert(slot));
        wide
    }
}

macro_rules! word {
    ($word:ty) => {
        impl Bits for $word {
            const SLOTS_MAX: Option<usize> = Some(<$word>::BITS as usize);

            fn contains(&self, slot: usize) -> bool {
                self & (1 << slot) != 0
            }

            fn insert(&mut self, slot: usize) {
                *self |= 1 << slot;
            }

            fn remove(&mut self, slot: usize) {
                *self &= !(1 << slot);
            }

            fn without(&self, others: &Self) -> Self {
                self & !others
            }

            fn and(&self, other: &Self) -> Self {
                self & other
            }

            fn or(&self, other: &Self) -> Self {
                self | other
            }

            fn intersects(&self, other: &Self) -> bool {
                self & other != 0
            }

            fn exceeds(&self, one: &Self, other: &Self) -> bool {
                self & !one & !other != 0
            }

            fn meets(&self, unless: [&Self; 2], either: [&Self; 2]) -> bool {
                self & !unless[0] & !unless[1] & (either[0] | either[1]) != 0
            }

            fn words(&self) -> u64 {
                1
            }

            fn ones(&self) -> impl Iterator<Item = usize> {
                let mut rest = *self;
                std::iter::from_fn(move || {
                    let slot = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
                    rest &= rest - 1;
                    Some(slot)
                })
            }
        }
    };
}
word!(u64);
word!(u128);

/// Without a limit. Never ends in an empty word, so that equal sets are equal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct ManyWords(Vec<u64>);

impl ManyWords {
    fn word(&self, place: usize) -> u64 {
        self.0.get(place).copied().unwrap_or_default()
    }

    fn each_word(&self, len: usize, word: impl Fn(usize) -> u64) -> Self {
        let mut words = Self((0..len).map(word).collect());
        words.trim();
        words
    }

    fn trim(&mut self) {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }
}

impl Bits for ManyWords {
    const SLOTS_MAX: Option<usize> = None;

    fn contains(&self, slot: usize) -> bool {
        self.word(slot / 64).contains(slot % 64)
    }

    fn insert(&mut self, slot: usize) {
        if self.0.len() <= slot / 64 {
            self.0.resize(slot / 64 + 1, 0);
        }
        self.0[slot / 64].insert(slot % 64);
    }

    fn remove(&mut self, slot: usize) {
        if let Some(word) = self.0.get_mut(slot / 64) {
            word.remove(slot % 64);
        }
        self.trim();
    }

    fn without(&self, others: &Self) -> Self {
        self.each_word(self.0.len(), |at| self.word(at) & !others.word(at))
    }

    fn and(&self, other: &Self) -> Self {
        self.each_word(self.0.len().min(other.0.len()), |at| self.word(at) & other.word(at))
    }

    fn or(&self, other: &Self) -> Self {
        self.each_word(self.0.len().max(other.0.len()), |at| self.word(at) | other.word(at))
    }

    fn intersects(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(one, other)| one & other != 0)
    }

    fn exceeds(&self, one: &Self, other: &Self) -> bool {
        let words = self.0.iter().enumerate();
        words.into_iter().any(|(at, word)| word & !one.word(at) & !other.word(at) != 0)
    }

    fn meets(&self, unless: [&Self; 2], either: [&Self; 2]) -> bool {
        self.0.iter().enumerate().any(|(at, word)| {
            let [unless, either] = [unless, either].map(|two| two[0].word(at) | two[1].word(at));
            word & !unless & either != 0
        })
    }

    fn words(&self) -> u64 {
        1 + self.0.len() as u64
    }

    fn ones(&self) -> impl Iterator<Item = usize> {
        let words = self.0.iter().enumerate();
        words.flat_map(|(at, word)| word.ones().map(move |slot| at * 64 + slot))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn behaves<B: Bits>(slots: &[usize]) -> (Vec<usize>, Vec<usize>, Vec<usize>, bool, bool) {
        let mut even = B::default();
        let mut all = B::default();
        for slot in slots {
            all.insert(*slot);
            if slot % 2 == 0 {
                even.insert(*slot);
            }
        }
        let odd = all.without(&even);
        assert!(all == odd.or(&even) && odd.and(&even) == B::default());
        assert!(slots.iter().all(|slot| all.contains(*slot) && !odd.intersects(&even)));
        let mut fewer = all.clone();
        fewer.remove(slots[0]);
        assert!(all.meets([&odd, &odd], [&odd, &even]) && !all.meets([&odd, &even], [&all, &all]));
        assert!(!all.meets([&odd, &odd], [&odd, &B::default()]));
        let facts = (all.exceeds(&odd, &even), all.exceeds(&odd, &B::default()));
        (odd.ones().collect(), even.ones().collect(), fewer.ones().collect(), facts.0, facts.1)
    }

    #[test]
    fn every_width_is_the_same_set() {
        let slots = [3, 4, 17, 40, 63];
        assert_eq!(behaves::<u64>(&slots), behaves::<u128>(&slots));
        assert_eq!(behaves::<u64>(&slots), behaves::<ManyWords>(&slots));
        let expected = (vec![3, 17, 63], vec![4, 40], vec![4, 17, 40, 63], false, true);
        assert_eq!(behaves::<u64>(&slots), expected);
        assert_eq!(behaves::<u128>(&[5, 100]).0, [5]);
        assert_eq!(behaves::<ManyWords>(&[1000, 5]).2, [5]);
        assert_eq!(0b1010_u64.widen::<ManyWords>().ones().collect::<Vec<_>>(), [1, 3]);
    }
}
