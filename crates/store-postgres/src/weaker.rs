//! What a mutant sends instead of what its store says: the same statements without one protection.

use std::borrow::Cow;

use lab_runtime::{Protection, Runtime, lacks};
use lab_store::StoreError;
use sqlx::{AssertSqlSafe, Execute};

use crate::statement::Statement;

const FREE: &str = "(lease_ends > clock_timestamp()) IS NOT TRUE";

/// What stands for each protection in a statement, and what takes its place: every argument is
/// still there, for the statement is given as many as before.
const CLAUSES: [(Protection, &str, &str); 5] = [
    (Protection::RowLock, " FOR UPDATE", ""),
    (Protection::VersionClause, "version = $6", "$6::bigint IS NOT NULL"),
    (Protection::VersionClause, "version = $2", "$2::bigint IS NOT NULL"),
    (Protection::LeaseClause, FREE, "TRUE"),
    (
        Protection::TokenClause,
        "lease_token = $6 AND lease_ends > clock_timestamp()",
        "$6::bigint IS NOT NULL",
    ),
];

/// The beginning of a transaction, at the isolation level below if that is what is lacked.
pub(crate) fn begin<R: Runtime>(begin: &'static str) -> &'static str {
    match begin {
        _ if !lacks::<R>(Protection::Isolation) => begin,
        "BEGIN ISOLATION LEVEL SERIALIZABLE" => "BEGIN ISOLATION LEVEL REPEATABLE READ",
        _ => "BEGIN ISOLATION LEVEL READ COMMITTED",
    }
}

/// The statement without what is lacked.
///
/// # Errors
/// An argument does not fit into a statement at all.
pub(crate) fn statement(
    lacked: Protection,
    mut statement: Statement,
) -> Result<Statement, StoreError> {
    let weaker = text(lacked, &statement.sql);
    if weaker == statement.sql {
        return Ok(statement);
    }
    let arguments = statement.query.take_arguments();
    let arguments = arguments.map_err(|error| StoreError::unavailable(&weaker, error))?;
    let query = sqlx::query_with(AssertSqlSafe(weaker.clone()), arguments.unwrap_or_default());
    Ok(Statement { kind: statement.kind, sql: Cow::Owned(weaker), query })
}

/// The text of a statement without what is lacked.
pub(crate) fn text(lacked: Protection, sql: &str) -> String {
    let clauses = CLAUSES.iter().filter(|(protection, ..)| *protection == lacked);
    clauses.fold(sql.to_owned(), |sql, (_, clause, weaker)| sql.replace(clause, weaker))
}

#[cfg(test)]
mod tests {
    use lab_runtime::{Threads, Without};

    use super::*;

    fn sent(lacked: Protection, sql: &'static str) -> String {
        statement(lacked, Statement::write(sql)).unwrap().sql.into_owned()
    }

    #[test]
    fn a_statement_loses_the_clause_and_keeps_the_rest() {
        let save = "UPDATE tasks SET version = version + 1 WHERE id = $1 AND version = $6";
        let weaker =
            "UPDATE tasks SET version = version + 1 WHERE id = $1 AND $6::bigint IS NOT NULL";
        assert_eq!(sent(Protection::VersionClause, save), weaker);
        assert_eq!(sent(Protection::RowLock, save), save);
        assert_eq!(sent(Protection::RowLock, "SELECT 1 FOR UPDATE"), "SELECT 1");
    }

    #[test]
    fn an_isolation_level_is_lowered_by_one() {
        type Lower = Without<Threads, { Protection::Isolation as u8 }>;
        let serializable = "BEGIN ISOLATION LEVEL SERIALIZABLE";
        assert_eq!(begin::<Lower>(serializable), "BEGIN ISOLATION LEVEL REPEATABLE READ");
        assert_eq!(begin::<Threads>(serializable), serializable);
    }
}
