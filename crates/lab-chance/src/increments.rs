//! n clients that each read a number, add to it and write it back, in two steps that others see.

use crate::Fraction;

/// Of the (2n)!/2^n orders of their steps, the n! in which each client writes before the next one
/// reads: those that keep every increment, n!·2^n/(2n)! of all. `None` for no client, and for so
/// many that the number has too many digits.
///
/// Any other order loses one: if a client reads between another's read and its write, the first
/// of the two to write is overwritten by the second, which did not see it.
pub fn serial_schedules(clients: u32) -> Option<Fraction> {
    if clients == 0 {
        return None;
    }
    let of = factorial(clients.checked_mul(2)?)? / 2_u128.checked_pow(clients)?;
    Some(Fraction { part: factorial(clients)?, of })
}

fn factorial(of: u32) -> Option<u128> {
    (1..=u128::from(of)).try_fold(1, u128::checked_mul)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_of_6_6_of_90_and_24_of_2520_schedules_keep_every_increment() {
        let shares = [1, 2, 3, 4].map(|clients| serial_schedules(clients).unwrap().to_string());
        assert_eq!(shares, ["1/1", "2/6", "6/90", "24/2520"]);
    }

    #[test]
    fn none_and_too_many_clients_have_no_share() {
        assert_eq!(serial_schedules(0), None);
        assert_eq!(serial_schedules(40), None);
        assert_eq!(serial_schedules(u32::MAX), None);
    }
}
