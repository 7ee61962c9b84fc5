//! The rules for an operation that changed a task. Each looks at one task only.

use lab_history::{Function, Record};
use lab_task::Anomaly;

use crate::finding::{Age, Finding, Findings};
use crate::position::{GONE, seen, version_of, written};
use crate::task::{Floor, Task};

impl Task {
    /// `record` made the version that it names.
    pub(crate) fn write(&mut self, record: &Record, findings: &mut Findings) {
        let version = record.version;
        let floor = self.floor_at(record.invoked).copied();
        if self.is_gone_for(record, floor.as_ref()) {
            if version <= self.last_version() {
                let other = self.version(version).and_then(|at| at.writer);
                self.fork(other.unwrap_or(*record), *record);
            }
            self.resurrect(record, findings);
            return;
        }
        if self.is_of_before(record, self.last_version() + 1) {
            return;
        }
        let position = written(version);
        let passed = floor.filter(|floor| floor.position >= position);
        let is_retired = version < self.base;
        let hole = self.holes.iter().position(|(hole, _)| *hole == version);
        let other = self.version_mut(version).and_then(|at| at.writer);
        let is_retry = |other: &Record| other.based_on != 0 && other.based_on == record.based_on;
        let is_create = record.function == Function::Create;
        if other == Some(*record) || is_create && other.as_ref().is_some_and(is_retry) {
            return;
        }
        if (other.is_some() || is_retired) && hole.is_none() {
            self.overwrite(record, other, passed, findings);
            return;
        }
        if is_create && record.based_on != 0 && passed.is_some() {
            // Another create with its key, which is answered later, made the task.
            self.find_created(record);
            return;
        }
        if let Some(floor) = passed {
            let saw = hole.map(|hole| self.holes.swap_remove(hole).1);
            let saw = saw.filter(|saw| saw.answered < record.invoked).unwrap_or(floor.by);
            self.name_early(&saw, record, findings);
            self.unsee(version, record.invoked);
        }
        self.look_at_base(record, findings);
        match self.version_mut(version) {
            Some(at) => at.writer = Some(*record),
            // It is forgotten, or so far beyond the others that they cannot all be under way.
            None => self.go_on_from(version, record),
        }
        self.reach(position, record);
        self.go_on(position, record, findings);
    }

    /// `saw` was told of a version before anybody asked for the change that made it.
    fn name_early(&self, saw: &Record, writer: &Record, findings: &mut Findings) {
        match self.failed_with(saw) {
            Some(failed) => findings.note(Anomaly::DirtyRead, || self.dirty(saw, Some(failed))),
            None => findings.note(Anomaly::FutureRead, || self.too_early(saw, writer)),
        }
    }

    /// The task is there, created by `record` or by another create with its key.
    pub(crate) fn find_created(&mut self, record: &Record) {
        if let Some(first) = self.version_mut(1) {
            first.is_given = true;
            self.reach(written(1), record);
        }
    }

    /// Whether the task was deleted, by versions or by real time, before `record` changed it.
    fn is_gone_for(&self, record: &Record, floor: Option<&Floor>) -> bool {
        let is_after = floor.is_some_and(|floor| floor.position >= GONE);
        is_after || self.removal.is_some_and(|removal| removal.version < record.version)
    }

    pub(crate) fn resurrect(&mut self, record: &Record, findings: &mut Findings) {
        let gone = self.floor_at(record.invoked).filter(|floor| floor.position >= GONE);
        let gone = gone.map(|floor| floor.by).or(self.removal);
        findings.note(Anomaly::ResurrectedDelete, || match gone {
            Some(gone) => self.back_again(gone, *record),
            None => self.back_again(*record, *record),
        });
        self.doubts.clear();
        self.go_on_from(record.version, record);
    }

    /// The task is there for `record` though `gone` says that it is deleted.
    pub(crate) fn back_again(&self, gone: Record, record: Record) -> Finding {
        let sentence = format!(
            "{} was deleted, and client {} found it there as v{}",
            self.id(),
            record.process,
            record.version
        );
        let mut steps = vec![gone, record];
        steps.dedup();
        self.finding(Anomaly::ResurrectedDelete, steps, sentence)
    }

