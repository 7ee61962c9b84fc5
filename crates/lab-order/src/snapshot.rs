//! Is each list one state? Lists and the changes beside them are put into one order, task by task
//! along the versions; what cannot be ordered, or only against real time, is a skew.
//!
//! A list stands behind the change that made a version that it saw, and before the next one. Along
//! the versions of each task runs a bound: the latest invocation of anything that stands before.
//! A list takes over the largest bound of its tasks and passes it on to all of them; if a bound
//! passes the answer of something that stands behind it, real time is broken. A list that waits
//! for a task which waits for the list is part of a cycle.
//!
//! Only ties are looked at: a task in a list with no change beside the list says no more than real
//! time says.

use lab_history::{Ending, Function, Record};
use lab_task::{Anomaly, TaskId};

use crate::finding::{Age, Finding, Findings};
use crate::pending::{Listed, OUT_OF_ORDER, Pending};
use crate::position::{GONE, GONE_SEEN, UNBORN, seen, version_of};
use crate::task::Task;
use crate::version::Version;

/// That lists saw tasks at positions at which the tasks did not rest.
#[derive(Debug, Default)]
pub(crate) struct Ties(Vec<Tie>);

/// A list that cannot be ordered because it lacks a task that was just created.
#[derive(Debug)]
pub(crate) struct Lack {
    pub(crate) slot: usize,
    pub(crate) list: Record,
    /// What cannot be ordered.
    pub(crate) steps: Vec<Record>,
}

/// When a version of a task was the last one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Span {
    pub(crate) version: u64,
    /// It was made before this place.
    made_before: u64,
    /// The next one was made from this place on, or the task deleted.
    ended_from: u64,
    /// Of whoever was invoked before this place nothing is known.
    known_from: u64,
}

impl Span {
    pub(crate) fn of(version: u64, task: &Task) -> Self {
        let Some(at) = task.version(version).filter(|_| version != OUT_OF_ORDER) else {
            return Self { version, known_from: u64::MAX, ..Self::default() };
        };
        let ended_from = match task.version(version + 1) {
            Some(next) => next.made_from(),
            None => task.removal.map_or(u64::MAX, |removal| removal.invoked),
        };
        let (made_before, known_from) = (at.made_before(), task.known_from);
        Self { version, made_before, ended_from, known_from }
    }
}

#[derive(Clone, Copy, Debug)]
struct Tie {
    slot: usize,
    position: u64,
    list: usize,
}

impl Ties {
    /// A list saw a task.
    #[inline]
    pub(crate) fn see(&mut self, list: usize, listed: &Listed, span: &Span, record: &Record) {
        let is_beside = span.ended_from <= record.answered || span.made_before >= record.invoked;
        if is_beside && record.invoked >= span.known_from {
            self.push(list, listed.slot as usize, seen(listed.version));
        }
    }

    /// A list lacked a task that was about to be created.
    pub(crate) fn see_unborn(&mut self, list: usize, slot: usize) {
        self.push(list, slot, UNBORN);
    }

    /// A list lacked a task that was about to be deleted.
    pub(crate) fn see_gone(&mut self, list: usize, slot: usize, task: &Task, record: &Record) {
        if task.removal.is_some_and(|removal| removal.answered >= record.invoked) {
            self.push(list, slot, GONE_SEEN);
        }
    }

    fn push(&mut self, list: usize, slot: usize, position: u64) {
        self.0.push(Tie { slot, position, list });
    }
}

/// Orders the lists, and names those that cannot be ordered. Gives the lists that cannot be ordered
/// because they lack a task that was just created.
pub(crate) fn judge_snapshots(
    ties: Ties,
    tasks: &[Task],
    lists: &mut [Pending],
    findings: &mut Findings,
) -> Vec<Lack> {
    if ties.0.is_empty() {
        return Vec::new();
    }
    let mut order = Order::new(ties.0, tasks, lists, findings);
    for track in 0..order.tracks.len() {
        order.ready.push(track);
    }
    order.run();
    for list in 0..order.nodes.len() {
        if order.nodes[list].waits_for > 0 {
            order.break_cycle(list);
            order.run();
        }
    }
    order.lacking
}

