//! Where a thread's time goes: at each moment of an operation exactly one account is open.

use std::cell::RefCell;
use std::ops::AddAssign;
use std::time::Instant;

use lab_runtime::Span;

const SPANS: usize = Span::ALL.len();
/// The account of what is in no span.
const REST: usize = SPANS;

/// Where the time of operations went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// From begin to end.
    pub total_ns: u64,
    /// By [`Span::ALL`]: in this span and in none within it.
    pub spans_ns: [u64; SPANS],
    /// How often each span was entered.
    pub counts: [u64; SPANS],
    /// In no span.
    pub rest_ns: u64,
}

/// An operation under way.
struct Open {
    begun: Instant,
    /// When the open account was opened.
    since: Instant,
    account: usize,
    accounts_ns: [u64; SPANS + 1],
    counts: [u64; SPANS],
}

thread_local! {
    static OPEN: RefCell<Option<Open>> = const { RefCell::new(None) };
}

/// Carries out an operation of this thread; where its time went. One within another is a part of
/// that, and took no time of its own.
pub fn operation<T>(work: impl FnOnce() -> T) -> (T, Spent) {
    if OPEN.with_borrow(Option::is_some) {
        return (work(), Spent::default());
    }
    let ended = Ended;
    let begun = Instant::now();
    let (accounts_ns, counts) = ([0; SPANS + 1], [0; SPANS]);
    OPEN.set(Some(Open { begun, since: begun, account: REST, accounts_ns, counts }));
    let answer = work();
    let spent = OPEN.take().map_or(Spent::default(), Open::end);
    drop(ended);
    (answer, spent)
}

/// An operation that a panic ended is none.
struct Ended;

impl Drop for Ended {
    fn drop(&mut self) {
        OPEN.set(None);
    }
}

/// Carries out work of a kind. Outside of an operation nobody takes its time.
pub(crate) fn span<T>(span: Span, work: impl FnOnce() -> T) -> T {
    let _back = OPEN.with_borrow_mut(|open| {
        let open = open.as_mut()?;
        open.counts[span as usize] += 1;
        Some(Back(open.turn_to(span as usize)))
    });
    work()
}

/// The account that was open before the span.
struct Back(usize);

impl Drop for Back {
    fn drop(&mut self) {
        OPEN.with_borrow_mut(|open| {
            if let Some(open) = open {
                open.turn_to(self.0);
            }
        });
    }
}

impl Open {
    /// Closes the open account and opens another; which one it was.
    fn turn_to(&mut self, account: usize) -> usize {
        let now = Instant::now();
        self.accounts_ns[self.account] += nanos(self.since, now);
        self.since = now;
        std::mem::replace(&mut self.account, account)
    }

    fn end(mut self) -> Spent {
        self.turn_to(REST);
        let mut spans_ns = [0; SPANS];
        spans_ns.copy_from_slice(&self.accounts_ns[..SPANS]);
        Spent {
            total_ns: nanos(self.begun, self.since),
            spans_ns,
            counts: self.counts,
            rest_ns: self.accounts_ns[REST],
        }
    }
}

fn nanos(from: Instant, to: Instant) -> u64 {
    u64::try_from((to - from).as_nanos()).unwrap_or(u64::MAX)
}

impl Spent {
    /// In this span and in none within it.
    pub fn in_span_ns(&self, span: Span) -> u64 {
        self.spans_ns[span as usize]
    }

    /// How often it was entered.
    pub fn count(&self, span: Span) -> u64 {
        self.counts[span as usize]
    }

    /// What spans and rest come to: the total.
    pub fn sum_ns(&self) -> u64 {
        self.spans_ns.iter().sum::<u64>() + self.rest_ns
    }
}

impl AddAssign for Spent {
    fn add_assign(&mut self, other: Self) {
        self.total_ns += other.total_ns;
        self.rest_ns += other.rest_ns;
        for at in 0..SPANS {
            self.spans_ns[at] += other.spans_ns[at];
            self.counts[at] += other.counts[at];
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    #[test]
    fn a_span_within_another_counts_once_and_all_sum_to_the_total() {
        let ((), spent) = operation(|| {
            span(Span::Statement, || span(Span::Sync, || span(Span::Sync, || ())));
            span(Span::Copy, || ());
        });
        let entered = |one| spent.count(one);
        assert_eq!([Span::Statement, Span::Sync, Span::Copy].map(entered), [1, 2, 1]);
        assert_eq!(entered(Span::Lock), 0);
        assert!(spent.total_ns > 0);
        assert_eq!(spent.sum_ns(), spent.total_ns);
    }

    #[test]
    fn a_panic_closes_its_spans_and_its_operation() {
        let panicked =
            catch_unwind(|| operation(|| span(Span::Write, || panic!("as a bug would"))));
        assert!(panicked.is_err());
        span(Span::Read, || ());
        let (caught, spent) = operation(|| {
            let caught = catch_unwind(|| span(Span::Write, || panic!("as a bug would")));
            span(Span::Read, || ());
            caught
        });
        assert!(caught.is_err());
        assert_eq!((spent.count(Span::Write), spent.count(Span::Read)), (1, 1));
        assert_eq!(spent.sum_ns(), spent.total_ns);
    }

    #[test]
    fn outside_of_an_operation_nothing_is_counted() {
        span(Span::Write, || ());
        let ((), spent) = operation(|| ());
        assert_eq!(spent.counts, [0; SPANS]);
    }
}
