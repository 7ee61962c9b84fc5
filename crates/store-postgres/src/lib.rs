//! Stores that keep tasks in Postgres.

mod backend;
mod connection;
mod control;
mod database;
mod failure;
mod fault;
mod inside;
mod link;
mod patience;
mod pipe;
mod row;
mod session;
mod statement;
mod tasks;
mod weaker;

pub use database::drop_namespace;

lab_store::registry! {
    family "postgres" needs Postgres inside inside::inside;
    mod autocommit: Autocommit;
    mod read_committed: ReadCommitted;
    mod for_update: ForUpdate without row_lock, whole_list, own_id, only_existing;
    mod pipelined: Pipelined without row_lock, whole_list, own_id, only_existing;
    mod optimistic: Optimistic without
        version_clause, idempotency_key, whole_list, own_id, only_existing;
    mod repeatable_read: RepeatableRead without
        isolation, retry, whole_list, own_id, only_existing;
    mod serializable: Serializable without
        isolation, retry, whole_list, own_id, only_existing;
    mod single_statement: SingleStatement without
        atomic_edit, whole_list, own_id, only_existing;
    mod leased: Leased without
        row_lock, lease_clause, sole_owner, token_clause, whole_list, own_id;
}
