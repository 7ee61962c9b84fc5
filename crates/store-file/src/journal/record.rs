//! What a journal's lines say.

use lab_store::{StoreError, Table};
use lab_task::{Change, IdempotencyKey, NewTask, Outcome, Task, TaskId};
use serde::{Deserialize, Serialize};

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Record {
    /// Everything so far: the first line after a compaction.
    Snapshot(Table),
    /// A create.
    Create(NewTask, Option<IdempotencyKey>),
    /// A change that was applied.
    Update(Update),
}

/// A change of a task that is there.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Update {
    Edit(TaskId, Change),
    Save(Task),
    Delete(TaskId),
    Start { id: TaskId, wip_limit: u32 },
}

impl Record {
    /// The record as it stands in the file.
    pub(super) fn line(&self) -> Result<Vec<u8>, StoreError> {
        let mut line = serde_json::to_vec(self)
            .map_err(|error| StoreError::unavailable("the record as JSON", error))?;
        line.push(b'\n');
        Ok(line)
    }

    /// Does to `table` what was done when the record was written.
    ///
    /// # Errors
    /// It cannot have been done to this table.
    pub(super) fn replay(self, table: &mut Table) -> Result<(), String> {
        match self {
            Self::Snapshot(snapshot) => *table = snapshot,
            Self::Create(new, key) => {
                table.create(new, key.as_ref());
            }
            Self::Update(update) => {
                if let Outcome::Refused(refusal) = update.apply(table) {
                    return Err(format!("{update:?} was applied once, but is refused: {refusal}"));
                }
            }
        }
        Ok(())
    }
}

impl Update {
    /// Changes `table`, now and at each replay in the same way.
    pub(super) fn apply(&self, table: &mut Table) -> Outcome {
        match self {
            Self::Edit(id, change) => table.edit(*id, change),
            Self::Save(copy) => table.save(copy),
            Self::Delete(id) => table.delete(*id),
            Self::Start { id, wip_limit } => table.start(*id, *wip_limit),
        }
    }
}
