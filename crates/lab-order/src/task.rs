//! What is known of one task while operations on it may still come.

use std::collections::VecDeque;

use lab_history::{Ending, Function, Record};
use lab_task::{Anomaly, Status, TaskId};

use crate::finding::{Age, Finding, Findings};
use crate::fork::Fork;
use crate::position::{GONE, version_of, written};
use crate::version::Version;

/// Beside the bits of the three statuses: it may not be there.
pub(crate) const ABSENT: u8 = 1 << 3;

/// So many versions may be missing before the next one that is seen: those who made them may wait
/// to be settled, while an operation that was invoked before them and came after is settled.
pub(crate) const GAP_MAX: u64 = 1 << 17;

/// So many floors are looked at one by one before a place is searched for among all.
const FLOORS_LOOKED_AT: usize = 4;

#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) id: u64,
    /// The version of the first of `versions`.
    pub(crate) base: u64,
    pub(crate) versions: VecDeque<Version>,
    /// What was known to be reached, and by whose answer: both grow.
    floors: VecDeque<Floor>,
    /// The deletion that was acknowledged or seen.
    pub(crate) removal: Option<Record>,
    /// Who set it in progress, as of the last version that was forgotten.
    pub(crate) begun_before: Option<Record>,
    /// Of those who found that it is gone, the one that was answered first.
    pub(crate) missed: Option<Record>,
    /// What is wrong, while its name depends on what comes.
    pub(crate) doubts: Vec<Doubt>,
    /// Who was invoked before this place is not held against what is known now, since something
    /// was wrong then.
    pub(crate) known_from: u64,
    /// Versions that two operations say that they made.
    pub(crate) forks: VecDeque<Fork>,
    /// Writes of which nobody knows whether they happened.
    pub(crate) crashed: Vec<Record>,
    /// Writes that did not happen.
    pub(crate) failed: VecDeque<Record>,
    /// Who saw a version that nobody seems to have made.
    pub(crate) holes: Vec<(u64, Record)>,
    /// What told its create from others, 0 for nothing.
    pub(crate) key: u64,
    /// Something is to be looked at when operations are settled.
    pub(crate) is_touched: bool,
}

/// After the answer of `by`, the task was at `position` or further.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Floor {
    pub(crate) position: u64,
    pub(crate) by: Record,
}

/// Whoever was invoked from one place until another, both included, was told of this position at
/// least.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stay {
    pub(crate) position: u64,
    pub(crate) from: u64,
    pub(crate) until: u64,
    /// How many floors are up to it.
    floors: usize,
}

impl Default for Stay {
    /// Of nobody.
    fn default() -> Self {
        Self { position: 0, from: 1, until: 0, floors: 0 }
    }
}

/// Something wrong whose name is not yet sure.
#[derive(Clone, Debug)]
pub(crate) struct Doubt {
    /// What it is if the task goes on from where it was.
    pub(crate) anomaly: Anomaly,
    pub(crate) first: Finding,
    pub(crate) count: u64,
    pub(crate) oldest: Age,
    /// The last of its answers.
    pub(crate) answered: u64,
    /// What the task goes on from.
    pub(crate) position: u64,
    /// The task was not found. If nobody finds it again, its creation is lost.
    pub(crate) is_absence: bool,
}

impl Task {
    pub(crate) fn new(id: u64) -> Self {
        Self {
            id,
            base: 0,
            versions: VecDeque::from([Version::given()]),
            floors: VecDeque::new(),
            removal: None,
            begun_before: None,
            missed: None,
            doubts: Vec::new(),
            known_from: 0,
            forks: VecDeque::new(),
            crashed: Vec::new(),
            failed: VecDeque::new(),
            holes: Vec::new(),
            key: 0,
            is_touched: false,
        }
    }

    pub(crate) fn id(&self) -> TaskId {
        TaskId(self.id)
    }

    /// What was surely reached before `place`.
    #[inline]
    pub(crate) fn floor_at(&self, place: u64) -> Option<&Floor> {
        // Mostly it is one of the last.
        let mut at = self.floors.len();
        for _ in 0..FLOORS_LOOKED_AT {
            at = at.checked_sub(1)?;
            let floor = self.floors.get(at)?;
            if floor.by.answered < place {
                return Some(floor);
            }
        }
        let before = self.floors.partition_point(|floor| floor.by.answered < place);
        self.floors.get(before.checked_sub(1)?)
    }