    /// Somebody else made the same version.
    fn overwrite(
        &mut self,
        record: &Record,
        other: Option<Record>,
        passed: Option<Floor>,
        findings: &mut Findings,
    ) {
        let anomaly = match record.function {
            Function::Create => Anomaly::DuplicateId,
            _ => Anomaly::LostUpdate,
        };
        let lost = other.or(passed.map(|floor| floor.by));
        if lost.is_none() {
            // It is passed, but who passed it is forgotten: nothing is named without proof.
            self.go_on_from(record.version, record);
            return;
        }
        findings.note(anomaly, || self.made_twice(anomaly, lost, record));
        self.fork(other.unwrap_or(*record), *record);
        // Reads of what it went back to were no old reads.
        self.doubts.retain(|doubt| doubt.position < written(record.version));
        let beyond = passed.filter(|floor| floor.position > seen(record.version));
        if beyond.is_some() || other.is_none() {
            self.go_on_from(record.version, record);
        }
        if let Some(at) = self.version_mut(record.version) {
            at.set_twin(record);
        }
    }

    /// A save or a delete says on what it is based; between that and its own there must be none.
    fn look_at_base(&self, record: &Record, findings: &mut Findings) {
        let unseen = record.version.saturating_sub(1);
        let says = record.function == Function::Save && record.based_on != 0;
        if says && unseen > record.based_on {
            let lost = self.version(unseen).and_then(|at| at.writer);
            findings.note(Anomaly::LostUpdate, || self.made_unseen(lost, unseen, record));
        }
    }

    /// `record` removed the version that it names.
    pub(crate) fn remove(&mut self, record: &Record, findings: &mut Findings) {
        let version = record.version;
        let floor = self.floor_at(record.invoked).copied();
        if floor.is_some_and(|floor| floor.position >= GONE) {
            self.resurrect(record, findings);
        }
        let newer = self.versions.back().and_then(|at| at.writer);
        let newer = newer.filter(|newer| newer.version > version);
        let is_made = |floor: &Floor| {
            let newest = self.version(version_of(floor.position));
            newest.is_some_and(|newest| newest.writer.is_some())
        };
        let beyond = floor.filter(|floor| (seen(version) + 1..GONE).contains(&floor.position));
        let beyond = beyond.filter(is_made);
        let unseen = record.based_on != 0 && record.based_on < version;
        if let Some(lost) = self.removal.or(newer).or(beyond.map(|floor| floor.by)) {
            findings.note(Anomaly::LostUpdate, || self.removed_over(&lost, record));
        } else if unseen {
            let lost = self.version(version).and_then(|at| at.writer);
            findings.note(Anomaly::LostUpdate, || self.made_unseen(lost, version, record));
        }
        if let Some(at) = self.version_mut(version) {
            at.see_early(record);
        }
        self.removal = Some(*record);
        self.reach(GONE, record);
        self.go_on(GONE, record, findings);
    }

    fn too_early(&self, saw: &Record, writer: &Record) -> Finding {
        let sentence = format!(
            "client {} was told of v{} of {} before client {} asked for the change that made v{}",
            saw.process,
            saw.version.max(writer.version),
            self.id(),
            writer.process,
            writer.version
        );
        self.finding(Anomaly::FutureRead, vec![*saw, *writer], sentence)
    }

    fn made_twice(&self, anomaly: Anomaly, lost: Option<Record>, record: &Record) -> Finding {
        let others = lost.map_or_else(String::new, |lost| format!(" and client {}", lost.process));
        let sentence = format!(
            "client {}{others} were both told that they made v{} of {}",
            record.process,
            record.version,
            self.id()
        );
        self.finding(anomaly, lost.into_iter().chain([*record]).collect(), sentence)
    }

    fn made_unseen(&self, lost: Option<Record>, unseen: u64, record: &Record) -> Finding {
        let by = lost.map_or_else(String::new, |lost| format!(", made by client {}", lost.process));
        let sentence = format!(
            "client {} based its change on v{} of {} and overwrote v{unseen}{by}, unseen",
            record.process,
            record.based_on,
            self.id(),
        );
        self.finding(Anomaly::LostUpdate, lost.into_iter().chain([*record]).collect(), sentence)
    }

    fn removed_over(&self, lost: &Record, record: &Record) -> Finding {
        let sentence = format!(
            "client {} removed v{} of {}, and what client {} was told is gone with it",
            record.process,
            record.version,
            self.id(),
            lost.process
        );
        self.finding(Anomaly::LostUpdate, vec![*lost, *record], sentence)
    }

    pub(crate) fn finding(
        &self,
        anomaly: Anomaly,
        steps: Vec<Record>,
        sentence: String,
    ) -> Finding {
        Finding { anomaly, task: self.id(), steps, age: Age::default(), sentence }
    }

    /// How old a read of `version` is after `floor`.
    pub(crate) fn age(&self, read: &Record, version: u64, floor: &Floor) -> Age {
        let newest = if floor.position >= GONE {
            self.last_version() + 1
        } else {
            version_of(floor.position)
        };
        Age {
            versions: newest.saturating_sub(version),
            places: read.invoked.saturating_sub(floor.by.answered),
        }
    }
}
