//! The store and a client's handle on it.

use lab_task::{
    Change, Filter, IdempotencyKey, NewTask, Operation, Outcome, Response, Summary, Task, TaskId,
    Version,
};

use crate::{Leasing, Revisions, StoreError};

/// Where tasks are kept. It is shared; each client opens a session of its own.
pub trait Store: Send + Sync {
    /// Opens one client's handle: for a database, one connection.
    ///
    /// # Errors
    /// The place where the tasks are kept cannot be reached.
    fn session(&self) -> Result<Box<dyn Session>, StoreError>;
}

/// One client's handle on a store: one process, one thread. Every method may fail with a
/// [`StoreError`], which says whether the operation certainly did not happen.
pub trait Session: Send {
    /// Creates a task under an id that was never given before. A store that keeps idempotency
    /// keys gives, for a key that a task has, the id of that task and creates nothing; other
    /// stores pay no attention to the key.
    ///
    /// # Errors
    /// As for every operation of this trait.
    fn create(&mut self, new: &NewTask, key: Option<&IdempotencyKey>)
    -> Result<TaskId, StoreError>;

    /// Reads one task.
    ///
    /// # Errors
    /// As for every operation of this trait.
    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError>;

    /// Reads every task that `filter` asks for, in the order of ids.
    ///
    /// # Errors
    /// As for every operation of this trait.
    fn list(&mut self, filter: &Filter) -> Result<Vec<Task>, StoreError>;

    /// Counts the tasks by status.
    ///
    /// # Errors
    /// As for every operation of this trait.
    fn summary(&mut self) -> Result<Summary, StoreError>;

    /// Reads, changes and writes back, all inside the store.
    ///
    /// # Errors
    /// As for every operation of this trait.
    fn edit(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError>;

    /// Writes back a copy that was read earlier; `copy.version` says on what it is based. A store
    /// that checks versions refuses a stale copy; in the others the last writer wins. Either way
    /// the version becomes one more than the stored one.
    ///
    /// # Errors
    /// As for every operation of this trait.
    fn save(&mut self, copy: &Task) -> Result<Outcome, StoreError>;

    /// Removes a task; in a store that checks versions only if `based_on`, where given, is still
    /// the current one.
    ///
    /// # Errors
    /// As for every operation of this trait.
    fn delete(&mut self, id: TaskId, based_on: Option<Version>) -> Result<Outcome, StoreError>;

    /// Sets a task in progress (once more, if it is already) if fewer than `wip_limit` other
    /// tasks are.
    ///
    /// # Errors
    /// As for every operation of this trait.
    fn start(&mut self, id: TaskId, wip_limit: u32) -> Result<Outcome, StoreError>;

    /// The leases of this store, if it has that capability.
    fn leasing(&mut self) -> Option<&mut dyn Leasing> {
        None
    }

    /// The old versions of this store's tasks, if it has that capability.
    fn revisions(&mut self) -> Option<&mut dyn Revisions> {
        None
    }
}

impl dyn Session + '_ {
    /// Carries out an operation that is given as data.
    ///
    /// # Errors
    /// The operation's own.
    pub fn perform(&mut self, operation: &Operation) -> Result<Response, StoreError> {
        Ok(match operation {
            Operation::Create { new, key } => Response::Created(self.create(new, key.as_ref())?),
            Operation::Get(id) => Response::Got(self.get(*id)?),
            Operation::List(filter) => Response::Listed(self.list(filter)?),
            Operation::Summary => Response::Counted(self.summary()?),
            Operation::Edit(id, change) => Response::Done(self.edit(*id, change)?),
            Operation::Save(copy) => Response::Done(self.save(copy)?),
            Operation::Delete(id, based_on) => Response::Done(self.delete(*id, *based_on)?),
            Operation::Start { id, wip_limit } => Response::Done(self.start(*id, *wip_limit)?),
        })
    }
}
