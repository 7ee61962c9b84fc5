//! A statement with its arguments, and what it means to a scheduler.

use std::borrow::Cow;

use lab_runtime::Kind;
use lab_task::{Task, TaskId, Version};
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{Encode, Postgres, Type};

/// A statement whose text is constant, so that the server plans it once for each connection.
pub(crate) struct Statement {
    pub(crate) kind: Kind,
    pub(crate) sql: Cow<'static, str>,
    pub(crate) query: Query<'static, Postgres, PgArguments>,
}

impl Statement {
    /// A statement that only looks.
    pub(crate) fn read(sql: &'static str) -> Self {
        Self { kind: Kind::Read, sql: Cow::Borrowed(sql), query: sqlx::query(sql) }
    }

    /// A statement that changes rows or locks them.
    pub(crate) fn write(sql: &'static str) -> Self {
        Self { kind: Kind::Write, sql: Cow::Borrowed(sql), query: sqlx::query(sql) }
    }

    /// The next argument.
    pub(crate) fn bind<'t, T: Encode<'t, Postgres> + Type<Postgres>>(self, value: T) -> Self {
        Self { query: self.query.bind(value), ..self }
    }

    /// The next argument: an id.
    pub(crate) fn id(self, id: TaskId) -> Self {
        self.number(id.0)
    }

    /// The next argument: a version.
    pub(crate) fn version(self, version: Version) -> Self {
        self.number(version.0)
    }

    /// The next argument: an id, a version or a token.
    pub(crate) fn number(self, number: u64) -> Self {
        self.bind(column_of(number))
    }

    /// The next five arguments: what a person knows of a task, behind its id.
    pub(crate) fn content(self, task: &Task) -> Self {
        self.id(task.id)
            .bind(task.title.as_str())
            .bind(task.description.as_str())
            .bind(task.status.as_str())
            .bind(i64::from(task.minutes))
    }
}

/// An id, a version or a token for a column. What does not fit into one was never given out, and
/// neither was -1.
pub(crate) fn column_of(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(-1)
}
