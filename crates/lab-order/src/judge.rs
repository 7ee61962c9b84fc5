//! A version that nobody can see any more is judged: who made it, and was it seen as it was made?

use lab_history::{Ending, Function, Record};
use lab_task::{Anomaly, Status};

use crate::finding::{Finding, Findings};
use crate::position::{GONE, version_of, written};
use crate::task::Task;
use crate::version::Version;

/// So many failed writes of a task are remembered, the last ones.
const FAILED_MAX: usize = 8;

impl Task {
    /// Judges the versions that nobody can see any more who was invoked from `place` on. Gives
    /// whom it cannot explain: who saw a task that nobody seems to have created.
    pub(crate) fn retire(&mut self, place: u64, findings: &mut Findings) -> Option<Record> {
        self.trim_floors(place);
        let old = self.failed.len().saturating_sub(FAILED_MAX);
        let position = self.floor_at(place).map_or(0, |floor| floor.position);
        let kept_from = match position {
            GONE.. => self.last_version().saturating_add(1),
            position => version_of(position),
        };
        let mut unexplained = None;
        while self.base < kept_from {
            let Some(version) = self.versions.pop_front() else { break };
            unexplained = unexplained.or(self.judge(&version, findings));
            self.base += 1;
            if !version.keeps_status() {
                let is_begun = version.status() == Some(Status::InProgress);
                let begun = self.begun_before.or(version.writer);
                self.begun_before = begun.filter(|_| is_begun && version.is_clear());
            }
            if let Some(next) = self.versions.front_mut()
                && next.keeps_status()
            {
                next.inherited = version.status();
            }
        }
        self.failed.drain(..old);
        unexplained
    }

    /// Judges all that is left. No operation is to come.
    pub(crate) fn close(&mut self, findings: &mut Findings) -> Option<Record> {
        let mut unexplained = None;
        while let Some(version) = self.versions.pop_front() {
            unexplained = unexplained.or(self.judge(&version, findings));
            self.base += 1;
        }
        for (version, saw) in std::mem::take(&mut self.holes) {
            self.doubts.retain(|doubt| doubt.position < written(version));
            let failed = self.failed_with(&saw).or_else(|| self.failed_before(&saw));
            findings.note(Anomaly::DirtyRead, || match saw.version == version {
                true => self.dirty(&saw, failed),
                false => self.made_of_nothing(version, &saw),
            });
        }
        for doubt in std::mem::take(&mut self.doubts) {
            doubt.tell_at_the_end(findings);
        }
        unexplained
    }

    fn judge(&mut self, version: &Version, findings: &mut Findings) -> Option<Record> {
        if !self.judge_contents(version, findings)
            && let Some(saw) = version.seen_otherwise()
            && let Some(made) = version.writer
        {
            findings.note(Anomaly::TornRead, || self.torn(&saw, &made));
        }
        if version.writer.is_some() || version.is_given {
            return None;
        }
        let next = self.versions.front().and_then(|next| next.writer);
        let saw = version.early().or(next)?;
        if self.base == 1 {
            return Some(saw);
        }
        if !self.take_crashed(version, &saw) {
            self.holes.push((self.base, saw));
        }
        None
    }

    /// A write of which nobody knew whether it happened has happened.
    fn take_crashed(&mut self, version: &Version, saw: &Record) -> bool {
        let content = version.opinions()[0].map_or(0, |told| told.first.content);
        let is_same = |crashed: &Record| crashed.content == content && content != 0;
        let can_be = |crashed: &&Record| {
            crashed.function != Function::Delete
                && crashed.invoked <= saw.answered
                && (crashed.content == 0 || content == 0 || is_same(crashed))
        };
        let crashed = self.crashed.iter().filter(can_be);
        // Of those that fit the last one: earlier ones may be needed for who was answered earlier.
        let best = crashed.max_by_key(|crashed| (is_same(crashed), crashed.invoked));
        let Some(best) = best.copied() else { return false };
        self.crashed.retain(|crashed| *crashed != best);
        true
    }

