//! Faults as choices of the scheduler: which may happen at a statement, and how they are made.

use std::io;

use lab_runtime::{Fault, Kind};
use sqlx::postgres::PgConnection;

use crate::failure::Effect;

/// How much of what others do a transaction may fail for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// Nothing: it waits instead.
    ReadCommitted,
    /// Writes.
    RepeatableRead,
    /// Anything.
    Serializable,
}

impl Isolation {
    /// Of the transaction that this statement begins, or `default`.
    pub(crate) fn of(begin: &str, default: Self) -> Self {
        match begin.rsplit_once("LEVEL ").map(|(_, level)| level) {
            Some("SERIALIZABLE") => Self::Serializable,
            Some("REPEATABLE READ") => Self::RepeatableRead,
            Some(_) => Self::ReadCommitted,
            None => default,
        }
    }
}

/// What Postgres itself might do at such a statement.
pub(crate) fn possible(
    isolation: Isolation,
    kind: Kind,
    sql: &str,
    effect: Effect,
) -> &'static [Fault] {
    let is_control = sql == "ROLLBACK" || sql.starts_with("BEGIN");
    let may_conflict = match isolation {
        Isolation::ReadCommitted => false,
        Isolation::RepeatableRead => kind == Kind::Write,
        Isolation::Serializable => true,
    };
    match (may_conflict && !is_control, effect) {
        (true, Effect::Perhaps) => &[Fault::Serialization, Fault::LostAnswer],
        (true, Effect::None) => &[Fault::Serialization],
        (false, Effect::Perhaps) => &[Fault::LostAnswer],
        (false, Effect::None) => &[],
    }
}

const RAISE: &str = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'serialization_failure', \
                     MESSAGE = 'could not serialize access (raised by the lab)'; END $$";

/// Has the server itself raise the error, in place of a statement. What it says to that is what
/// it would say to a conflict, and the transaction is undone.
pub(crate) async fn conflict(connection: &mut PgConnection, is_commit: bool) -> sqlx::Error {
    let raised = sqlx::raw_sql(RAISE).execute(&mut *connection).await;
    if is_commit {
        // A COMMIT that fails ends the transaction all the same.
        let _ = sqlx::raw_sql("ROLLBACK").execute(connection).await;
    }
    raised.err().unwrap_or_else(lost_answer)
}

/// What a client sees of an answer that does not arrive.
pub(crate) fn lost_answer() -> sqlx::Error {
    let why = "the answer did not arrive (by the lab)";
    sqlx::Error::Io(io::Error::new(io::ErrorKind::UnexpectedEof, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_fail_follows_the_isolation_level() {
        let level = |begin| Isolation::of(begin, Isolation::ReadCommitted);
        assert_eq!(level("BEGIN"), Isolation::ReadCommitted);
        assert_eq!(level("BEGIN ISOLATION LEVEL REPEATABLE READ"), Isolation::RepeatableRead);
        let faults = |begin, kind, sql, effect| possible(level(begin), kind, sql, effect).len();
        assert_eq!(faults("BEGIN", Kind::Write, "UPDATE", Effect::None), 0);
        assert_eq!(faults("BEGIN", Kind::Release, "COMMIT", Effect::Perhaps), 1);
        let serializable = "BEGIN ISOLATION LEVEL SERIALIZABLE";
        assert_eq!(faults(serializable, Kind::Read, "SELECT", Effect::None), 1);
        assert_eq!(faults(serializable, Kind::Release, "COMMIT", Effect::Perhaps), 2);
        assert_eq!(faults(serializable, Kind::Release, "ROLLBACK", Effect::None), 0);
    }
}
