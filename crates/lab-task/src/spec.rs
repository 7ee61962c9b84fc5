//! The specification: what a store must answer when nobody else is using it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Filter, IdempotencyKey, NewTask, Operation, Outcome, Refusal, Response, Status, Summary, Task,
    TaskId, Version,
};

/// In what the sequential meaning of one store may differ from that of another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// `save` and `delete` refuse what is based on an old version. A store without this lets the
    /// last writer win.
    pub refuses_stale: bool,
    /// A create with a key that a task already has gives the id of that task.
    pub idempotent_creates: bool,
}

/// A store's sequential meaning: the tasks, and the answer that each operation must get.
#[derive(Clone, Debug)]
pub struct Spec {
    rules: Rules,
    tasks: BTreeMap<TaskId, Task>,
    keys: BTreeMap<IdempotencyKey, TaskId>,
    ids_used: BTreeSet<TaskId>,
}

/// A store's answer that its specification does not allow.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("answered {answered:?} where the specification allows {allowed}")]
pub struct Mismatch {
    answered: Response,
    allowed: String,
}

impl Spec {
    /// An empty store that keeps `rules`.
    pub fn new(rules: Rules) -> Self {
        Self { rules, tasks: BTreeMap::new(), keys: BTreeMap::new(), ids_used: BTreeSet::new() }
    }

    /// The tasks as they must be now.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values()
    }

    /// Takes one step and holds the store's answer against it. Which id a create gives is the
    /// store's choice, as long as it was never given before.
    ///
    /// # Errors
    /// The answer is not one that the specification allows.
    pub fn step(&mut self, operation: &Operation, answered: &Response) -> Result<(), Mismatch> {
        let expected = match operation {
            Operation::Create { new, key } => {
                return self.create(new, key.as_ref(), answered);
            }
            other => self.respond(other),
        };
        if expected.as_ref() == Some(answered) {
            return Ok(());
        }
        Err(Mismatch {
            answered: answered.clone(),
            allowed: expected.map_or(String::new(), |one| format!("{one:?}")),
        })
    }

    /// Takes one step and gives the one answer to it; `None`, and no step, for a create, whose id
    /// is the store's choice.
    pub fn respond(&mut self, operation: &Operation) -> Option<Response> {
        Some(match operation {
            Operation::Create { .. } => return None,
            Operation::Get(id) => Response::Got(self.tasks.get(id).cloned()),
            Operation::List(filter) => Response::Listed(self.list(filter)),
            Operation::Summary => Response::Counted(self.tasks.values().collect::<Summary>()),
            Operation::Edit(id, change) => self.write(*id, |task| change.apply_to_copy(task)),
            Operation::Save(copy) => self.save(copy),
            Operation::Delete(id, based_on) => self.delete(*id, *based_on),
            Operation::Start { id, wip_limit } => self.start(*id, *wip_limit),
        })
    }

    fn create(
        &mut self,
        new: &NewTask,
        key: Option<&IdempotencyKey>,
        answered: &Response,
    ) -> Result<(), Mismatch> {
        let mismatch = |allowed: String| Mismatch { answered: answered.clone(), allowed };
        let Response::Created(id) = *answered else {
            return Err(mismatch("an id".to_owned()));
        };
        let key = key.filter(|_| self.rules.idempotent_creates);
        if let Some(first) = key.and_then(|key| self.keys.get(key)) {
            return if *first == id { Ok(()) } else { Err(mismatch(first.to_string())) };
        }
        if !self.ids_used.insert(id) {
            return Err(mismatch("an id that was never given before".to_owned()));
        }
        if let Some(key) = key {
            self.keys.insert(key.clone(), id);
        }
        self.tasks.insert(id, new.clone().into_task(id));
        Ok(())
    }

    fn list(&self, filter: &Filter) -> Vec<Task> {
        self.tasks.values().filter(|task| filter.matches(task)).cloned().collect()
    }

    fn save(&mut self, copy: &Task) -> Response {
        if let Some(refused) = self.stale(copy.id, Some(copy.version)) {
            return refused;
        }
        self.write(copy.id, |task| *task = Task { version: task.version, ..copy.clone() })
    }

    fn delete(&mut self, id: TaskId, based_on: Option<Version>) -> Response {
        if let Some(refused) = self.stale(id, based_on) {
            return refused;
        }
        self.keys.retain(|_, created| *created != id);
        match self.tasks.remove(&id) {
            Some(task) => Response::Done(Outcome::Applied(task.version)),
            None => refused(Refusal::NotFound),
        }
    }

    fn start(&mut self, id: TaskId, wip_limit: u32) -> Response {
        let in_progress = |task: &&Task| task.id != id && task.status == Status::InProgress;
        let in_progress = self.tasks.values().filter(in_progress).count();
        let in_progress = u32::try_from(in_progress).unwrap_or(u32::MAX);
        if in_progress >= wip_limit && self.tasks.contains_key(&id) {
            return refused(Refusal::LimitReached { in_progress });
        }
        self.write(id, |task| task.status = Status::InProgress)
    }

    /// The refusal of a change that is based on an old version, if this store looks at versions.
    fn stale(&self, id: TaskId, based_on: Option<Version>) -> Option<Response> {
        let current = self.tasks.get(&id)?.version;
        let is_stale = self.rules.refuses_stale && based_on.is_some_and(|based| based != current);
        is_stale.then(|| refused(Refusal::Stale { current }))
    }

    fn write(&mut self, id: TaskId, change: impl FnOnce(&mut Task)) -> Response {
        let Some(task) = self.tasks.get_mut(&id) else {
            return refused(Refusal::NotFound);
        };
        change(task);
        task.version = task.version.next();
        Response::Done(Outcome::Applied(task.version))
    }
}

fn refused(refusal: Refusal) -> Response {
    Response::Done(Outcome::Refused(refusal))
}