struct Order<'a> {
    tasks: &'a [Task],
    lists: &'a mut [Pending],
    findings: &'a mut Findings,
    /// By task, then by position.
    ties: Vec<Tie>,
    /// For each list the tracks of its ties, as ranges of `tracks_of`.
    nodes: Vec<Node>,
    tracks_of: Vec<usize>,
    tracks: Vec<Track>,
    ready: Vec<usize>,
    lacking: Vec<Lack>,
}

/// A list.
#[derive(Clone, Debug, Default)]
struct Node {
    tracks_from: usize,
    tracks_to: usize,
    /// Of how many of its tasks it is not known what stands before it.
    waits_for: usize,
    bound: Bound,
}

/// The versions of one task, up to which its order is known.
#[derive(Clone, Debug)]
struct Track {
    slot: usize,
    /// The next tie that was not reached.
    next: usize,
    to: usize,
    /// The position of the ties that were reached last.
    position: u64,
    /// How many of the lists there wait for other tasks.
    blocked: usize,
    /// How many versions were passed.
    walked: usize,
    bound: Bound,
}

/// What stands before took effect at this place or later.
#[derive(Clone, Copy, Debug, Default)]
struct Bound {
    place: u64,
    because: Option<Because>,
}

#[derive(Clone, Copy, Debug)]
enum Because {
    /// It was invoked then.
    Invoked(Record),
    /// A list stands before, seen at a position of a task.
    List { list: usize, slot: usize, position: u64 },
}

impl Bound {
    fn raise(&mut self, place: u64, because: Because) {
        if place > self.place {
            *self = Self { place, because: Some(because) };
        }
    }
}

impl Track {
    fn new(slot: usize, first: usize) -> Self {
        let (to, bound) = (first + 1, Bound::default());
        Self { slot, next: first, to, position: 0, blocked: 0, walked: 0, bound }
    }
}

impl<'a> Order<'a> {
    fn new(
        mut ties: Vec<Tie>,
        tasks: &'a [Task],
        lists: &'a mut [Pending],
        findings: &'a mut Findings,
    ) -> Self {
        ties.sort_unstable_by_key(|tie| (tie.slot, tie.position));
        let mut nodes = vec![Node::default(); lists.len()];
        for tie in &ties {
            nodes[tie.list].waits_for += 1;
        }
        let mut from = 0;
        for node in &mut nodes {
            (node.tracks_from, node.tracks_to) = (from, from);
            from += node.waits_for;
        }
        let mut tracks: Vec<Track> = Vec::new();
        let mut tracks_of = vec![0; ties.len()];
        for (at, tie) in ties.iter().enumerate() {
            match tracks.last_mut().filter(|track| track.slot == tie.slot) {
                Some(track) => track.to = at + 1,
                None => tracks.push(Track::new(tie.slot, at)),
            }
            let node = &mut nodes[tie.list];
            tracks_of[node.tracks_to] = tracks.len() - 1;
            node.tracks_to += 1;
        }
        Self {
            tasks,
            lists,
            findings,
            ties,
            nodes,
            tracks_of,
            tracks,
            ready: Vec::new(),
            lacking: Vec::new(),
        }
    }

    fn run(&mut self) {
        while let Some(track) = self.ready.pop() {
            while self.tracks[track].blocked == 0 && self.advance(track) {}
        }
    }

    /// Goes on to the next ties of a task; false at its end.
    fn advance(&mut self, at: usize) -> bool {
        let Track { next, to, .. } = self.tracks[at];
        if next == to {
            self.walk(at, u64::MAX);
            return false;
        }
        let position = self.ties[next].position;
        self.walk(at, position);
        let group = self.ties[next..to].iter().take_while(|tie| tie.position == position).count();
        let track = &mut self.tracks[at];
        (track.position, track.next, track.blocked) = (position, next + group, group);
        let bound = track.bound;
        for tie in next..next + group {
            let list = self.ties[tie].list;
            let node = &mut self.nodes[list];
            if node.waits_for == 0 {
                // Its cycle was broken before.
                self.tracks[at].blocked -= 1;
                continue;
            }
            if let Some(because) = bound.because {
                node.bound.raise(bound.place, because);
            }
            node.waits_for -= 1;
            if node.waits_for == 0 {
                self.place_list(list);
            }
        }
        true
    }

    /// All is known that stands before a list.
    fn place_list(&mut self, list: usize) {
        let Pending { record, .. } = self.lists[list];
        let bound = self.nodes[list].bound;
        if bound.place > record.answered {
            self.name_against_time(bound, record, Some(list));
            self.nodes[list].bound = Bound::default();
        }
        self.nodes[list].bound.raise(record.invoked, Because::Invoked(record));
        self.release(list);
    }

