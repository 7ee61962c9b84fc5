//! Rows as tasks, and the statements that are the same in every store.
//!
//! A statement that changes something is stepped to its end, also after it has returned its row:
//! only there SQLite commits, so only there it can say that it could not.

use lab_task::{Filter, NewTask, Outcome, Refusal, Status, Summary, Task, TaskId, Version};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Params, Row};

/// Reads one task with `sql`.
pub(crate) fn select(
    connection: &Connection,
    sql: &str,
    id: TaskId,
) -> rusqlite::Result<Option<Task>> {
    connection.prepare_cached(sql)?.query_one([key(id)], task).optional()
}

/// Looks at or changes at most one row with `sql`, which returns its version.
pub(crate) fn version(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> rusqlite::Result<Option<Version>> {
    let first_column = |row: &Row<'_>| Ok(Version(unsigned(row, 0)?));
    connection.prepare_cached(sql)?.query_one(params, first_column).optional()
}

/// Writes a copy back with `sql`: ?1 is the id, ?2 to ?5 are the fields.
pub(crate) fn write_back(
    connection: &Connection,
    sql: &str,
    copy: &Task,
) -> rusqlite::Result<Outcome> {
    let (title, description) = (copy.title.as_str(), copy.description.as_str());
    let params = (key(copy.id), title, description, copy.status.as_str(), copy.minutes);
    Ok(applied(version(connection, sql, params)?))
}

/// Adds a task with `sql`, which returns its id.
pub(crate) fn insert(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> rusqlite::Result<TaskId> {
    let id = |row: &Row<'_>| Ok(TaskId(unsigned(row, 0)?));
    connection.prepare_cached(sql)?.query_one(params, id)
}

/// Adds a task, whether or not a retry did so before.
pub(crate) fn create(connection: &Connection, new: &NewTask) -> rusqlite::Result<TaskId> {
    let sql = "INSERT INTO task (title, description, status, minutes, version) \
               VALUES (?1, ?2, 'todo', 0, 1) RETURNING id";
    insert(connection, sql, (new.title.as_str(), new.description.as_str()))
}

/// The tasks that `filter` asks for.
pub(crate) fn list(connection: &Connection, filter: &Filter) -> rusqlite::Result<Vec<Task>> {
    let sql = "SELECT id, title, description, status, minutes, version FROM task \
               WHERE (?1 IS NULL OR status = ?1) AND (?2 IS NULL OR instr(title, ?2) > 0) \
               ORDER BY id";
    let params = (filter.status.map(Status::as_str), filter.title_contains.as_deref());
    connection.prepare_cached(sql)?.query_map(params, task)?.collect()
}

/// How many tasks there are of each status.
pub(crate) fn summary(connection: &Connection) -> rusqlite::Result<Summary> {
    let sql = "SELECT status, count(*) FROM task GROUP BY status";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut summary = Summary::default();
    while let Some(row) = rows.next()? {
        let status = row.get::<_, String>(0)?.parse::<Status>();
        summary.add(status.map_err(|cause| invalid("a count", cause))?, unsigned(row, 1)?);
    }
    Ok(summary)
}

/// Removes a task, whatever its version.
pub(crate) fn delete(connection: &Connection, id: TaskId) -> rusqlite::Result<Outcome> {
    let sql = "DELETE FROM task WHERE id = ?1 RETURNING version";
    Ok(applied(version(connection, sql, [key(id)])?))
}

/// Looks, then sets a task in progress: the limit holds if nobody can come in between.
pub(crate) fn start(
    connection: &Connection,
    id: TaskId,
    wip_limit: u32,
) -> rusqlite::Result<Outcome> {
    match others_in_progress(connection, id)? {
        None => Ok(Outcome::Refused(Refusal::NotFound)),
        Some(in_progress) if in_progress >= wip_limit => {
            Ok(Outcome::Refused(Refusal::LimitReached { in_progress }))
        }
        Some(_) => {
            let sql = "UPDATE task SET status = 'in_progress', version = version + 1 \
                       WHERE id = ?1 RETURNING version";
            Ok(applied(version(connection, sql, [key(id)])?))
        }
    }
}

/// How many tasks other than this one are in progress; `None` where there is no such task.
pub(crate) fn others_in_progress(
    connection: &Connection,
    id: TaskId,
) -> rusqlite::Result<Option<u32>> {
    let sql = "SELECT (SELECT count(*) FROM task WHERE status = 'in_progress' AND id <> ?1) \
               FROM task WHERE id = ?1";
    connection.prepare_cached(sql)?.query_one([key(id)], |row| row.get(0)).optional()
}

/// The outcome of a statement that found a row, or did not.
fn applied(version: Option<Version>) -> Outcome {
    version.map_or(Outcome::Refused(Refusal::NotFound), Outcome::Applied)
}

/// An id as SQLite has numbers: signed. The largest ids become negative, which no row has.
pub(crate) fn key(id: TaskId) -> i64 {
    id.0.cast_signed()
}

/// The columns `id, title, description, status, minutes, version`.
fn task(row: &Row<'_>) -> rusqlite::Result<Task> {
    let id = TaskId(unsigned(row, 0)?);
    let text = |column| row.get::<_, String>(column);
    Ok(Task {
        id,
        title: text(1)?.try_into().map_err(|cause| invalid(id, cause))?,
        description: text(2)?.try_into().map_err(|cause| invalid(id, cause))?,
        status: text(3)?.parse().map_err(|cause| invalid(id, cause))?,
        minutes: row.get(4).map_err(|cause| invalid(id, cause))?,
        version: Version(unsigned(row, 5)?),
    })
}

fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|cause| invalid(format!("the number {number}"), cause))
}

/// A row that the checks of this store would not have let in.
fn invalid(what: impl ToString, cause: impl ToString) -> rusqlite::Error {
    let message = format!("{}: {}", what.to_string(), cause.to_string());
    rusqlite::Error::FromSqlConversionFailure(0, Type::Null, message.into())
}
