//! A session that does nothing, so that what is around it is all there is to measure.

use std::hint::black_box;

use lab_store::{Session, StoreError};
use lab_task::{Change, Filter, IdempotencyKey, NewTask, Outcome, Summary, Task, TaskId, Version};

/// Answers at once, and always the same.
pub(crate) struct Nothing;

/// One operation.
pub(crate) fn edit(session: &mut (impl Session + ?Sized)) {
    let _ = black_box(session.edit(black_box(TaskId(1)), black_box(&Change::AddMinutes(1))));
}

impl Session for Nothing {
    fn create(
        &mut self,
        _new: &NewTask,
        _key: Option<&IdempotencyKey>,
    ) -> Result<TaskId, StoreError> {
        Ok(TaskId(1))
    }

    fn get(&mut self, _id: TaskId) -> Result<Option<Task>, StoreError> {
        Ok(None)
    }

    fn list(&mut self, _filter: &Filter) -> Result<Vec<Task>, StoreError> {
        Ok(Vec::new())
    }

    fn summary(&mut self) -> Result<Summary, StoreError> {
        Ok(Summary::default())
    }

    fn edit(&mut self, _id: TaskId, _change: &Change) -> Result<Outcome, StoreError> {
        Ok(Outcome::Applied(Version(1)))
    }

    fn save(&mut self, _copy: &Task) -> Result<Outcome, StoreError> {
        Ok(Outcome::Applied(Version(1)))
    }

    fn delete(&mut self, _id: TaskId, _based_on: Option<Version>) -> Result<Outcome, StoreError> {
        Ok(Outcome::Applied(Version(1)))
    }

    fn start(&mut self, _id: TaskId, _wip_limit: u32) -> Result<Outcome, StoreError> {
        Ok(Outcome::Applied(Version(1)))
    }
}
