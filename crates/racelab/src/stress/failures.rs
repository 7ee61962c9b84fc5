//! Operations that got no answer.

use lab_store::StoreError;
use serde::{Deserialize, Serialize};

/// Operations that failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failures {
    /// How many.
    pub count: u64,
    /// How many of them because what the store read was only a part of what it had written.
    pub torn: u64,
    /// What the first of those said.
    pub first_torn: Option<String>,
    /// What the first of the others said.
    pub first_other: Option<String>,
    /// How many clients gave up, because nothing succeeded any more.
    pub gave_up: u64,
}

impl Failures {
    pub(super) fn add(&mut self, error: &StoreError) {
        self.count += 1;
        let is_torn = matches!(error, StoreError::Corrupt { .. });
        self.torn += u64::from(is_torn);
        let first = if is_torn { &mut self.first_torn } else { &mut self.first_other };
        first.get_or_insert_with(|| error.to_string());
    }

    pub(super) fn append(&mut self, other: Self) {
        self.count += other.count;
        self.torn += other.torn;
        self.gave_up += other.gave_up;
        self.first_torn = self.first_torn.take().or(other.first_torn);
        self.first_other = self.first_other.take().or(other.first_other);
    }
}
