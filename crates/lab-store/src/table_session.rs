//! A session for every store whose tasks are one [`Table`]: the store only says how it comes by
//! the table, which is all that its mechanism is about.

use lab_task::{
    Change, Filter, IdempotencyKey, NewTask, Outcome, Rules, Summary, Task, TaskId, Version,
};

use crate::{Session, StoreError, Table};

/// How a store comes by its table.
pub trait TableAccess: Send {
    /// Whether versions and idempotency keys are looked at.
    const RULES: Rules;

    /// Looks at the table.
    ///
    /// # Errors
    /// The table cannot be read.
    fn read<T>(&mut self, look: impl FnOnce(&Table) -> T) -> Result<T, StoreError>;

    /// Reads the table, changes it and puts it back. A store that has to begin again calls
    /// `change` once for each attempt.
    ///
    /// # Errors
    /// The table cannot be read or written.
    fn write<T>(&mut self, change: impl FnMut(&mut Table) -> T) -> Result<T, StoreError>;
}

/// The session of a store that keeps a [`Table`].
pub struct TableSession<A>(pub A);

impl<A: TableAccess> Session for TableSession<A> {
    fn create(
        &mut self,
        new: &NewTask,
        key: Option<&IdempotencyKey>,
    ) -> Result<TaskId, StoreError> {
        let key = key.filter(|_| A::RULES.idempotent_creates);
        self.0.write(|table| table.create(new.clone(), key))
    }

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.0.read(|table| table.get(id).cloned())
    }

    fn list(&mut self, filter: &Filter) -> Result<Vec<Task>, StoreError> {
        self.0.read(|table| table.list(filter))
    }

    fn summary(&mut self) -> Result<Summary, StoreError> {
        self.0.read(Table::summary)
    }

    fn edit(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        self.0.write(|table| table.edit(id, change))
    }

    fn save(&mut self, copy: &Task) -> Result<Outcome, StoreError> {
        let based_on = A::RULES.refuses_stale.then_some(copy.version);
        self.0.write(|table| table.stale(copy.id, based_on).unwrap_or_else(|| table.save(copy)))
    }

    fn delete(&mut self, id: TaskId, based_on: Option<Version>) -> Result<Outcome, StoreError> {
        let based_on = based_on.filter(|_| A::RULES.refuses_stale);
        self.0.write(|table| table.stale(id, based_on).unwrap_or_else(|| table.delete(id)))
    }

    fn start(&mut self, id: TaskId, wip_limit: u32) -> Result<Outcome, StoreError> {
        self.0.write(|table| table.start(id, wip_limit))
    }
}
