//! One version of one task: who made it and who saw it.

use lab_history::{Function, Record};
use lab_task::Status;

/// Most of a history is kept as these, so what is rare stands beside it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Version {
    /// The operation that made it, once it is known.
    pub(crate) writer: Option<Record>,
    /// Of those who saw it, the one that was invoked last.
    pub(crate) late: Option<Record>,
    /// Who told first what it holds; mostly also the one who saw it and was answered first.
    told: Option<Record>,
    /// How many saw what `told` saw.
    told_count: u32,
    /// It needs no writer.
    pub(crate) is_given: bool,
    /// The statuses under which it was seen, as bits.
    statuses: u8,
    /// The status of the version before, where the writer did not touch it.
    pub(crate) inherited: Option<Status>,
    rare: Option<Box<Rare>>,
}

#[derive(Clone, Debug, Default)]
struct Rare {
    /// Another operation that says that it made the same version.
    twin: Option<Record>,
    /// Of those who saw it, the one that was answered first, if it is not the one who told first.
    early: Option<Record>,
    /// Who saw something else than was told first, and how many saw just that.
    other: Option<(Record, u32)>,
    /// Who saw it first under another status than those before.
    otherwise: Option<Record>,
}

/// A content, and how often it was seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opinion {
    pub(crate) first: Record,
    pub(crate) count: u32,
}

impl Version {
    /// One that needs no writer.
    pub(crate) fn given() -> Self {
        Self { is_given: true, ..Self::default() }
    }

    /// Forgets all but who made it.
    pub(crate) fn forget_readers(&mut self) {
        *self = Self { writer: self.writer, ..Self::default() };
    }

    /// Whether its place in the order is known well enough to draw conclusions from it.
    pub(crate) fn is_clear(&self) -> bool {
        self.twin().is_none() && self.writer.is_some()
    }

    /// No operation that saw or made it took effect before this place, as far as it is known.
    pub(crate) fn made_from(&self) -> u64 {
        self.writer.filter(|_| self.is_clear()).map_or(0, |writer| writer.invoked)
    }

    /// It was made before this place.
    pub(crate) fn made_before(&self) -> u64 {
        let writer = self.writer.map_or(u64::MAX, |writer| writer.answered);
        self.early().map_or(writer, |early| early.answered.min(writer))
    }

    /// Who shows that it was made before [`Version::made_before`].
    pub(crate) fn earliest(&self) -> Option<Record> {
        [self.writer, self.early()].into_iter().flatten().min_by_key(|record| record.answered)
    }

    pub(crate) fn status(&self) -> Option<Status> {
        if self.twin().is_some() {
            return None;
        }
        let writer = self.writer.and_then(|writer| writer.status);
        let seen = || self.told.and_then(|seen| seen.status);
        writer.or_else(seen).or(self.inherited)
    }

    /// Whether it has the status of the version before.
    pub(crate) fn keeps_status(&self) -> bool {
        self.writer
            .is_some_and(|writer| writer.function == Function::Edit && writer.status.is_none())
    }

    pub(crate) fn twin(&self) -> Option<Record> {
        self.rare.as_ref()?.twin
    }

    /// Another operation says that it made it.
    pub(crate) fn set_twin(&mut self, twin: &Record) {
        self.rare.get_or_insert_default().twin = Some(*twin);
    }

    /// Of those who saw it, the one that was answered first.
    #[inline]
    pub(crate) fn early(&self) -> Option<Record> {
        self.rare.as_ref().and_then(|rare| rare.early).or(self.told)
    }

    /// What was seen under this version, at most two contents.
    pub(crate) fn opinions(&self) -> [Option<Opinion>; 2] {
        let first = self.told.map(|first| Opinion { first, count: self.told_count });
        let other = self.rare.as_ref().and_then(|rare| rare.other);
        [first, other.map(|(first, count)| Opinion { first, count })]
    }

    /// Somebody saw it.
    #[inline]
    pub(crate) fn see(&mut self, record: &Record) {
        if self.late.is_none_or(|late| record.invoked > late.invoked) {
            self.late = Some(*record);
        }
        if record.content != 0 {
            self.hear(record);
        }
        if let Some(status) = record.status {
            self.see_status(status, record);
        }
        self.see_early(record);
    }

    #[inline]
    fn see_status(&mut self, status: Status, record: &Record) {
        let bit = 1 << status as u8;
        if self.statuses & bit == 0 {
            if self.statuses != 0 {
                self.rare.get_or_insert_default().otherwise.get_or_insert(*record);
            }
            self.statuses |= bit;
        }
    }

    /// Somebody who saw it under another status than it was made with, if that is known.
    pub(crate) fn seen_otherwise(&self) -> Option<Record> {
        let made = self.writer.filter(|_| self.is_clear())?.status?;
        if self.statuses & !(1 << made as u8) == 0 {
            return None;
        }
        let otherwise = self.rare.as_ref().and_then(|rare| rare.otherwise);
        let seen = [self.told, otherwise, self.early(), self.late].into_iter().flatten();
        let mut of_looks = seen.filter(|it| !it.function.is_change());
        of_looks.find(|saw| saw.status.is_some_and(|status| status != made))
    }

    /// Somebody was answered who knew it.
    #[inline]
    pub(crate) fn see_early(&mut self, record: &Record) {
        if self.early().is_none_or(|early| record.answered < early.answered) {
            self.rare.get_or_insert_default().early = Some(*record);
        }
    }

    #[inline]
    fn hear(&mut self, record: &Record) {
        match &self.told {
            Some(told) if told.content == record.content => self.told_count += 1,
            Some(_) => self.hear_other(record),
            None => (self.told, self.told_count) = (Some(*record), 1),
        }
    }

    fn hear_other(&mut self, record: &Record) {
        let (first, count) = self.rare.get_or_insert_default().other.get_or_insert((*record, 0));
        if first.content == record.content {
            *count += 1;
        }
    }
}
