//! What a row says, whichever driver gives it.

use lab_task::{Description, Task, TaskId, Title, Version};
use sqlx::Row as _;
use sqlx::postgres::PgRow;

/// A row of the server. An error says what is wrong with a column.
pub(crate) trait Row {
    fn number(&self, at: usize) -> Result<i64, String>;
    fn text(&self, at: usize) -> Result<String, String>;
}

impl Row for PgRow {
    fn number(&self, at: usize) -> Result<i64, String> {
        self.try_get(at).map_err(|error| error.to_string())
    }

    fn text(&self, at: usize) -> Result<String, String> {
        self.try_get(at).map_err(|error| error.to_string())
    }
}

impl Row for tokio_postgres::Row {
    fn number(&self, at: usize) -> Result<i64, String> {
        self.try_get(at).map_err(|error| error.to_string())
    }

    fn text(&self, at: usize) -> Result<String, String> {
        self.try_get(at).map_err(|error| error.to_string())
    }
}

/// A column that holds no negative number.
pub(crate) fn unsigned(row: &impl Row, at: usize) -> Result<u64, String> {
    u64::try_from(row.number(at)?).map_err(|error| error.to_string())
}

/// The columns of a task, in the order of every statement that reads one, or what is wrong.
pub(crate) fn task(row: &impl Row) -> Result<Task, String> {
    let (id, minutes, version) = (row.number(0)?, row.number(4)?, row.number(5)?);
    let (title, description, status) = (row.text(1)?, row.text(2)?, row.text(3)?);
    let in_task = |error: &dyn ToString| format!("task {id}: {}", error.to_string());
    Ok(Task {
        id: TaskId(u64::try_from(id).map_err(|error| in_task(&error))?),
        title: Title::new(title).map_err(|error| in_task(&error))?,
        description: Description::new(description).map_err(|error| in_task(&error))?,
        status: status.parse().map_err(|error| in_task(&error))?,
        minutes: u32::try_from(minutes).map_err(|error| in_task(&error))?,
        version: Version(u64::try_from(version).map_err(|error| in_task(&error))?),
    })
}
