//! Histories that were made one transaction after another are proved to be right, and those with
//! one that sees nothing are not.

use lab_check::Budget;
use lab_order::{check_transactions, verify_serial};

use crate::lines::{LISTS, REGISTERS};
use crate::story::Story;

#[test]
fn what_was_made_in_order_is_proved_by_an_order() {
    for values in [LISTS, REGISTERS] {
        for seed in 0..100 {
            let transactions = Story::new(values, seed, 300).transactions();
            let isolation = check_transactions(&transactions, Budget::default());
            assert!(isolation.found.is_empty(), "seed {seed}: {:#?}", isolation.found);
            let order = isolation.order.unwrap();
            assert_eq!(verify_serial(&transactions, &order), Ok(()), "seed {seed}");
        }
    }
}

#[test]
fn what_sees_nothing_in_the_middle_is_not_proved() {
    for values in [LISTS, REGISTERS] {
        for seed in 0..50 {
            let mut story = Story::new(values, seed, 300);
            story.weave_blind();
            let isolation = check_transactions(&story.transactions(), Budget::default());
            assert_eq!(isolation.order, None, "seed {seed}");
            assert!(!isolation.found.is_empty(), "seed {seed}");
        }
    }
}