    /// Whether something was found.
    fn judge_contents(&self, version: &Version, findings: &mut Findings) -> bool {
        let [Some(first), second] = version.opinions() else { return false };
        if version.twin().is_some() {
            return false;
        }
        let mut is_found = false;
        let known = version.writer.map_or(0, |writer| writer.content);
        let second_of = second.map(|second| (second, Some(first)));
        for (opinion, other) in std::iter::once((first, second)).chain(second_of) {
            let saw = opinion.first;
            let failed = self.failed_with(&saw).filter(|failed| failed.content != known);
            // Who changes a task without saying to what may have made it equal to what failed.
            let may_be_made = version.writer.is_some() || version.is_given || self.has_crashed();
            let is_explained = known == 0 && other.is_none() && second.is_none() && may_be_made;
            if let Some(failed) = failed.filter(|_| !is_explained) {
                let count = u64::from(opinion.count);
                let finding = || self.dirty(&saw, Some(failed));
                findings.note_many(Anomaly::DirtyRead, count, Default::default(), finding);
                is_found = true;
                continue;
            }
            let is_outvoted = || {
                let is_second = second.is_some_and(|it| it.first.content == saw.content);
                other.is_some_and(|other| {
                    self.failed_with(&other.first).is_none()
                        && (opinion.count, !is_second) < (other.count, is_second)
                })
            };
            let is_bad = if known == 0 { is_outvoted() } else { saw.content != known };
            if is_bad {
                let whole = version.writer.filter(|_| known != 0);
                let whole = whole.or(other.map(|it| it.first)).unwrap_or(first.first);
                let count = u64::from(opinion.count);
                let finding = || self.torn(&saw, &whole);
                findings.note_many(Anomaly::TornRead, count, Default::default(), finding);
                is_found = true;
            }
        }
        is_found
    }

    fn has_crashed(&self) -> bool {
        !self.crashed.is_empty()
    }

    /// A failed write of just what `saw` saw, asked for before that was answered.
    pub(crate) fn failed_with(&self, saw: &Record) -> Option<Record> {
        self.failed.iter().find(|failed| is_failed_write_of(failed, saw)).copied()
    }

    /// The last failed write that can have written what `saw` saw, as far as is known.
    fn failed_before(&self, saw: &Record) -> Option<Record> {
        self.failed.iter().rev().find(|failed| may_be_failed_write_of(failed, saw)).copied()
    }

    pub(crate) fn dirty(&self, saw: &Record, failed: Option<Record>) -> Finding {
        let by = match failed {
            None => "no applied operation wrote".to_owned(),
            Some(failed) if is_failed_write_of(&failed, saw) => {
                format!("client {} tried to write and did not", failed.process)
            }
            Some(failed) => format!(
                "no applied operation wrote: client {}'s {}, which failed, can have left it",
                failed.process,
                failed.function.as_str()
            ),
        };
        let sentence =
            format!("client {} saw v{} of {}, which {by}", saw.process, saw.version, self.id());
        self.finding(Anomaly::DirtyRead, failed.into_iter().chain([*saw]).collect(), sentence)
    }

    /// `next` made the version after `version`, which nobody made.
    fn made_of_nothing(&self, version: u64, next: &Record) -> Finding {
        let sentence = format!(
            "client {} was told of v{} of {}, and no applied operation wrote v{version}",
            next.process,
            next.version,
            self.id()
        );
        self.finding(Anomaly::DirtyRead, vec![*next], sentence)
    }

    fn torn(&self, saw: &Record, whole: &Record) -> Finding {
        let sentence = format!(
            "client {} saw under v{} of {} something else than client {}",
            saw.process,
            saw.version,
            self.id(),
            whole.process
        );
        self.finding(Anomaly::TornRead, vec![*whole, *saw], sentence)
    }
}

/// Whether `failed`, which did not happen, tried to write just what `saw` saw, and was asked for
/// before that was answered.
pub(crate) fn is_failed_write_of(failed: &Record, saw: &Record) -> bool {
    failed.content != 0 && failed.content == saw.content && may_be_failed_write_of(failed, saw)
}

/// The same as far as is known.
pub(crate) fn may_be_failed_write_of(failed: &Record, saw: &Record) -> bool {
    let is_write = failed.function.is_change() && failed.function != Function::Delete;
    let is_same = failed.content == 0 || saw.content == 0 || failed.content == saw.content;
    let is_its_own = (failed.process, failed.invoked) == (saw.process, saw.invoked);
    failed.ending != Ending::Ok
        && is_write
        && !is_its_own
        && is_same
        && failed.task == saw.task
        && failed.invoked <= saw.answered
}