    /// What waits for a list goes on.
    fn release(&mut self, list: usize) {
        let bound = self.nodes[list].bound;
        let Node { tracks_from, tracks_to, .. } = self.nodes[list];
        for at in tracks_from..tracks_to {
            let index = self.tracks_of[at];
            let track = &mut self.tracks[index];
            let position = track.position;
            let is_there = self.ties[..track.next]
                .iter()
                .rev()
                .take_while(|tie| tie.slot == track.slot && tie.position == position)
                .any(|tie| tie.list == list);
            if !is_there {
                continue;
            }
            let because = Because::List { list, slot: track.slot, position };
            if !self.lists[list].is_dropped {
                track.bound.raise(bound.place, because);
            }
            track.blocked -= 1;
            if track.blocked == 0 {
                self.ready.push(index);
            }
        }
    }

    /// Passes the versions of a task up to a position.
    fn walk(&mut self, at: usize, position: u64) {
        let task = &self.tasks[self.tracks[at].slot];
        let track = &mut self.tracks[at];
        while let Some(version) = task.versions.get(track.walked) {
            if task.base + track.walked as u64 > version_of(position) {
                return;
            }
            if let Some(before) = track.walked.checked_sub(1).and_then(|it| task.versions.get(it))
                && before.twin().is_none()
                && let Some(late) = before.late
            {
                track.bound.raise(late.invoked, Because::Invoked(late));
            }
            track.walked += 1;
            if version.is_clear()
                && let Some(writer) = version.writer
            {
                track.bound.raise(writer.invoked, Because::Invoked(writer));
            }
            let end = if version.is_clear() { version.made_before() } else { u64::MAX };
            if track.bound.place > end {
                let bound = std::mem::take(&mut track.bound);
                let victim = version.earliest();
                if let Some(victim) = victim {
                    self.name_against_time(bound, victim, None);
                }
                return self.walk(at, position);
            }
        }
        self.walk_to_the_end(at, position);
    }

    fn walk_to_the_end(&mut self, at: usize, position: u64) {
        let task = &self.tasks[self.tracks[at].slot];
        let Some(removal) = task.removal.filter(|_| position >= GONE) else { return };
        let track = &mut self.tracks[at];
        if track.walked == usize::MAX {
            return;
        }
        track.walked = usize::MAX;
        if let Some(late) = task.versions.back().and_then(|last: &Version| last.late) {
            track.bound.raise(late.invoked, Because::Invoked(late));
        }
        track.bound.raise(removal.invoked, Because::Invoked(removal));
        // That it was missed behind the deletion is told by the version that was removed.
        let missed = task.missed.map(|missed| Record { version: task.last_version(), ..missed });
        let ends = [Some(removal), missed];
        let end = ends.into_iter().flatten().min_by_key(|record| record.answered);
        if let Some(victim) = end
            && track.bound.place > victim.answered
        {
            let bound = std::mem::take(&mut track.bound);
            self.name_against_time(bound, victim, None);
        }
    }
}