    /// What was surely reached before `place`, and for which other places the same is true; it is
    /// looked for behind that of an earlier place first.
    pub(crate) fn stay_at(&self, place: u64, earlier: &Stay) -> Stay {
        let hint = earlier.floors;
        let is_before = |floor: &Floor| floor.by.answered < place;
        let from_hint = hint.checked_sub(1).map_or(Some(0), |at| {
            self.floors.get(at).filter(|floor| is_before(floor))?;
            let next = self.floors.iter().skip(hint).take(FLOORS_LOOKED_AT);
            Some(hint + next.take_while(|floor| is_before(floor)).count())
        });
        let near = from_hint.filter(|at| self.floors.get(*at).is_none_or(|next| !is_before(next)));
        let before = near.unwrap_or_else(|| self.floors.partition_point(is_before));
        let floor = before.checked_sub(1).and_then(|at| self.floors.get(at));
        Stay {
            position: floor.map_or(0, |floor| floor.position),
            from: floor.map_or(0, |floor| floor.by.answered.saturating_add(1)),
            until: self.floors.get(before).map_or(u64::MAX, |next| next.by.answered),
            floors: before,
        }
    }

    /// `by` shows that `position` was reached.
    #[inline]
    pub(crate) fn reach(&mut self, position: u64, by: &Record) {
        match self.floors.back() {
            Some(last) if last.by.answered <= by.answered => {
                if last.position < position {
                    self.floors.push_back(Floor { position, by: *by });
                }
            }
            _ => self.reach_before(position, by),
        }
    }

    /// `by`, which was answered before others who were heard of, shows that `position` was reached.
    fn reach_before(&mut self, position: u64, by: &Record) {
        let at = self.floors.iter().rposition(|floor| floor.by.answered <= by.answered);
        let at = at.map_or(0, |before| before + 1);
        if at > 0 && self.floors[at - 1].position >= position {
            return;
        }
        if at < self.floors.len() {
            let passed = self.floors.iter().skip(at).take_while(|it| it.position <= position);
            let passed = passed.count();
            self.floors.drain(at..at + passed);
        }
        self.floors.insert(at, Floor { position, by: *by });
    }

    /// Forgets floors that nobody who was invoked from `place` on can be held against.
    pub(crate) fn trim_floors(&mut self, place: u64) {
        while self.floors.get(1).is_some_and(|next| next.by.answered < place) {
            self.floors.pop_front();
        }
    }

    /// The version, if it is kept or new. `None`: it is forgotten, or far beyond the last.
    #[inline]
    pub(crate) fn version_mut(&mut self, version: u64) -> Option<&mut Version> {
        let index = version.checked_sub(self.base)?;
        if index > self.versions.len() as u64 + GAP_MAX {
            return None;
        }
        let index = usize::try_from(index).ok()?;
        while self.versions.len() <= index {
            self.versions.push_back(Version::default());
        }
        self.versions.get_mut(index)
    }

    pub(crate) fn version(&self, version: u64) -> Option<&Version> {
        self.versions.get(usize::try_from(version.checked_sub(self.base)?).ok()?)
    }

    pub(crate) fn last_version(&self) -> u64 {
        (self.base + self.versions.len() as u64).saturating_sub(1)
    }

    /// Whether nothing is under way: one version, and nothing in doubt.
    pub(crate) fn is_steady(&self) -> bool {
        self.versions.len() == 1 && self.removal.is_none() && self.doubts.is_empty()
    }

    pub(crate) fn steady_status(&self) -> Option<Status> {
        self.versions.back().filter(|last| last.is_clear()).and_then(Version::status)
    }

