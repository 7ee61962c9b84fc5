//! The exact chance that a random walk ends in one of certain schedules.
//!
//! A walk lets anybody who can go take the next step, with equal chances. Then schedules behind few
//! forks come up more often than those behind many: of the 6 orders of two clients with two steps
//! each, A A B B has two forks and comes up once in 4 walks; A B A B has three and comes up once in
//! 8. So a third of the schedules keeps both increments, and half of the walks do.
//!
//! For n clients it is 1/n!. While n of them have steps left, anybody may go first; then the same
//! one goes on with a chance of 1/n, and n - 1 are left.

use crate::Fraction;

/// The chance that a walk ends in a schedule that is marked. `schedules` are all that there are,
/// each with its mark; `None` where the number has too many digits, or there are none.
pub fn walk_chance<'a>(schedules: impl IntoIterator<Item = (&'a [u8], bool)>) -> Option<Fraction> {
    let mut schedules: Vec<_> = schedules.into_iter().collect();
    schedules.sort_unstable();
    if schedules.is_empty() {
        return None;
    }
    beyond(&schedules, 0)
}

/// The chance of those that have the same first `step` steps, once a walk has taken these.
fn beyond(schedules: &[(&[u8], bool)], step: usize) -> Option<Fraction> {
    if let [(schedule, is_marked)] = schedules
        && schedule.len() <= step
    {
        return Some(if *is_marked { Fraction::ONE } else { Fraction::ZERO });
    }
    let next = |(schedule, _): &(&[u8], bool)| schedule.get(step).copied();
    let forks = || schedules.chunk_by(|one, other| next(one) == next(other));
    let all = forks().try_fold(Fraction::ZERO, |sum, fork| sum.plus(beyond(fork, step + 1)?))?;
    all.over(forks().count())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::serial_schedules;

    /// Every order of `clients` clients with two steps each, and whether they come one after the
    /// other.
    fn orders(clients: u8) -> Vec<(Vec<u8>, bool)> {
        let mut orders = BTreeSet::from([Vec::new()]);
        for _ in 0..2 * clients {
            let one_more = |order: &Vec<u8>| {
                let left = |client: &u8| order.iter().filter(|one| *one == client).count() < 2;
                let next = (1..=clients).filter(left).collect::<Vec<_>>();
                let order = order.clone();
                next.into_iter().map(move |client| [order.as_slice(), &[client]].concat())
            };
            orders = orders.iter().flat_map(one_more).collect();
        }
        let is_serial = |order: &[u8]| order.chunks(2).all(|pair| pair[0] == pair[1]);
        orders.into_iter().map(|order| (order.clone(), is_serial(&order))).collect()
    }

    fn chance(orders: &[(Vec<u8>, bool)]) -> Option<Fraction> {
        walk_chance(orders.iter().map(|(order, is_marked)| (order.as_slice(), *is_marked)))
    }

    #[test]
    fn a_walk_keeps_every_increment_once_in_n_factorial() {
        for (clients, of) in [(1, 1), (2, 2), (3, 6), (4, 24)] {
            let orders = orders(clients);
            assert_eq!(chance(&orders), Some(Fraction { part: 1, of }));
            let kept = orders.iter().filter(|(_, is_serial)| *is_serial).count() as u128;
            let counted = Fraction { part: kept, of: orders.len() as u128 };
            assert_eq!(serial_schedules(clients.into()), Some(counted));
        }
    }

    #[test]
    fn a_single_order_has_the_product_of_the_chances_at_its_forks() {
        for (marked, of) in [([1, 1, 2, 2], 4), ([1, 2, 1, 2], 8), ([2, 1, 1, 2], 8)] {
            let mut orders = orders(2);
            for (order, is_marked) in &mut orders {
                *is_marked = *order == marked;
            }
            assert_eq!(chance(&orders), Some(Fraction { part: 1, of }), "{marked:?}");
        }
    }

    #[test]
    fn a_walk_is_certain_to_end_somewhere() {
        let mut orders = orders(3);
        orders.iter_mut().for_each(|(_, is_marked)| *is_marked = true);
        assert_eq!(chance(&orders), Some(Fraction::ONE));
        assert_eq!(walk_chance([]), None);
    }
}