/// What is named.
impl Order<'_> {
    /// Something that must stand before `victim` was invoked after the answer of `victim`.
    fn name_against_time(&mut self, bound: Bound, victim: Record, victim_list: Option<usize>) {
        let mut steps = vec![victim];
        let mut after = victim_list;
        let mut culprit = victim_list;
        let mut because = bound.because;
        while let Some(Because::List { list, slot, position }) = because {
            steps.extend(after.and_then(|after| self.step_on(after, slot)));
            steps.push(self.lists[list].record);
            steps.push(self.step(list, slot, position));
            culprit = culprit.or(Some(list));
            after = Some(list);
            because = self.nodes[list].bound.because;
        }
        if let Some(Because::Invoked(first)) = because
            && first.function != Function::List
        {
            let slot = self.tracks.iter().map(|track| track.slot);
            let slot = slot.into_iter().find(|slot| self.tasks[*slot].id == first.task);
            steps.extend(after.zip(slot).and_then(|(after, slot)| self.step_on(after, slot)));
            steps.push(first);
        }
        if let Some(culprit) = culprit
            && !self.lists[culprit].is_dropped
        {
            self.lists[culprit].is_dropped = true;
            steps.reverse();
            self.name(culprit, steps);
        }
    }

    /// `list` waits for a task that waits for a list, and so on, until one comes again.
    fn break_cycle(&mut self, list: usize) {
        let mut path = vec![(list, 0, 0)];
        let (from, cycle) = loop {
            let (last, ..) = path[path.len() - 1];
            let Some((before, slot, position)) = self.before(last) else { return };
            if let Some(from) = path.iter().position(|(list, ..)| *list == before) {
                path.push((before, slot, position));
                break (from, path);
            }
            path.push((before, slot, position));
        };
        let mut steps = Vec::new();
        for pair in cycle[from..].windows(2).rev() {
            let ((after, ..), (before, slot, position)) = (pair[0], pair[1]);
            steps.push(self.lists[before].record);
            steps.push(self.step(before, slot, position));
            let next = self.tasks[slot].version(version_of(position) + 1);
            let next = next.and_then(|next| next.writer).or(self.tasks[slot].removal);
            steps.extend(next);
            steps.push(self.lists[after].record);
            steps.extend(self.step_on(after, slot));
        }
        let (culprit, ..) = cycle[from];
        self.lists[culprit].is_dropped = true;
        self.name(culprit, steps);
        self.nodes[culprit].waits_for = 0;
        self.nodes[culprit].bound = Bound::default();
        self.release(culprit);
    }

    /// A list that has to stand before `list`, on the task at the slot, at the position.
    fn before(&self, list: usize) -> Option<(usize, usize, u64)> {
        let Node { tracks_from, tracks_to, .. } = self.nodes[list];
        for index in &self.tracks_of[tracks_from..tracks_to] {
            let track = &self.tracks[*index];
            let is_list = |tie: &&Tie| tie.list == list;
            if track.blocked == 0 || !self.ties[track.next..track.to].iter().any(|it| is_list(&it))
            {
                continue;
            }
            let reached = self.ties[..track.next].iter().rev();
            let mut reached =
                reached.take_while(|tie| tie.slot == track.slot && tie.position == track.position);
            if let Some(tie) = reached.find(|tie| self.nodes[tie.list].waits_for > 0) {
                return Some((tie.list, tie.slot, tie.position));
            }
        }
        None
    }

    fn name(&mut self, culprit: usize, steps: Vec<Record>) {
        let is_unborn = |tie: &&Tie| {
            let (task, list) = (self.tasks[tie.slot].id, self.lists[tie.list].record);
            let mut steps = steps.iter().filter(|step| step.ending == Ending::NotFound);
            tie.position == UNBORN
                && steps.any(|step| (step.task, step.invoked) == (task, list.invoked))
        };
        let unborn = self.ties.iter().filter(is_unborn);
        let unborn = unborn.min_by_key(|tie| {
            self.tasks[tie.slot].is_known_after(self.lists[tie.list].record.answered)
        });
        if let Some(tie) = unborn {
            let list = self.lists[tie.list].record;
            self.lacking.push(Lack { slot: tie.slot, list, steps });
            return;
        }
        let client = self.lists[culprit].record.process;
        self.findings.note(Anomaly::ReadSkew, || Finding {
            anomaly: Anomaly::ReadSkew,
            task: TaskId(
                steps
                    .iter()
                    .find(|step| step.function != Function::List)
                    .map_or(0, |step| step.task),
            ),
            steps,
            age: Age::default(),
            sentence: format!("what a list of client {client} shows was never there at one time"),
        });
    }

    /// What a list showed of a task, found by the task.
    fn step_on(&self, list: usize, slot: usize) -> Option<Record> {
        let tie = self.ties.iter().find(|tie| (tie.list, tie.slot) == (list, slot))?;
        Some(self.step(list, slot, tie.position))
    }

    /// What a list showed of a task.
    fn step(&self, list: usize, slot: usize, position: u64) -> Record {
        let (task, record) = (self.tasks[slot].id, self.lists[list].record);
        let step = Record { task, function: Function::Listed, based_on: 0, ..record };
        match position {
            UNBORN => Record { ending: Ending::NotFound, version: 0, ..step },
            GONE_SEEN => {
                let version = self.tasks[slot].last_version();
                Record { ending: Ending::NotFound, version, ..step }
            }
            _ => Record { version: version_of(position), ..step },
        }
    }
}
