//! A table of tasks for one user at a time: what a lock, an owner or a file protects.

use std::collections::BTreeMap;

use lab_task::{
    Change, Filter, IdempotencyKey, NewTask, Outcome, Refusal, Status, Summary, Task, TaskId,
    Version,
};
use serde::{Deserialize, Serialize, Serializer};

/// No store counts ids or versions up to here: what is beyond was not counted.
const COUNTED_MAX: u64 = u64::MAX / 2;

/// Tasks in the order of their ids.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Table {
    last_id: TaskId,
    tasks: Vec<Task>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", serialize_with = "as_pairs")]
    keys: BTreeMap<IdempotencyKey, TaskId>,
    #[serde(skip)]
    is_changed: bool,
}

impl Table {
    /// Whether it has been changed since it was read: whether there is anything to write.
    pub fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// It was put back where it was read from: only what is changed from here on counts.
    pub fn written(&mut self) {
        self.is_changed = false;
    }

    /// Adds a task; with a key that a task has already, gives that one's id instead.
    pub fn create(&mut self, new: NewTask, key: Option<&IdempotencyKey>) -> TaskId {
        if let Some(of_first_try) = key.and_then(|key| self.keys.get(key)) {
            return *of_first_try;
        }
        self.is_changed = true;
        self.last_id = TaskId(self.last_id.0 + 1);
        self.tasks.push(new.into_task(self.last_id));
        self.keys.extend(key.map(|key| (key.clone(), self.last_id)));
        self.last_id
    }

    /// One task.
    pub fn get(&self, id: TaskId) -> Option<&Task> {
        self.position(id).map(|at| &self.tasks[at])
    }

    /// The tasks that `filter` asks for.
    pub fn list(&self, filter: &Filter) -> Vec<Task> {
        self.tasks.iter().filter(|task| filter.matches(task)).cloned().collect()
    }

    /// How many tasks there are of each status.
    pub fn summary(&self) -> Summary {
        self.tasks.iter().collect()
    }

    /// Changes one task.
    pub fn edit(&mut self, id: TaskId, change: &Change) -> Outcome {
        self.update(id, |task| change.apply_to_copy(task))
    }

    /// Replaces a task by `copy`, whatever that is based on: the last writer wins.
    pub fn save(&mut self, copy: &Task) -> Outcome {
        self.update(copy.id, |task| *task = Task { version: task.version, ..copy.clone() })
    }

    /// Removes a task.
    pub fn delete(&mut self, id: TaskId) -> Outcome {
        let Some(at) = self.position(id) else {
            return Outcome::Refused(Refusal::NotFound);
        };
        self.is_changed = true;
        self.keys.retain(|_, created| *created != id);
        Outcome::Applied(self.tasks.remove(at).version)
    }

    /// Sets a task in progress if fewer than `wip_limit` others are.
    pub fn start(&mut self, id: TaskId, wip_limit: u32) -> Outcome {
        let in_progress = |task: &&Task| task.id != id && task.status == Status::InProgress;
        let in_progress = u32::try_from(self.tasks.iter().filter(in_progress).count());
        let in_progress = in_progress.unwrap_or(u32::MAX);
        if in_progress >= wip_limit && self.get(id).is_some() {
            return Outcome::Refused(Refusal::LimitReached { in_progress });
        }
        self.update(id, |task| task.status = Status::InProgress)
    }

    /// The refusal that a change of `id` meets if `based_on` is not its current version.
    pub fn stale(&self, id: TaskId, based_on: Option<Version>) -> Option<Outcome> {
        let current = self.get(id)?.version;
        let is_stale = based_on.is_some_and(|based_on| based_on != current);
        is_stale.then_some(Outcome::Refused(Refusal::Stale { current }))
    }

    /// Whether this can be a table at all: one that is read, and one before it is written, so that
    /// nobody leaves what nobody will read.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self) -> Result<(), &'static str> {
        if !self.tasks.is_sorted_by(|one, next| one.id < next.id) {
            return Err("the tasks do not stand in the order of their ids");
        }
        if self.tasks.last().is_some_and(|task| task.id > self.last_id) {
            return Err("a task has an id above last_id");
        }
        if self.last_id.0 > COUNTED_MAX {
            return Err("last_id is beyond what a store can have counted");
        }
        let counted = Version::FIRST.0..=COUNTED_MAX;
        if self.tasks.iter().any(|task| !counted.contains(&task.version.0)) {
            return Err("a task has a version that no store gives");
        }
        if self.keys.values().any(|id| self.get(*id).is_none()) {
            return Err("an idempotency key belongs to no task");
        }
        Ok(())
    }

    fn update(&mut self, id: TaskId, change: impl FnOnce(&mut Task)) -> Outcome {
        let Some(at) = self.position(id) else {
            return Outcome::Refused(Refusal::NotFound);
        };
        self.is_changed = true;
        let task = &mut self.tasks[at];
        change(task);
        task.version = task.version.next();
        Outcome::Applied(task.version)
    }

    /// Ids count from 1: where no task before it was deleted, a task stands where its id says, and
    /// otherwise somewhere before that.
    fn position(&self, id: TaskId) -> Option<usize> {
        let last = usize::try_from(id.0.checked_sub(1)?).ok()?;
        if self.tasks.get(last).is_some_and(|task| task.id == id) {
            return Some(last);
        }
        let before = &self.tasks[..last.min(self.tasks.len())];
        before.binary_search_by_key(&id, |task| task.id).ok()
    }
}

/// As pairs, one a line where tasks are.
fn as_pairs<S: Serializer>(
    keys: &BTreeMap<IdempotencyKey, TaskId>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(keys)
}

/// A table as a file gives it, before anybody has looked whether it can be one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    last_id: TaskId,
    tasks: Vec<Task>,
    #[serde(default)]
    keys: Vec<(IdempotencyKey, TaskId)>,
}

impl TryFrom<Unchecked> for Table {
    type Error = &'static str;

    fn try_from(table: Unchecked) -> Result<Self, Self::Error> {
        let Unchecked { last_id, tasks, keys: pairs } = table;
        let count = pairs.len();
        let keys: BTreeMap<_, _> = pairs.into_iter().collect();
        if keys.len() < count {
            return Err("an idempotency key stands there twice");
        }
        let table = Self { last_id, tasks, keys, is_changed: false };
        table.check()?;
        Ok(table)
    }
}
