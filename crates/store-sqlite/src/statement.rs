//! Statements that are only carried out, and how long they wait.

use rusqlite::Connection;

/// How often a statement waits for somebody else's lock: about ten seconds in all, because the
/// waits of `Threads` grow to 5 ms.
pub(crate) const WAITS_MAX: u32 = 2_700;

/// Runs a statement that has no parameters and no answer.
pub(crate) fn execute(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}
