//! Stores that keep tasks in SQLite: one file, one table, several ways to change a row.
//!
//! Each store opens the same database, so they differ in nothing but the statements that they
//! send. A change is durable when it was acknowledged: the log is written ahead and synced with
//! every commit (`journal_mode = WAL`, `synchronous = FULL`).
//!
//! SQLite does not look whether an open file still has its name. Who removes the database under an
//! open store loses, without an error, what is written from then on, until a session is opened
//! anew: "Unlinking or renaming a database file while in use" in
//! <https://www.sqlite.org/howtocorrupt.html>.

mod busy;
mod connection;
mod failure;
mod inside;
mod place;
mod rows;
mod schema;
mod spanned;
mod statement;

#[cfg(test)]
mod tests;

lab_store::registry! {
    family "sqlite" needs Database inside inside::inside;
    mod autocommit: Autocommit;
    mod deferred: Deferred without
        transaction, retry, whole_list, own_id, only_existing,
        sync unseen "no scenario cuts the power yet";
    mod immediate: Immediate without
        transaction, write_lock, busy_wait, whole_list, own_id, only_existing,
        sync unseen "no scenario cuts the power yet";
    mod optimistic: Optimistic without
        atomic_edit, version_check, idempotency_key, whole_list, own_id, only_existing,
        sync unseen "no scenario cuts the power yet";
    mod batching: Batching without
        atomic_edit, transaction, write_lock, whole_list, own_id, only_existing,
        sync unseen "no scenario cuts the power yet";
}

/// The version of the SQLite that is built in.
pub fn version() -> &'static str {
    rusqlite::version()
}
