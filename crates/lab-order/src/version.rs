//! One version of one task: who made it and who saw it.

use lab_history::{Function, Record};
use lab_task::Status;

#[derive(Clone, Debug, Default)]
pub(crate) struct Version {
    /// The operation that made it, once it is known.
    pub(crate) writer: Option<Record>,
    /// Another operation that says that it made the same version.
    pub(crate) twin: Option<Box<Record>>,
    /// Of those who saw it, the one that was answered first.
    pub(crate) early: Option<Record>,
    /// Of those who saw it, the one that was invoked last.
    pub(crate) late: Option<Record>,
    /// What was seen under this version, at most two contents.
    pub(crate) opinions: [Opinion; 2],
    /// It needs no writer.
    pub(crate) is_given: bool,
    /// The status of the version before, where the writer did not touch it.
    pub(crate) inherited: Option<Status>,
}

/// A content, and how often it was seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Opinion {
    pub(crate) first: Option<Record>,
    pub(crate) count: u32,
}

impl Version {
    /// Whether its place in the order is known well enough to draw conclusions from it.
    pub(crate) fn is_clear(&self) -> bool {
        self.twin.is_none() && self.writer.is_some()
    }

    /// No operation that saw or made it took effect before this place, as far as it is known.
    pub(crate) fn made_from(&self) -> u64 {
        self.writer.filter(|_| self.is_clear()).map_or(0, |writer| writer.invoked)
    }

    /// It was made before this place.
    pub(crate) fn made_before(&self) -> u64 {
        let writer = self.writer.map_or(u64::MAX, |writer| writer.answered);
        self.early.map_or(writer, |early| early.answered.min(writer))
    }

    /// Who shows that it was made before [`Version::made_before`].
    pub(crate) fn earliest(&self) -> Option<Record> {
        [self.writer, self.early].into_iter().flatten().min_by_key(|record| record.answered)
    }

    pub(crate) fn status(&self) -> Option<Status> {
        if self.twin.is_some() {
            return None;
        }
        let writer = self.writer.and_then(|writer| writer.status);
        let seen = || self.opinions[0].first.and_then(|seen| seen.status);
        writer.or_else(seen).or(self.inherited)
    }

    /// Whether it has the status of the version before.
    pub(crate) fn keeps_status(&self) -> bool {
        self.writer
            .is_some_and(|writer| writer.function == Function::Edit && writer.status.is_none())
    }

    /// Somebody saw it.
    #[inline]
    pub(crate) fn see(&mut self, record: &Record) {
        if self.early.is_none_or(|early| record.answered < early.answered) {
            self.early = Some(*record);
        }
        if self.late.is_none_or(|late| record.invoked > late.invoked) {
            self.late = Some(*record);
        }
        if record.content != 0 {
            self.hear(record);
        }
    }

    #[inline]
    fn hear(&mut self, record: &Record) {
        for opinion in &mut self.opinions {
            let first = *opinion.first.get_or_insert(*record);
            if first.content == record.content {
                opinion.count += 1;
                return;
            }
        }
    }
}