    /// Whether it was deleted before `place`, and nothing about it is open.
    pub(crate) fn is_over(&self, place: u64) -> bool {
        self.floor_at(place).is_some_and(|floor| floor.position >= GONE)
            && self.versions.is_empty()
            && self.doubts.is_empty()
            && self.holes.is_empty()
            && self.crashed.is_empty()
    }

    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.versions.capacity() * size_of::<Version>()
            + self.floors.capacity() * size_of::<Floor>()
    }

    /// The task goes on at `version`, which `by` made: what was beyond it is lost.
    pub(crate) fn go_on_from(&mut self, version: u64, by: &Record) {
        self.removal = None;
        self.missed = None;
        self.known_from = by.answered.saturating_add(1);
        self.floors.clear();
        self.floors.push_back(Floor { position: written(version), by: *by });
        let kept = version.checked_sub(self.base).and_then(|index| usize::try_from(index).ok());
        match kept.filter(|kept| *kept < self.versions.len()) {
            Some(last) => self.versions.truncate(last + 1),
            None => {
                self.base = version;
                self.versions = VecDeque::from([Version::default()]);
            }
        }
        if let Some(at) = self.version_mut(version)
            && at.writer.is_none()
        {
            at.writer = by.function.is_change().then_some(*by);
            at.is_given = true;
        }
    }

    /// Nobody can have seen `version` or a later one before `place`: forget who says so.
    pub(crate) fn unsee(&mut self, version: u64, place: u64) {
        self.known_from = place;
        self.doubts.retain(|doubt| doubt.position < written(version));
        self.floors.retain(|floor| floor.position < written(version) || floor.by.answered >= place);
        let known = version.saturating_sub(self.base);
        for at in self.versions.iter_mut().skip(usize::try_from(known).unwrap_or(usize::MAX)) {
            // Who made a later version by then is no measure of what comes.
            let too_early = at.writer.filter(|writer| writer.answered < place);
            if let Some(too_early) = too_early {
                at.set_twin(&too_early);
            } else if at.early().is_some_and(|early| early.answered < place) {
                at.forget_readers();
            }
        }
    }

    /// `read` is older than `floor`, or, where it did not find the task, there is no deletion.
    pub(crate) fn doubt(
        &mut self,
        anomaly: Anomaly,
        age: Age,
        read: &Record,
        floor: &Floor,
        steps: Vec<Record>,
    ) {
        let is_absence = is_absence(read);
        let (answered, position) = (read.answered, floor.position);
        let mut known = self.doubts.iter_mut();
        let Some(doubt) =
            known.find(|doubt| doubt.anomaly == anomaly && doubt.is_absence == is_absence)
        else {
            let sentence = old_read(self.id(), read, floor);
            let first = Finding { anomaly, task: self.id(), steps, age, sentence };
            let oldest = age;
            let doubt = Doubt { anomaly, first, count: 1, oldest, answered, position, is_absence };
            self.doubts.push(doubt);
            return;
        };
        doubt.count += 1;
        doubt.answered = doubt.answered.max(answered);
        doubt.position = doubt.position.max(position);
        doubt.oldest = doubt.oldest.max(age);
    }

    /// Whether somebody saw, changed or deleted it who was invoked after `place`.
    pub(crate) fn is_known_after(&self, place: u64) -> bool {
        self.known_after(place).is_some()
            || self.removal.is_some_and(|removal| removal.invoked > place)
    }

    /// Somebody who saw or changed it and was invoked after `place`.
    pub(crate) fn known_after(&self, place: u64) -> Option<Record> {
        let born = usize::from(self.base == 0);
        let mut known = self.versions.iter().skip(born).flat_map(|at| [at.writer, at.late]);
        known.by_ref().flatten().find(|record| record.invoked > place)
    }

    /// `record` shows that the task goes on from where it was: what was doubted were bad reads.
    #[inline]
    pub(crate) fn go_on(&mut self, position: u64, record: &Record, findings: &mut Findings) {
        if !self.doubts.is_empty() {
            self.settle_doubts(position, record, findings);
        }
    }

    fn settle_doubts(&mut self, position: u64, record: &Record, findings: &mut Findings) {
        // What nobody made so far may have been seen too early: then the old read was right.
        let is_made = |version: u64| {
            self.version(version).is_none_or(|at| at.writer.is_some() || at.is_given)
        };
        let is_settled = |doubt: &Doubt| {
            doubt.answered < record.invoked
                && doubt.position <= position
                && is_made(version_of(doubt.position))
        };
        let (settled, left): (Vec<_>, _) =
            self.doubts.iter().cloned().partition(|doubt| is_settled(doubt));
        self.doubts = left;
        for doubt in settled {
            doubt.tell(findings);
        }
    }
}

impl Doubt {
    /// The task went on from where it was.
    pub(crate) fn tell(self, findings: &mut Findings) {
        findings.note_many(self.anomaly, self.count, self.oldest, || self.first);
    }

    /// Nothing came after it. One create is lost, however many did not find what it made.
    pub(crate) fn tell_at_the_end(mut self, findings: &mut Findings) {
        if self.is_absence {
            self.count = 1;
            self.anomaly = Anomaly::LostCreate;
            self.first.anomaly = Anomaly::LostCreate;
        }
        self.tell(findings);
    }
}

fn is_absence(read: &Record) -> bool {
    read.ending == Ending::NotFound || read.function == Function::List
}

fn old_read(task: TaskId, read: &Record, floor: &Floor) -> String {
    let newer = match floor.position {
        GONE.. => "its deletion".to_owned(),
        position => format!("v{}", version_of(position)),
    };
    let found = match read.version {
        _ if is_absence(read) => format!("did not find {task}"),
        version => format!("saw v{version} of {task}"),
    };
    format!(
        "client {} {found}, after client {} had been told of {newer}",
        read.process, floor.by.process
    )
}
