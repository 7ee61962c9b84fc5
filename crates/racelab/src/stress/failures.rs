//! Operations that got no answer.

use lab_store::StoreError;
use serde::{Deserialize, Serialize};

/// Operations that failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failures {
    /// How many.
    pub count: u64,
    /// How often what the store read was only a part of what it had written, each time another.
    pub torn: u64,
    /// How often a client read such a part again that it had just read.
    pub torn_again: u64,
    /// Some client ended before it could read the last of them.
    pub stays_torn: bool,
    /// What the first of those said.
    pub first_torn: Option<String>,
    /// What the first of the others said.
    pub first_other: Option<String>,
    /// How many clients gave up, because nothing succeeded any more.
    pub gave_up: u64,
    /// What a client could not read the last time, and not since.
    #[serde(skip)]
    pub(super) unread: Option<String>,
}

impl Failures {
    pub(super) fn add(&mut self, error: &StoreError) {
        self.count += 1;
        let is_torn = matches!(error, StoreError::Corrupt { .. });
        if is_torn {
            self.add_torn(error.to_string());
        }
        let first = if is_torn { &mut self.first_torn } else { &mut self.first_other };
        first.get_or_insert_with(|| error.to_string());
    }

    /// Nobody says whose damage it is, so what says the same of it is the same.
    fn add_torn(&mut self, text: String) {
        if self.unread.as_ref() == Some(&text) {
            self.torn_again += 1;
            return;
        }
        // It is counted when it is over: damage that stays is that of all clients.
        self.torn += u64::from(self.unread.is_some());
        self.unread = Some(text);
        self.stays_torn = true;
    }

    /// An operation was answered.
    pub(super) fn succeed(&mut self) {
        self.torn += u64::from(self.unread.take().is_some());
        self.stays_torn = false;
    }

    /// How many damages were read: what stays is one, however many clients met it.
    pub(super) fn damages(&self) -> u64 {
        self.torn + u64::from(self.stays_torn)
    }

    pub(super) fn append(&mut self, other: Self) {
        self.count += other.count;
        self.torn += other.torn;
        self.torn_again += other.torn_again;
        // The last of each of them is the same.
        self.torn_again += u64::from(self.stays_torn && other.stays_torn);
        self.stays_torn |= other.stays_torn;
        self.gave_up += other.gave_up;
        self.first_torn = self.first_torn.take().or(other.first_torn);
        self.first_other = self.first_other.take().or(other.first_other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[Option<&str>]) -> Failures {
        let mut failures = Failures::default();
        for text in texts {
            match text {
                Some(text) => failures.add(&StoreError::corrupt("a file", text)),
                None => failures.succeed(),
            }
        }
        failures
    }

    fn counts(failures: &Failures) -> (u64, u64, u64) {
        (failures.count, failures.damages(), failures.torn_again)
    }

    #[test]
    fn a_damage_that_stays_is_one_however_often_it_is_read() {
        assert_eq!(counts(&of(&[Some("0 bytes"); 1000])), (1000, 1, 999));
        let mut all = of(&[Some("0 bytes"); 1000]);
        all.append(of(&[Some("0 bytes"); 1000]));
        assert_eq!(counts(&all), (2000, 1, 1999));
    }

    #[test]
    fn a_damage_that_was_read_between_whole_ones_is_one_more() {
        let texts = [Some("0 bytes"), None, Some("0 bytes"), Some("7 bytes"), None];
        assert_eq!(counts(&of(&texts)), (3, 3, 0));
        let mut all = of(&texts);
        all.append(of(&texts));
        assert_eq!(counts(&all), (6, 6, 0));
    }
}
