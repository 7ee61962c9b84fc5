//! Places that are found by number and never move.

use std::array;
use std::sync::OnceLock;

/// A place for each number from 1 on. It stands in chunks that are twice as large each as the one
/// before, and a chunk that is there stays as it is, so that who looks for a place waits for
/// nobody.
pub(super) struct Slab<T> {
    chunks: [OnceLock<Box<[Padded<T>]>>; CHUNKS],
}

/// As many as a `u64` has bits: the numbers of chunk c begin with bit c.
const CHUNKS: usize = u64::BITS as usize;

/// Alone on its lines of the cache, of which processors fetch two at a time: two threads that work
/// on neighbours must not slow each other down.
#[repr(align(128))]
struct Padded<T>(T);

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { chunks: array::from_fn(|_| OnceLock::new()) }
    }
}

impl<T> Slab<T> {
    /// The place of `number`, if its chunk was made.
    pub(super) fn get(&self, number: u64) -> Option<&T> {
        let chunk = number.checked_ilog2()?;
        let at = usize::try_from(number - (1 << chunk)).ok()?;
        self.chunks[chunk as usize].get()?.get(at).map(|place| &place.0)
    }

    /// The place of `number`, not 0; its chunk is made of `empty` places if it is not there.
    pub(super) fn make(&self, number: u64, empty: impl Fn() -> T) -> &T {
        let chunk = number.ilog2();
        let places = self.chunks[chunk as usize]
            .get_or_init(|| (0..1_u64 << chunk).map(|_| Padded(empty())).collect());
        &places[(number - (1 << chunk)) as usize].0
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn every_number_has_a_place_of_its_own_that_stays_where_it_is() {
        let slab = Slab::default();
        let places: Vec<&AtomicU64> =
            (1..=1000).map(|number| slab.make(number, AtomicU64::default)).collect();
        for (place, number) in places.iter().zip(1..) {
            place.fetch_add(number, Ordering::Relaxed);
        }
        for (place, number) in places.iter().zip(1..) {
            assert_eq!(place.load(Ordering::Relaxed), number);
            assert!(std::ptr::eq(*place, slab.get(number).unwrap()));
        }
    }

    #[test]
    fn a_number_without_a_place_has_none() {
        let slab = Slab::<u8>::default();
        slab.make(4, || 0);
        assert_eq!(slab.get(0), None);
        assert_eq!(slab.get(1), None);
        assert_eq!(slab.get(7), Some(&0));
        assert_eq!(slab.get(8), None);
        assert_eq!(slab.get(u64::MAX), None);
    }
}
