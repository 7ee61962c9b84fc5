//! The statements that the stores share.

use lab_runtime::Runtime;
use lab_store::StoreError;
use lab_task::{Change, Filter, NewTask, Outcome, Refusal, Status, Summary, Task, TaskId, Version};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::connection::Connection;
use crate::failure::Failure;
use crate::row;
use crate::statement::Statement;

const SELECT: &str =
    "SELECT id, title, description, status, minutes, version FROM tasks WHERE id = $1";
const LIST: &str = "SELECT id, title, description, status, minutes, version FROM tasks \
    WHERE ($1::text IS NULL OR status = $1) AND ($2::text IS NULL OR strpos(title, $2) > 0) \
    ORDER BY id";
const COUNT: &str = "SELECT status, count(*) FROM tasks GROUP BY status";
pub(crate) const COUNT_OTHERS: &str = "SELECT count(*) FROM tasks \
    WHERE status = 'in_progress' AND id <> $1";
const INSERT: &str = "INSERT INTO tasks (title, description) VALUES ($1, $2) RETURNING id";
pub(crate) const PUT: &str = "UPDATE tasks SET title = $2, description = $3, status = $4, \
    minutes = $5, version = $6 WHERE id = $1 RETURNING version";
const SAVE: &str = "UPDATE tasks SET title = $2, description = $3, status = $4, minutes = $5, \
    version = version + 1 WHERE id = $1 RETURNING version";
const DELETE: &str = "DELETE FROM tasks WHERE id = $1 RETURNING version";

/// The answer of every change to an id that no task has.
pub(crate) const NOT_FOUND: Outcome = Outcome::Refused(Refusal::NotFound);

impl<R: Runtime> Connection<R> {
    /// Inserts a task without paying attention to a key.
    pub(crate) fn insert(&mut self, new: &NewTask) -> Result<TaskId, Failure> {
        let insert = Statement::write(INSERT);
        let insert = insert.bind(new.title.as_str()).bind(new.description.as_str());
        match self.number(insert)? {
            Some(id) => Ok(TaskId(id)),
            None => Err(self.corrupt("an insert gave no id")),
        }
    }

    /// Reads one task.
    pub(crate) fn select(&mut self, id: TaskId) -> Result<Option<Task>, Failure> {
        self.task(Statement::read(SELECT).id(id))
    }

    /// Reads the tasks that `filter` asks for.
    pub(crate) fn list(&mut self, filter: &Filter) -> Result<Vec<Task>, Failure> {
        let text = filter.title_contains.as_deref();
        if text.is_some_and(|text| text.contains('\0')) {
            // No title contains it, and Postgres would refuse even the question.
            return Ok(Vec::new());
        }
        let list = Statement::read(LIST).bind(filter.status.map(Status::as_str)).bind(text);
        let rows = self.rows(list)?;
        rows.iter().map(|row| self.task_of(row)).collect()
    }

    /// Counts the tasks by status.
    pub(crate) fn summary(&mut self) -> Result<Summary, Failure> {
        let mut summary = Summary::default();
        for row in self.rows(Statement::read(COUNT))? {
            let status = self.column::<String>(&row, 0)?;
            let status = status.parse::<Status>().map_err(|error| self.corrupt(error))?;
            summary.add(status, self.unsigned(&row, 1)?);
        }
        Ok(summary)
    }

    /// Counts the tasks in progress besides one; the refusal, if they are `wip_limit` or more.
    pub(crate) fn limit_reached(
        &mut self,
        id: TaskId,
        wip_limit: u32,
    ) -> Result<Option<Outcome>, Failure> {
        let in_progress = self.number(Statement::read(COUNT_OTHERS).id(id))?.unwrap_or(0);
        Ok(limit_reached(in_progress, wip_limit))
    }

    /// Replaces the whole row by `task`, its version too, whatever stands there.
    pub(crate) fn put(&mut self, task: &Task) -> Result<Outcome, Failure> {
        self.change(Statement::write(PUT).content(task).version(task.version))
    }

    /// Reads the task, counts the others in progress, writes the task: three statements, which
    /// are as safe as the transaction around them.
    pub(crate) fn start(&mut self, id: TaskId, wip_limit: u32) -> Result<Outcome, Failure> {
        let Some(mut task) = self.select(id)? else { return Ok(NOT_FOUND) };
        if let Some(refused) = self.limit_reached(id, wip_limit)? {
            return Ok(refused);
        }
        Change::Status(Status::InProgress).apply(&mut task);
        self.put(&task)
    }

    /// Writes a copy over whatever is there: the last writer wins.
    pub(crate) fn save(&mut self, copy: &Task) -> Result<Outcome, Failure> {
        self.change(Statement::write(SAVE).content(copy))
    }

    /// Removes a task, whatever its version.
    pub(crate) fn delete(&mut self, id: TaskId) -> Result<Outcome, Failure> {
        self.change(Statement::write(DELETE).id(id))
    }

    /// Carries out a statement that changes one task and returns its version, or nothing where it
    /// finds no such task.
    pub(crate) fn change(&mut self, statement: Statement) -> Result<Outcome, Failure> {
        let version = self.number(statement)?;
        Ok(version.map_or(NOT_FOUND, |version| Outcome::Applied(Version(version))))
    }

    /// The first column of the only row of a statement, an unsigned number.
    pub(crate) fn number(&mut self, statement: Statement) -> Result<Option<u64>, Failure> {
        let rows = self.rows(statement)?;
        rows.first().map(|row| self.unsigned(row, 0)).transpose()
    }

    /// The only row of a statement as a task.
    pub(crate) fn task(&mut self, statement: Statement) -> Result<Option<Task>, Failure> {
        let rows = self.rows(statement)?;
        rows.first().map(|row| self.task_of(row)).transpose()
    }

    fn task_of(&self, row: &PgRow) -> Result<Task, Failure> {
        row::task(row).map_err(|why| self.corrupt(why))
    }

    pub(crate) fn unsigned(&self, row: &PgRow, at: usize) -> Result<u64, Failure> {
        row::unsigned(row, at).map_err(|why| self.corrupt(why))
    }

    pub(crate) fn column<'r, T>(&self, row: &'r PgRow, at: usize) -> Result<T, Failure>
    where
        T: sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        row.try_get(at).map_err(|error| self.corrupt(error))
    }

    fn corrupt(&self, why: impl ToString) -> Failure {
        StoreError::corrupt(self.place(), why).into()
    }
}

/// The refusal, if `in_progress` tasks besides one are as many as may be, or more.
pub(crate) fn limit_reached(in_progress: u64, wip_limit: u32) -> Option<Outcome> {
    let in_progress = u32::try_from(in_progress).unwrap_or(u32::MAX);
    let refused = Outcome::Refused(Refusal::LimitReached { in_progress });
    (in_progress >= wip_limit).then_some(refused)
}
